//! One run of a search: the margins of requirements, what was reached on the way, and when something happened.

use std::collections::BTreeSet;

use infusion_types::{Decision, HoldCause, Reason, Refusal, Send, Wait};

use super::aim::{self, Aim};
use crate::bench::{Bench, Observer};
use crate::case::Case;
use crate::judge::Judge;
use crate::record::Record;
use crate::requirement::Finding;
use crate::scenario::Scenario;
use crate::study::cohort::patients;
use crate::study::variant::variant;

/// Moments that are kept of a run.
const MOMENTS_MOST: usize = 400;

/// What one run has shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Flown {
    /// Of each wanted requirement the margin as a share of what is allowed; none where nothing was judged.
    pub margins: Vec<Option<f64>>,
    /// Which of them were violated, by their places among the wanted.
    pub violated: Vec<usize>,
    /// How far it is to a breach, as `Aim::height` says: less is nearer.
    pub height: f64,
    /// Modes, alarms, reasons and what came together, as numbers.
    pub reached: BTreeSet<u32>,
    /// Minutes in which something happened, in their order.
    pub moments: Vec<u32>,
    /// The minute in which a wanted requirement that had something to judge was nearest to a breach.
    pub nearest: Option<u32>,
}

/// Flies the first patient of a scenario; none where it is no scenario. A controller that stalls has violated
/// nothing.
pub(super) fn flown(aim: &Aim, scenario: &Scenario) -> Option<Flown> {
    let library = variant(aim.library(), scenario).ok()?;
    let patient = patients(&library)[0];
    let case = Case::new(&library, &library.scenario.arms[0], patient).ok()?;
    let mut watching = (Judge::new(&case), Reached::default());
    let ended = Bench::of(&case).ok()?.run(&mut watching);
    let (judge, reached) = watching;
    let findings = match ended {
        Ok(ended) => judge.finish(&case, &ended).findings,
        Err(_) => Vec::new(),
    };
    let wanted = aim.wanted(&findings);
    let mut reached = reached;
    let margins: Vec<Option<f64>> = wanted.iter().map(|it| it.normalised).collect();
    reached.features.extend(guards(&wanted));
    let all = wanted.iter().enumerate();
    let violated = all.filter(|(_, finding)| finding.violated());
    Some(Flown {
        violated: violated.map(|(place, _)| place).collect(),
        height: aim.height(&findings),
        margins,
        reached: reached.features,
        moments: reached.moments,
        nearest: nearest(&wanted),
    })
}

/// When the one was nearest to a breach that came nearest of all.
fn nearest(wanted: &[&Finding]) -> Option<u32> {
    let armed = wanted
        .iter()
        .filter_map(|it| Some((it.normalised?, it.worst_at_h?)));
    let (_, at_h) = armed.min_by(|one, other| one.0.total_cmp(&other.0))?;
    Some((at_h * 60.0) as u32)
}

/// Of each wanted requirement that it had something to judge; of a few also how often by powers of two, and the margin
/// by twentieths.
fn guards(wanted: &[&Finding]) -> Vec<u32> {
    let each = wanted.iter().zip(0..).filter_map(|(finding, place)| {
        let margin = aim::share(finding.normalised?);
        let often = u64::BITS - finding.armed.leading_zeros();
        let near = libm::floor(20.0 * (1.0 + margin)) as u32;
        Some([0, 1 + often, 100 + near].map(|it| GUARDS + 200 * place + it))
    });
    let told = if wanted.len() > aim::FEW { 1 } else { 3 };
    each.flat_map(|it| it.into_iter().take(told)).collect()
}

/// Where the features of requirements begin.
const GUARDS: u32 = 30_000;

/// Watches for what is new.
#[derive(Default)]
struct Reached {
    features: BTreeSet<u32>,
    moments: Vec<u32>,
    last: Option<(infusion_types::Mode, infusion_types::AlarmSet, u32, u32)>,
}

