//! What a run comes to: outcome of the patient, requirements, harm, verdict and digest.

use infusion_types::{Abilities, Alarm, AlarmSet, Mode};
use serde::Serialize;
use virtual_patient::Signs;

use crate::bench::{Ended, Observer};
use crate::case::Case;
use crate::clock::SimTime;
use crate::detect;
use crate::fault::Faults;
use crate::harm::{Harm, Worst};
use crate::history::unfounded;
use crate::record::{Record, Words};
use crate::requirement::{Finding, Monitors, Requirement};
use crate::trace::Digest;
use crate::verdict::RunVerdict;

/// Withdrawal from which a patient counts as having any, on the scale of 0 to 10.
pub const ANY_WITHDRAWAL: f64 = 1.0;
/// Withdrawal from which it counts as severe.
pub const SEVERE_WITHDRAWAL: f64 = 5.0;

/// What became of the patient: truth, not ratings.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Outcome {
    /// The dose that the patient was titrated to, µg/day.
    pub start_dose_ug_per_day: f64,
    /// When the first rung down was taken, hours after the explant.
    pub first_decrement_h: Option<f64>,
    /// When the wean was complete, hours after the explant.
    pub completed_h: Option<f64>,
    /// Worst withdrawal, 0 to 10.
    pub peak_withdrawal: f64,
    /// When withdrawal first counted, hours after the explant.
    pub withdrawal_from_h: Option<f64>,
    /// Most that tone rose above its own value before the explant, grades.
    pub peak_mas_rise: f64,
    /// Worst overdose index.
    pub peak_overdose: f64,
}

impl Outcome {
    fn new(start_dose_ug_per_day: f64) -> Self {
        Self {
            start_dose_ug_per_day,
            first_decrement_h: None,
            completed_h: None,
            peak_withdrawal: 0.0,
            withdrawal_from_h: None,
            peak_mas_rise: f64::NEG_INFINITY,
            peak_overdose: 0.0,
        }
    }

    /// Days from the first decrement to the end of the wean.
    #[must_use]
    pub fn wean_days(&self) -> Option<f64> {
        Some((self.completed_h? - self.first_decrement_h?) / 24.0)
    }
}

/// What was found in one run.
#[derive(Clone, Debug)]
pub struct Judged {
    /// What became of the patient.
    pub outcome: Outcome,
    /// What the requirements that are judged in a run found, in their order; empty without a controller.
    pub findings: Vec<Finding>,
    /// Alarms that stood at any time.
    pub alarms: AlarmSet,
    /// Those that began to stand once a fault had acted, each with the first time, hours after the
    /// explant.
    pub raised: Vec<(Alarm, f64)>,
    /// The verdict.
    pub verdict: RunVerdict,
    /// The verdict by the requirements that ship with the bench alone: what an `[expect]` speaks of.
    pub verdict_as_shipped: RunVerdict,
    /// Faults that had no effect, by their names.
    pub idle_faults: Vec<String>,
    /// Every fault by its name, with when it was first seen to do something, hours after the explant.
    pub fault_seen: Vec<(String, Option<f64>)>,
    /// Urgent alarms that nothing founded, and the days of the run; none where faults act or nobody controls.
    pub false_alarms: Option<FalseAlarms>,
    /// The most that was given too much and too little once a fault had acted; none without a fault.
    pub worst: Option<Worst>,
    /// The digest of all records.
    pub digest: Digest,
}

/// Medium and high alarms that nothing founded.
#[derive(Clone, Debug, Default)]
pub struct FalseAlarms {
    /// Each with the time at which it began to stand, hours after the explant.
    pub each: Vec<(Alarm, f64)>,
    /// For how long that could be, days.
    pub days: f64,
}

/// Watches a run. What it has seen before the first fault is the same under any: a copy goes on under another.
#[derive(Clone, Debug)]
pub struct Judge {
    outcome: Outcome,
    monitors: Option<Monitors>,
    harm: Option<Harm>,
    alarms: AlarmSet,
    alarms_before: AlarmSet,
    raised: Vec<(Alarm, f64)>,
    fault_began: bool,
    /// When an alarm that tells of more than housework first stood, once a fault had acted.
    alarmed_at: Option<SimTime>,
    therapy: bool,
    false_alarms: Vec<(Alarm, f64)>,
    digest: Digest,
    plan_before: f64,
    has: Abilities,
}

