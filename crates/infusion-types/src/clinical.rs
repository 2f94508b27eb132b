//! What people observe and what they order.

use crate::{NoData, Temperature, Timestamp, door};

/// One number on an assessment sheet, raw, or why it is missing.
pub type Entry = Result<f64, NoData>;

/// One full look at the patient, as it was typed in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Assessment {
    /// When the patient was seen.
    pub at: Timestamp,
    /// Modified Ashworth score, coded 0, 1, 1.5, 2, 3 or 4.
    pub spasticity: Entry,
    /// Penn spasm frequency, 0 to 4.
    pub spasms: Entry,
    /// Richmond agitation-sedation score, −5 to 4.
    pub sedation: Entry,
    /// Breaths per minute.
    pub breaths_per_min: Entry,
    /// Oxygen saturation, %.
    pub saturation_percent: Entry,
    /// Heart beats per minute.
    pub heart_rate_per_min: Entry,
    /// Systolic blood pressure, mmHg.
    pub systolic_mmhg: Entry,
    /// Body temperature, °C.
    pub temperature_c: Entry,
    /// Itch, 0 to 10.
    pub itch: Entry,
}

/// Modified Ashworth score in tenths: 0, 10, 15, 20, 30 or 40.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Ashworth(u8);

impl Ashworth {
    /// The six grades of the scale, in tenths; the grade 1+ is coded 1.5.
    pub const GRADES: [u8; 6] = [0, 10, 15, 20, 30, 40];

    /// The grade in tenths.
    #[must_use]
    pub const fn tenths(self) -> u8 {
        self.0
    }

    /// The grade with this code.
    ///
    /// # Errors
    /// A raw number that is not a code of the scale is refused with its bits.
    pub fn admit(raw: f64) -> Result<Self, NoData> {
        let thousandths = door::score_thousandths(raw, 0.0, 4.0)?;
        Self::GRADES
            .into_iter()
            .find(|tenths| i64::from(*tenths).saturating_mul(100) == thousandths)
            .map(Self)
            .ok_or(NoData::OutOfRange {
                bits: raw.to_bits(),
            })
    }
}

/// Richmond agitation-sedation score, −5 (unarousable) to 4 (combative).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Rass(i8);

impl Rass {
    /// The score.
    #[must_use]
    pub const fn get(self) -> i8 {
        self.0
    }
}

/// The vital signs of an assessment behind the door.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Vitals {
    /// Breaths per minute, 0 to 80.
    pub breaths_per_min: Result<u16, NoData>,
    /// Oxygen saturation, 0 to 100 %.
    pub saturation_percent: Result<u16, NoData>,
    /// Heart beats per minute, 0 to 300.
    pub heart_rate_per_min: Result<u16, NoData>,
    /// Systolic blood pressure, 0 to 300 mmHg.
    pub systolic_mmhg: Result<u16, NoData>,
    /// Body temperature, 25 to 45 °C.
    pub temperature: Result<Temperature, NoData>,
}

/// An assessment behind the door.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Observed {
    /// When the patient was seen.
    pub at: Timestamp,
    /// Modified Ashworth score.
    pub spasticity: Result<Ashworth, NoData>,
    /// Penn spasm frequency.
    pub spasms: Result<u16, NoData>,
    /// Richmond agitation-sedation score.
    pub sedation: Result<Rass, NoData>,
    /// Vital signs.
    pub vitals: Vitals,
    /// Itch, 0 to 10.
    pub itch: Result<u16, NoData>,
}

/// How many withdrawal signs stand, 0 to 5.
pub type SignCount = u8;

impl Assessment {
    /// Every entry through its door.
    #[must_use]
    pub fn admit(&self) -> Observed {
        Observed {
            at: self.at,
            spasticity: self.spasticity.and_then(Ashworth::admit),
            spasms: whole(self.spasms, 4.0),
            sedation: self.sedation.and_then(sedation),
            vitals: Vitals {
                breaths_per_min: whole(self.breaths_per_min, 80.0),
                saturation_percent: whole(self.saturation_percent, 100.0),
                heart_rate_per_min: whole(self.heart_rate_per_min, 300.0),
                systolic_mmhg: whole(self.systolic_mmhg, 300.0),
                temperature: self.temperature_c.and_then(temperature),
            },
            itch: whole(self.itch, 10.0),
        }
    }
}

