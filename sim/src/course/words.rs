//! Words for what the controller decides and what people do: one place, and no enum left out.

use infusion_types::{
    Alarm, Asks, DailyDose, DoseRate, HoldCause, Line, Mode, NoData, Order, OrderKind, Reason,
    Refusal, StopCause, Timestamp, Wait,
};

use crate::clock::SimTime;

/// A moment as day and time of day since the explant, such as `d2 03:15`; the first day is d1.
#[must_use]
pub fn stamp(at: SimTime) -> String {
    let minutes = at.millis() / 60_000;
    format!(
        "d{} {:02}:{:02}",
        minutes / 1_440 + 1,
        minutes / 60 % 24,
        minutes % 60
    )
}

/// A moment of the controller's own clock, which is switched on at the explant.
fn stamp_local(at: Timestamp) -> String {
    stamp(SimTime::from_millis(at.millis()))
}

/// A rate over a day, µg.
#[must_use]
pub fn ug_per_day(rate: DoseRate) -> f64 {
    rate.nanograms_per_hour() as f64 * 24.0 / 1e3
}

fn rate(rate: DoseRate) -> String {
    format!("{:.1} µg/day", ug_per_day(rate))
}

fn dose(dose: DailyDose) -> String {
    format!("{:.1} µg/day", dose.nanograms_per_day() as f64 / 1e3)
}

fn change(from: DoseRate, to: DoseRate) -> String {
    format!(
        "plan {:.1} -> {:.1} µg/day",
        ug_per_day(from),
        ug_per_day(to)
    )
}

/// Thousandths as a percentage, without a digit that says nothing.
fn percent(permille: u32) -> String {
    format!("{} %", f64::from(permille) / 10.0)
}

/// An alarm by number and name, in lower case.
#[must_use]
pub fn alarm(alarm: Alarm) -> String {
    format!(
        "{} {}",
        alarm.id(),
        alarm.name().to_lowercase().replace('_', " ")
    )
}

/// A mode.
#[must_use]
pub const fn mode(mode: Mode) -> &'static str {
    mode.name()
}

/// Which rule moved, held or refused the dose. `rungs` are the decrements of the protocol, ‰.
#[must_use]
pub fn reason(reason: &Reason, rungs: &[u32]) -> String {
    match reason {
        Reason::NotStarted => "no therapy yet".to_owned(),
        Reason::Priming => "the open line is being primed".to_owned(),
        Reason::Started { at } => format!("therapy runs at {}", rate(*at)),
        Reason::Decremented {
            from,
            to,
            permille,
            cut,
        } => {
            format!(
                "{}: {}",
                change(*from, *to),
                permitted(*permille, *cut, rungs)
            )
        }
        Reason::Authorised { from, to } => {
            format!("{}: authorised by two users", change(*from, *to))
        }
        Reason::Waiting(cause) => wait(cause),
        Reason::Held(cause) => hold(cause),
        Reason::Refused(what) => refusal(what),
        Reason::Stopped(cause) => format!("stopped: {}", stop(*cause)),
        Reason::Completed => "the wean is complete".to_owned(),
    }
}

/// The same for a line that shows the plan anyway.
#[must_use]
pub fn brief(told: &Reason, rungs: &[u32]) -> String {
    match told {
        Reason::Decremented { permille, cut, .. } => permitted(*permille, *cut, rungs),
        Reason::Authorised { to, .. } => format!("authorised by two users: {}", rate(*to)),
        Reason::NotStarted
        | Reason::Priming
        | Reason::Started { .. }
        | Reason::Waiting(_)
        | Reason::Held(_)
        | Reason::Refused(_)
        | Reason::Stopped(_)
        | Reason::Completed => reason(told, rungs),
    }
}

/// What the response permits, as one of the protocol's choices.
fn permitted(permille: u32, cut: bool, rungs: &[u32]) -> String {
    let place = rungs.iter().position(|rung| *rung == permille);
    let choice = match place {
        Some(place) if rungs.len() > 1 => format!(" (rung {} of {})", place + 1, rungs.len()),
        Some(_) | None => String::new(),
    };
    let cut = if cut { ", cut short by the guard" } else { "" };
    format!("response permits {}{choice}{cut}", percent(permille))
}

/// What the next decrement waits for.
#[must_use]
pub fn wait(wait: &Wait) -> String {
    match wait {
        Wait::NotDue { at } if *at == Timestamp::NEVER => "no decrement is due".to_owned(),
        Wait::NotDue { at } => format!("next decrement due {}", stamp_local(*at)),
        Wait::FreshAssessment => "waits for a fresh assessment".to_owned(),
        Wait::SecondAssessment => "waits for a second assessment that permits it".to_owned(),
        Wait::Response => "waits for a better response: no rung is permitted".to_owned(),
        Wait::Alarm(by) => format!("waits while {} stands", alarm(*by)),
        Wait::AfterWithdrawal => "waits for the hours without withdrawal signs".to_owned(),
        Wait::Bridge => "waits until the new drug has reached the tip".to_owned(),
        Wait::LastRung => "the last rung is reached".to_owned(),
        Wait::Slope => "waits: the plan has fallen enough for these 24 h".to_owned(),
        Wait::Skipped => "a decrement is left out as ordered".to_owned(),
        Wait::Report => "waits for a word from the pump".to_owned(),
    }
}

