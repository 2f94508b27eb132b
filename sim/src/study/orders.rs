//! Orders of people that may be drawn: their kinds, and what is in them.
//!
//! What people do wrong in the way of the fault catalogue (a weighing that is not one, a drug that is another) is a
//! fault and is not drawn here. What is left is what anybody may do at any moment, at the wrong one too.

use infusion_types::Alarm;

use crate::catalogue::{short, wide};
use crate::scenario::{AlarmName, Doing, Entered, RawNumber, UserName};

/// Drug that is refilled, µg/mL.
pub(super) const DRUG: (f64, f64) = (100.0, 2_000.0);
/// How much is refilled, mL.
pub(super) const VOLUME_ML: (f64, f64) = (2.0, 38.0);
/// A dose that is asked for, as a multiple of the one before the wean.
const DOSE_TIMES: (f64, f64) = (0.5, 2.0);
/// The dose before the wean where a scenario leaves it to the patient, µg/day.
const USUAL_DOSE: f64 = 400.0;

/// Kinds of things that are done, by their names.
pub(super) const DONE: [&str; 10] = [
    "pause",
    "resume",
    "stop",
    "skip",
    "flag-withdrawal",
    "flag-overdose",
    "pause-audio",
    "change-battery",
    "authorise",
    "refill",
];

/// Kinds of things that one person says to the controller alone.
pub(super) const SAID: [&str; 4] = ["say-dose", "say-seen", "say-silence", "say-over"];

/// Their kind, by its name.
pub(super) const fn name(what: &Doing) -> &'static str {
    match what {
        Doing::Pause => "pause",
        Doing::Resume => "resume",
        Doing::Stop => "stop",
        Doing::SkipDecrement => "skip",
        Doing::FlagWithdrawal => "flag-withdrawal",
        Doing::FlagOverdose => "flag-overdose",
        Doing::PauseAudio => "pause-audio",
        Doing::ChangeBattery => "change-battery",
        Doing::Authorise { .. } => "authorise",
        Doing::Refill { .. } => "refill",
        Doing::Enter { what, .. } => match what {
            Entered::Dose { .. } => "say-dose",
            Entered::Drug { .. } => "say-drug",
            Entered::Refilled { .. } => "say-refilled",
            Entered::Weighed { .. } => "say-weighed",
            Entered::Acknowledges { .. } => "say-seen",
            Entered::PausesAudio => "say-silence",
            Entered::ConfirmsEnd => "say-over",
        },
    }
}

/// Something that is done, by its place in [`DONE`], for a patient who had `dose` µg/day.
pub(super) fn done(kind: usize, dose: Option<f64>, mut uniform: impl FnMut() -> f64) -> Doing {
    match kind {
        0 => Doing::Pause,
        1 => Doing::Resume,
        2 => Doing::Stop,
        3 => Doing::SkipDecrement,
        4 => Doing::FlagWithdrawal,
        5 => Doing::FlagOverdose,
        6 => Doing::PauseAudio,
        7 => Doing::ChangeBattery,
        8 => Doing::Authorise {
            ug_per_day: some_dose(dose, uniform()),
        },
        _ => Doing::Refill {
            drug_ug_per_ml: wide(DRUG, uniform()) as u32,
            volume_ml: VOLUME_ML.0 + (VOLUME_ML.1 - VOLUME_ML.0) * uniform(),
        },
    }
}

/// Something that is said, by its place in [`SAID`], by one of the two users or by nobody who is known.
pub(super) fn said(kind: usize, dose: Option<f64>, mut uniform: impl FnMut() -> f64) -> Doing {
    let by = match (uniform() * 4.0) as u32 {
        0 | 1 => UserName::First,
        2 => UserName::Second,
        _ => UserName::Stranger,
    };
    let what = match kind {
        0 => Entered::Dose {
            ug_per_day: some_dose(dose, uniform()),
        },
        1 => {
            let place = (uniform() * Alarm::ALL.len() as f64) as usize;
            let alarm = Alarm::ALL.get(place).copied();
            Entered::Acknowledges {
                alarm: AlarmName(alarm.unwrap_or(Alarm::LinkLost)),
            }
        }
        2 => Entered::PausesAudio,
        _ => Entered::ConfirmsEnd,
    };
    Doing::Enter { by, what }
}

/// The same with numbers of three digits, so that people can read them.
pub(super) fn rounded(mut what: Doing) -> Doing {
    if let Doing::Authorise { ug_per_day }
    | Doing::Enter {
        what: Entered::Dose { ug_per_day },
        ..
    } = &mut what
    {
        ug_per_day.0 = short(ug_per_day.0);
    }
    if let Doing::Refill { volume_ml, .. } = &mut what {
        *volume_ml = short(*volume_ml);
    }
    what
}

fn some_dose(before: Option<f64>, share: f64) -> RawNumber {
    RawNumber(before.unwrap_or(USUAL_DOSE) * wide(DOSE_TIMES, share))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_drawn_is_of_its_kind_and_within_its_range() {
        for share in [0.0, 0.3, 0.999_999] {
            for (kind, known) in DONE.iter().enumerate() {
                assert_eq!(name(&done(kind, None, || share)), *known);
            }
            for (kind, known) in SAID.iter().enumerate() {
                assert_eq!(name(&said(kind, None, || share)), *known);
            }
            let asked = done(8, Some(100.0), || share);
            let Doing::Authorise { ug_per_day } = asked else {
                panic!("{asked:?}");
            };
            assert!((50.0..=200.0).contains(&ug_per_day.0), "{ug_per_day:?}");
            let filled = done(9, None, || share);
            let Doing::Refill {
                drug_ug_per_ml,
                volume_ml,
            } = filled
            else {
                panic!("{filled:?}");
            };
            assert!((100..=2_000).contains(&drug_ug_per_ml), "{filled:?}");
            assert!((2.0..=38.0).contains(&volume_ml), "{filled:?}");
        }
    }
}