impl Observed {
    /// Whether everything that the wean is judged by was seen.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.first_absence().is_none()
    }

    /// The first number that was refused at the door, if any was.
    #[must_use]
    pub fn refused(&self) -> Option<NoData> {
        self.absences()
            .into_iter()
            .flatten()
            .find(|reason| reason.is_refusal())
    }

    fn first_absence(&self) -> Option<NoData> {
        self.absences().into_iter().flatten().next()
    }

    fn absences(&self) -> [Option<NoData>; 9] {
        [
            self.spasticity.err(),
            self.spasms.err(),
            self.sedation.err(),
            self.vitals.breaths_per_min.err(),
            self.vitals.saturation_percent.err(),
            self.vitals.heart_rate_per_min.err(),
            self.vitals.systolic_mmhg.err(),
            self.vitals.temperature.err(),
            self.itch.err(),
        ]
    }
}

fn sedation(raw: f64) -> Result<Rass, NoData> {
    let thousandths = door::score_thousandths(raw, -5.0, 4.0)?;
    let refused = NoData::OutOfRange {
        bits: raw.to_bits(),
    };
    match thousandths.checked_rem(1_000) {
        Some(0) => {
            let score = thousandths.checked_div(1_000).unwrap_or_default();
            i8::try_from(score).map(Rass).map_err(|_| refused)
        }
        Some(_) | None => Err(refused),
    }
}

fn temperature(raw: f64) -> Result<Temperature, NoData> {
    door::score_thousandths(raw, 25.0, 45.0).map(Temperature::from_millidegrees)
}

/// A count from zero to `most`, to the nearest whole number.
fn whole(raw: Entry, most: f64) -> Result<u16, NoData> {
    let thousandths = door::score_thousandths(raw?, 0.0, most)?;
    let nearest = thousandths
        .saturating_add(500)
        .checked_div(1_000)
        .unwrap_or_default();
    Ok(u16::try_from(nearest).unwrap_or_default())
}

/// A person who can be told apart from others.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct User(pub u8);

impl User {
    /// Whoever stands at the panel without having said who they are.
    pub const STRANGER: Self = Self(0);
}

/// Whether the patient side of the line is open or on the patient.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Line {
    /// Nobody is at the far end.
    Open,
    /// The patient is.
    Connected,
}

/// Something that a person wants of the controller.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Order {
    /// Who.
    pub by: User,
    /// What.
    pub what: OrderKind,
}

/// What can be ordered. Numbers are raw: they pass the door in the controller.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OrderKind {
    /// A daily dose, µg/day. Takes effect when a second user gives the same.
    Authorise(f64),
    /// Begin therapy at the authorised dose.
    Start,
    /// Stop the pump for a moment.
    Pause,
    /// Go on after a pause or a stop.
    Resume,
    /// Stop the pump until somebody resumes.
    Stop,
    /// Keep priming; renewed at least every 5 s.
    HoldToRun,
    /// The drug in the reservoir, µg/mL. Takes effect when a second user gives the same.
    SetConcentration(f64),
    /// Leave the next decrement out.
    SkipDecrement,
    /// The wean is over.
    ConfirmComplete,
    /// A person sees withdrawal.
    FlagWithdrawal,
    /// A person sees overdose.
    FlagOverdose,
    /// An alarm was seen.
    Acknowledge(crate::Alarm),
    /// Silence for at most two minutes.
    PauseAudio,
    /// Whether the patient side is open or connected.
    DeclareLine(Line),
    /// Volume between pump and tip that holds no drug, µL.
    EnterUnprimed(f64),
    /// The reservoir as weighed, µL.
    VolumeCheck(f64),
    /// The reservoir as filled, µL.
    Refilled(f64),
    /// The catheter is out.
    CatheterOut,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calm() -> Assessment {
        Assessment {
            at: Timestamp::ZERO,
            spasticity: Ok(1.5),
            spasms: Ok(1.0),
            sedation: Ok(0.0),
            breaths_per_min: Ok(16.0),
            saturation_percent: Ok(97.0),
            heart_rate_per_min: Ok(76.4),
            systolic_mmhg: Ok(124.0),
            temperature_c: Ok(36.8),
            itch: Ok(0.0),
        }
    }

    #[test]
    fn a_full_assessment_passes() {
        let observed = calm().admit();
        assert!(observed.is_full());
        assert_eq!(observed.spasticity.map(Ashworth::tenths), Ok(15));
        assert_eq!(observed.vitals.heart_rate_per_min, Ok(76));
    }

    #[test]
    fn grades_between_the_codes_are_refused() {
        for raw in [0.5, 1.2, 2.5, 3.999, 4.1, f64::NAN] {
            assert!(Ashworth::admit(raw).is_err(), "{raw}");
        }
    }

    #[test]
    fn one_bad_entry_leaves_the_others() {
        let observed = Assessment {
            sedation: Ok(f64::NAN),
            ..calm()
        }
        .admit();
        assert!(!observed.is_full());
        assert!(observed.refused().is_some());
        assert_eq!(observed.vitals.breaths_per_min, Ok(16));
    }
}