/// Why the wean holds.
#[must_use]
pub fn hold(cause: &HoldCause) -> String {
    match cause {
        HoldCause::Alarm(by) => format!("holds: {}", alarm(*by)),
        HoldCause::OverdoseUnconfirmed => {
            "holds: a first sign of overdose, not confirmed".to_owned()
        }
        HoldCause::Unreconciled => "holds: the pump has not been read since the restart".to_owned(),
    }
}

/// Why nothing is infused.
#[must_use]
pub const fn stop(cause: StopCause) -> &'static str {
    match cause {
        StopCause::OverDelivery => "the pump gives more than planned",
        StopCause::FreeFlow => "free flow",
        StopCause::ReverseFlow => "flow runs backwards",
        StopCause::OverdoseSigns => "signs of overdose",
        StopCause::OcclusionDownstream => "the line is blocked behind the pump",
        StopCause::OcclusionUpstream => "the line is blocked before the pump",
        StopCause::Disconnected => "the line has come apart",
        StopCause::ConcentrationMismatch => "the drug is not the one expected",
        StopCause::CsfOverdrainage => "too much CSF drains",
        StopCause::Air => "air in the line",
        StopCause::Ordered => "people decide when it goes on",
        StopCause::Paused => "a person paused it",
        StopCause::Weaned => "the wean is complete",
        StopCause::Primed => "the line is primed, nothing is started",
    }
}

/// What was refused, and why.
#[must_use]
pub fn refusal(what: &Refusal) -> String {
    let why = match what {
        Refusal::BadValue(why) => return format!("refused: a number that {}", no_data(*why)),
        Refusal::BelowPumpFloor { wanted, least } => {
            format!(
                "{} is less than the pump can deliver, {}",
                rate(*wanted),
                rate(*least)
            )
        }
        Refusal::AbovePumpMost { wanted } => {
            format!("{} is more than the pump can deliver", rate(*wanted))
        }
        Refusal::AboveCeiling { wanted } => format!("{} is above the ceiling", dose(*wanted)),
        Refusal::AboveGapDose { wanted, most } => {
            format!(
                "{} is more than may be given after the gap, {}",
                dose(*wanted),
                dose(*most)
            )
        }
        Refusal::SlopeSpent => "the plan has fallen enough for these 24 h".to_owned(),
        Refusal::NotAuthorised => "nothing is authorised, or not recently".to_owned(),
        Refusal::GapNeedsAuthorisation => "after the gap a new authorisation is needed".to_owned(),
        Refusal::NotPrimed => "the line is not primed".to_owned(),
        Refusal::LineNotOpen => "the line is not declared open".to_owned(),
        Refusal::WrongMode(now) => format!("not possible in mode {}", mode(*now)),
        Refusal::AlarmStands(by) => format!("{} must go, and be acknowledged, first", alarm(*by)),
        Refusal::NotAtFloor => "the wean is not at its end".to_owned(),
        Refusal::TooManyFronts => {
            "as many changes of drug as can be followed are on their way".to_owned()
        }
        Refusal::PumpSilent => "the pump cannot be heard".to_owned(),
        Refusal::Stranger => "nobody knows who asks for it".to_owned(),
        Refusal::ByPump => "the pump has not taken a command".to_owned(),
    };
    format!("refused: {why}")
}

/// Why there is no number.
#[must_use]
pub fn no_data(why: NoData) -> String {
    let shown = |bits: u64| f64::from_bits(bits);
    match why {
        NoData::NotFitted => "nobody measures".to_owned(),
        NoData::NeverSeen => "has not come yet".to_owned(),
        NoData::SensorFault => "the sensor itself calls broken".to_owned(),
        NoData::LinkSilent => "does not come: the other end is silent".to_owned(),
        NoData::NotFinite { bits } => format!("is not finite ({})", shown(bits)),
        NoData::Negative { bits } => format!("is negative ({})", shown(bits)),
        NoData::OutOfRange { bits } => format!("is out of range ({})", shown(bits)),
    }
}