impl Judge {
    /// A judge of one case.
    #[must_use]
    pub fn new(case: &Case<'_>) -> Self {
        let monitors = || Monitors::new(case.requirements(), case.limits());
        Self {
            outcome: Outcome::new(case.start_dose_ug_per_day()),
            monitors: case.protocol().map(|_| monitors()),
            harm: case.protocol().map(|_| Harm::default()),
            alarms: AlarmSet::EMPTY,
            alarms_before: AlarmSet::EMPTY,
            raised: Vec::new(),
            fault_began: false,
            alarmed_at: None,
            therapy: false,
            false_alarms: Vec::new(),
            digest: Digest::new(),
            plan_before: 0.0,
            has: Abilities::ALL,
        }
    }

    /// The same judge of a controller that has no more than this.
    #[must_use]
    pub fn of_one_with(self, has: Abilities) -> Self {
        Self { has, ..self }
    }

    /// The judgement.
    #[must_use]
    pub fn finish(mut self, case: &Case<'_>, ended: &Ended<'_>) -> Judged {
        let mut findings: Vec<Finding> = self
            .monitors
            .take()
            .map_or_else(Vec::new, Monitors::findings);
        for (requirement, finding) in case.requirements().judged().zip(&mut findings) {
            if !case.requirements().apply(requirement, &self.has) {
                *finding = Finding::NOT_APPLICABLE;
            }
        }
        let seen = self.seen(case, &findings);
        excuse(case, seen, &mut findings);
        let as_shipped = if findings.is_empty() {
            RunVerdict::NotApplicable
        } else {
            self.verdict(case, (&ended.faults, seen), &findings, ended.at)
        };
        let well = matches!(
            as_shipped,
            RunVerdict::Safe | RunVerdict::SafeLate | RunVerdict::UndetectedSafe
        );
        let verdict = match breach(case, &findings, true) {
            Breach::None => as_shipped,
            Breach::Late if well => RunVerdict::SafeLate,
            Breach::Late | Breach::Other if as_shipped != RunVerdict::UndetectedUnsafe => {
                RunVerdict::Unsafe
            }
            Breach::Late | Breach::Other => as_shipped,
        };
        let quiet = case.scenario().faults.is_empty() && self.therapy;
        Judged {
            false_alarms: quiet.then(|| FalseAlarms {
                each: self.false_alarms,
                days: ended.at.hours() / 24.0,
            }),
            outcome: self.outcome,
            findings,
            alarms: self.alarms,
            raised: self.raised,
            verdict,
            verdict_as_shipped: as_shipped,
            idle_faults: ended.faults.idle().map(|fault| fault.id.clone()).collect(),
            fault_seen: ended
                .faults
                .seen()
                .map(|(fault, at)| (fault.id.clone(), at.map(SimTime::hours)))
                .collect(),
            worst: self.harm.as_ref().and_then(Harm::worst),
            digest: self.digest,
        }
    }

    /// When a sensor or the scales could first have shown the faults, where that matters: computed,
    /// because a run that went well needs no answer.
    fn seen(&self, case: &Case<'_>, findings: &[Finding]) -> Option<SimTime> {
        let harmed = self.harm.as_ref().and_then(Harm::done_at).is_some();
        let judged = case.requirements().judged().zip(findings);
        let late = judged
            .filter(|(requirement, _)| requirement.needs_a_sensor())
            .any(|(_, finding)| finding.violated());
        let asked = !case.scenario().faults.is_empty() && (harmed || late);
        // A twin that stalls has shown nothing.
        asked
            .then(|| detect::visible_from(case).ok().flatten())
            .flatten()
    }