impl Reached {
    fn moment(&mut self, minute: u32) {
        if self.moments.last() != Some(&minute) && self.moments.len() < MOMENTS_MOST {
            self.moments.push(minute);
        }
    }
}

impl Observer for Reached {
    fn observe(&mut self, record: &Record<'_>) {
        let Some(decision) = record.decision else {
            return;
        };
        let minute = u32::try_from(record.at.millis() / 60_000).unwrap_or(u32::MAX);
        let told = record.orders.iter().any(|order| telling(&order.what));
        if record.assessment.is_some() || told {
            self.moment(minute);
        }
        let restarts = record.platform.map_or(0, |platform| platform.restarts);
        let now = (
            decision.mode,
            decision.alarms.active,
            reason(&decision.reason),
            restarts.min(3),
        );
        if self.last == Some(now) {
            return;
        }
        if self
            .last
            .is_some_and(|last| (last.0, last.1, last.3) != (now.0, now.1, now.3))
        {
            self.moment(minute);
        }
        self.last = Some(now);
        let mode = mode(decision);
        self.features.insert(mode);
        self.features.insert(1_000 + now.2);
        self.features.insert(2_000 + restarts.min(3));
        for alarm in now.1.iter() {
            let alarm = alarm as u32;
            self.features.insert(3_000 + alarm);
            self.features.insert(10_000 + alarm * 100 + mode);
        }
    }
}

/// Orders beside those of everyday.
const fn telling(what: &infusion_types::OrderKind) -> bool {
    !matches!(what, infusion_types::OrderKind::HoldToRun)
}

fn mode(decision: &Decision) -> u32 {
    let sends = match decision.send {
        Send::Command(_) => 0,
        Send::Ping => 1,
        Send::Quiet(_) => 2,
    };
    decision.mode as u32 * 3 + sends
}

/// A number for each reason, its cause included.
fn reason(reason: &Reason) -> u32 {
    match reason {
        Reason::NotStarted => 0,
        Reason::Priming => 1,
        Reason::Started { .. } => 2,
        Reason::Decremented { cut, .. } => 3 + u32::from(*cut),
        Reason::Authorised { .. } => 5,
        Reason::Completed => 6,
        Reason::Stopped(cause) => 10 + *cause as u32,
        Reason::Held(cause) => match cause {
            HoldCause::Alarm(alarm) => 100 + *alarm as u32,
            HoldCause::OverdoseUnconfirmed => 40,
            HoldCause::Unreconciled => 41,
        },
        Reason::Waiting(wait) => match wait {
            Wait::NotDue { .. } => 50,
            Wait::FreshAssessment => 51,
            Wait::SecondAssessment => 52,
            Wait::Response => 53,
            Wait::Alarm(alarm) => 200 + *alarm as u32,
            Wait::AfterWithdrawal => 54,
            Wait::Bridge => 55,
            Wait::LastRung => 56,
            Wait::Skipped => 57,
            Wait::Slope => 58,
            Wait::Report => 59,
        },
        Reason::Refused(refusal) => refused(refusal),
    }
}

const fn refused(refusal: &Refusal) -> u32 {
    match refusal {
        Refusal::BadValue(_) => 70,
        Refusal::BelowPumpFloor { .. } => 71,
        Refusal::AbovePumpMost { .. } => 72,
        Refusal::AboveCeiling { .. } => 73,
        Refusal::AboveGapDose { .. } => 74,
        Refusal::SlopeSpent => 75,
        Refusal::NotAuthorised => 76,
        Refusal::GapNeedsAuthorisation => 77,
        Refusal::NotPrimed => 78,
        Refusal::LineNotOpen => 79,
        Refusal::WrongMode(_) => 80,
        Refusal::AlarmStands(_) => 81,
        Refusal::NotAtFloor => 82,
        Refusal::TooManyFronts => 83,
        Refusal::PumpSilent => 84,
        Refusal::Stranger => 85,
        Refusal::ByPump => 86,
    }
}