/// What a person wants.
#[must_use]
pub fn order(order: &Order) -> String {
    let by = order.by.0;
    let what = match order.what {
        OrderKind::Authorise(ug) => format!("authorises {ug:.1} µg/day"),
        OrderKind::Start => "starts the therapy".to_owned(),
        OrderKind::Pause => "pauses the pump".to_owned(),
        OrderKind::Resume => "resumes".to_owned(),
        OrderKind::Stop => "stops the pump".to_owned(),
        OrderKind::HoldToRun => "holds the prime button".to_owned(),
        OrderKind::SetConcentration(drug) => format!("enters a drug of {drug} µg/mL"),
        OrderKind::SkipDecrement => "leaves the next decrement out".to_owned(),
        OrderKind::ConfirmComplete => "confirms that the wean is over".to_owned(),
        OrderKind::FlagWithdrawal => "sees withdrawal".to_owned(),
        OrderKind::FlagOverdose => "sees overdose".to_owned(),
        OrderKind::Acknowledge(seen) => format!("acknowledges {}", alarm(seen)),
        OrderKind::PauseAudio => "silences the alarms for a moment".to_owned(),
        OrderKind::DeclareLine(Line::Open) => "declares the line open".to_owned(),
        OrderKind::DeclareLine(Line::Connected) => "declares the line connected".to_owned(),
        OrderKind::EnterUnprimed(ul) => format!("enters an unprimed volume of {ul:.0} µL"),
        OrderKind::VolumeCheck(ul) => format!("weighs the reservoir: {:.2} mL", ul / 1e3),
        OrderKind::Refilled(ul) => format!("refills the reservoir with {:.1} mL", ul / 1e3),
        OrderKind::CatheterOut => "takes the catheter out".to_owned(),
    };
    format!("user {by} {what}")
}

/// What the controller asks of people, each in its place; none where it does not.
#[must_use]
pub fn asks(asks: &Asks) -> [Option<String>; 6] {
    [
        asks.weighing.then(|| "asks for a weighing".to_owned()),
        asks.authorisation
            .map(|wanted| format!("asks for an authorisation of {}", dose(wanted))),
        asks.concentration
            .then(|| "asks for a weaker drug: the pump cannot go lower".to_owned()),
        asks.completion
            .then(|| "asks for the confirmation of the end".to_owned()),
        asks.resumption
            .then(|| "asks to be resumed: the cause has gone".to_owned()),
        asks.refill.map(|left| {
            format!(
                "asks for a refill: {:.1} mL left",
                left.nanolitres() as f64 / 1e6
            )
        }),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_counts_days_from_one() {
        assert_eq!(stamp(SimTime::ZERO), "d1 00:00");
        assert_eq!(stamp(SimTime::from_minutes(24 * 60 + 195)), "d2 03:15");
        assert_eq!(stamp(SimTime::from_hours(240)), "d11 00:00");
    }

    #[test]
    fn a_decrement_names_its_choice_and_the_guard() {
        let rates = [10_000, 6_000].map(DoseRate::from_nanograms_per_hour);
        let [from, to] = rates;
        let told = Reason::Decremented {
            from,
            to,
            permille: 400,
            cut: false,
        };
        let text = reason(&told, &[400, 300, 200]);
        assert_eq!(
            text,
            "plan 240.0 -> 144.0 µg/day: response permits 40 % (rung 1 of 3)"
        );
        let cut = Reason::Decremented {
            from,
            to,
            permille: 255,
            cut: true,
        };
        let text = reason(&cut, &[400]);
        assert!(
            text.ends_with("permits 25.5 %, cut short by the guard"),
            "{text}"
        );
    }

    #[test]
    fn every_wait_and_refusal_says_something_of_its_own() {
        let by = Alarm::WithdrawalSigns;
        let waits = [
            Wait::NotDue {
                at: Timestamp::ZERO,
            },
            Wait::FreshAssessment,
            Wait::SecondAssessment,
            Wait::Response,
            Wait::Alarm(by),
            Wait::AfterWithdrawal,
            Wait::Bridge,
            Wait::LastRung,
            Wait::Skipped,
            Wait::Slope,
            Wait::Report,
        ];
        let wanted = DailyDose::from_nanograms_per_day(5_000_000);
        let slow = DoseRate::from_nanograms_per_hour(1_000);
        let refusals = [
            Refusal::BadValue(NoData::NotFinite {
                bits: f64::NAN.to_bits(),
            }),
            Refusal::BelowPumpFloor {
                wanted: slow,
                least: slow,
            },
            Refusal::AbovePumpMost { wanted: slow },
            Refusal::AboveCeiling { wanted },
            Refusal::AboveGapDose {
                wanted,
                most: wanted,
            },
            Refusal::SlopeSpent,
            Refusal::NotAuthorised,
            Refusal::GapNeedsAuthorisation,
            Refusal::NotPrimed,
            Refusal::LineNotOpen,
            Refusal::WrongMode(Mode::Hold),
            Refusal::AlarmStands(by),
            Refusal::NotAtFloor,
            Refusal::TooManyFronts,
            Refusal::PumpSilent,
            Refusal::Stranger,
            Refusal::ByPump,
        ];
        let mut told: Vec<String> = waits.iter().map(wait).collect();
        told.extend(refusals.iter().map(refusal));
        let count = told.len();
        told.sort_unstable();
        told.dedup();
        assert_eq!(told.len(), count, "{told:#?}");
    }
}