    fn verdict(
        &self,
        case: &Case<'_>,
        (faults, seen): (&Faults<'_>, Option<SimTime>),
        findings: &[Finding],
        ended: SimTime,
    ) -> RunVerdict {
        let scenario = case.scenario();
        let faulty = !scenario.faults.is_empty();
        let breach = breach(case, findings, false);
        let harmed = self.harm.as_ref().and_then(Harm::done_at);
        let harmed = harmed.map(|at| harm(at, seen, self.alarmed_at));
        let days = (ended.hours() / 24.0).max(1.0);
        if !self.therapy || (faulty && !faults.all_effective()) {
            RunVerdict::Vacuous
        } else if let Some(harmed) = harmed {
            harmed
        } else if !faulty && self.false_alarms.len() as f64 > days {
            RunVerdict::FalseAlarm
        } else if breach == Breach::Other {
            RunVerdict::Unsafe
        } else if breach == Breach::Late {
            RunVerdict::SafeLate
        } else if faulty && self.alarmed_at.is_none() {
            RunVerdict::UndetectedSafe
        } else {
            RunVerdict::Safe
        }
    }

    fn follow_patient(&mut self, at: SimTime, signs: &Signs) {
        let outcome = &mut self.outcome;
        outcome.peak_withdrawal = outcome.peak_withdrawal.max(signs.withdrawal);
        outcome.peak_overdose = outcome.peak_overdose.max(signs.overdose);
        outcome.peak_mas_rise = outcome.peak_mas_rise.max(signs.mas - signs.mas_at_start);
        if signs.withdrawal >= ANY_WITHDRAWAL {
            outcome.withdrawal_from_h = outcome.withdrawal_from_h.or(Some(at.hours()));
        }
    }

    fn follow_controller(&mut self, record: &Record<'_>) {
        let Some(decision) = record.decision else {
            return;
        };
        self.fault_began |= record.faults != 0;
        self.therapy |= decision.mode.is_therapy();
        let plan = decision.plan.nanograms_per_hour() as f64;
        if matches!(decision.reason, infusion_types::Reason::Decremented { .. })
            && plan < self.plan_before
        {
            self.outcome.first_decrement_h =
                self.outcome.first_decrement_h.or(Some(record.at.hours()));
        }
        self.plan_before = plan;
        if decision.mode == Mode::Complete {
            self.outcome.completed_h = self.outcome.completed_h.or(Some(record.at.hours()));
        }
        let active = decision.alarms.active;
        let new = active.without(self.alarms_before);
        self.alarms_before = active;
        if new.is_empty() {
            return;
        }
        self.alarms = self.alarms.union(active);
        if self.fault_began {
            for alarm in new
                .iter()
                .filter(|alarm| self.raised.iter().all(|(it, _)| it != alarm))
                .collect::<Vec<_>>()
            {
                self.raised.push((alarm, record.at.hours()));
            }
        }
        let telling = new.iter().any(|alarm| !KEEPS_HOUSE.contains(&alarm));
        if self.fault_began && telling {
            self.alarmed_at = self.alarmed_at.or(Some(record.at));
        }
        if !self.fault_began {
            let unfounded = new.iter().filter(|alarm| unfounded(*alarm, record));
            let at_h = record.at.hours();
            self.false_alarms.extend(unfounded.map(|it| (it, at_h)));
        }
    }
}

/// Alarms that say what people have to do, and nothing of any fault.
const KEEPS_HOUSE: [Alarm; 8] = [
    Alarm::ReservoirLow,
    Alarm::ReservoirVeryLow,
    Alarm::BridgeIncomplete,
    Alarm::ObservationOverdue,
    Alarm::ObservationMissing,
    Alarm::PausedLong,
    Alarm::StartRequired,
    Alarm::DwellTime,
];

/// What requirements were breached in, the worst last.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Breach {
    None,
    /// In time limits alone: what was demanded came, too late.
    Late,
    Other,
}

/// The worst that requirements of the user's, or those that ship with the bench, were breached in.
fn breach(case: &Case<'_>, findings: &[Finding], own: bool) -> Breach {
    let judged = case.requirements().judged().zip(findings);
    let judged = judged.filter(|(it, finding)| it.is_own == own && finding.violated());
    let each = judged.map(|(_, finding)| {
        if finding.late {
            Breach::Late
        } else {
            Breach::Other
        }
    });
    each.max().unwrap_or(Breach::None)
}

/// How long an alarm may take from the moment at which something that is fitted shows a fault: what requirements on
/// alarms allow.
const TOLD_IN_MS: u64 = 60_000;

/// What harm comes to that was done at a moment. An alarm counts that stood by then, or as soon as it could: one that
/// comes when all is over has told nobody.
fn harm(done_at: SimTime, seen: Option<SimTime>, alarmed_at: Option<SimTime>) -> RunVerdict {
    let seen = seen.filter(|seen| *seen < done_at);
    let due = seen.map_or(done_at, |seen| seen.after_millis(TOLD_IN_MS).max(done_at));
    match seen {
        _ if alarmed_at.is_some_and(|alarmed| alarmed <= due) => RunVerdict::Unsafe,
        Some(_) => RunVerdict::UndetectedUnsafe,
        None => RunVerdict::NotDetectable,
    }
}

/// A requirement on truth that was breached before any sensor or scales could have shown the fault is
/// not the controller's to meet.
fn excuse(case: &Case<'_>, seen: Option<SimTime>, findings: &mut [Finding]) {
    if case.scenario().faults.is_empty() {
        return;
    }
    for (requirement, finding) in case.requirements().judged().zip(findings) {
        finding.not_detectable = is_excused(requirement, finding, seen);
    }
}

/// Whether a breach is one of truth under a fault, of which it matters when anything could first have shown that.
pub(crate) fn may_be_excused(
    case: &Case<'_>,
    requirement: &Requirement,
    finding: &Finding,
) -> bool {
    finding.breached && requirement.needs_a_sensor() && !case.scenario().faults.is_empty()
}

/// Whether a breach under a fault was before any sensor or scales could have shown that, if they ever did.
pub(crate) fn is_excused(
    requirement: &Requirement,
    finding: &Finding,
    seen: Option<SimTime>,
) -> bool {
    let before = |at_h: f64| seen.is_none_or(|seen| seen.hours() >= at_h);
    // What may come within a time is too late only after it.
    let within = requirement
        .formula()
        .map_or(0.0, |formula| formula.horizon().millis() as f64 / 3.6e6);
    finding.breached
        && requirement.needs_a_sensor()
        && finding.worst_at_h.is_some_and(|at_h| before(at_h + within))
}

impl Observer for Judge {
    fn patient(&mut self, at: SimTime, signs: &Signs) {
        self.follow_patient(at, signs);
    }

    fn observe(&mut self, record: &Record<'_>) {
        let words = Words::of(record);
        words.digest(&mut self.digest);
        self.follow_controller(record);
        if let Some(monitors) = &mut self.monitors {
            monitors.observe(record, &words);
        }
        if let Some(harm) = &mut self.harm {
            harm.observe(record);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alarm_that_comes_when_all_is_over_has_told_nobody() {
        let at = |minutes: u64| SimTime::ZERO.after_millis(minutes * 60_000);
        let (unsafe_, undetected, nothing) = (
            RunVerdict::Unsafe,
            RunVerdict::UndetectedUnsafe,
            RunVerdict::NotDetectable,
        );
        // Harm is done in minute 100; when its cause could be seen, when an alarm stood, and what that is.
        let cases = [
            (Some(50), Some(60), unsafe_),
            (Some(50), Some(100), unsafe_),
            (Some(50), Some(101), undetected),
            (Some(50), None, undetected),
            // It could not be seen a minute before.
            (Some(99), Some(100), unsafe_),
            (None, Some(99), unsafe_),
            (None, Some(101), nothing),
            (Some(100), Some(101), nothing),
            (Some(200), None, nothing),
        ];
        for (seen, alarmed, verdict) in cases {
            let said = harm(at(100), seen.map(at), alarmed.map(at));
            assert_eq!(said, verdict, "{seen:?} {alarmed:?}");
        }
        let soon = SimTime::ZERO.after_millis(100 * 60_000 - 1);
        assert_eq!(
            harm(at(100), Some(soon), Some(at(100).after_millis(59_999))),
            unsafe_
        );
        assert_eq!(
            harm(at(100), Some(soon), Some(at(100).after_millis(60_000))),
            undetected
        );
    }
}
