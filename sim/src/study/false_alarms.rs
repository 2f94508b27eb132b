//! Urgent alarms without a fault that nothing founded: how many, which, and in which run they can be seen (SR-72).

use infusion_types::Alarm;
use serde::Serialize;

use super::cohort::Run;
use crate::config::Library;
use crate::judge::Judged;

/// One alarm of one arm.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FalseAlarm {
    /// Its id, such as `AL-12`.
    pub alarm: &'static str,
    /// The arm's name.
    pub arm: String,
    /// How often it began to stand.
    pub count: u64,
    /// The first patient in whom it did.
    pub patient: u64,
    /// And when, hours after the explant.
    pub at_h: f64,
}

/// Of a patient in a day; none where faults act.
pub(super) fn per_day(runs: &[&Judged]) -> Option<f64> {
    let mut quiet = runs.iter().filter_map(|run| run.false_alarms.as_ref());
    let first = quiet.next()?;
    let begun = (first.each.len(), first.days);
    let (alarms, days) = quiet.fold(begun, |(alarms, days), more| {
        (alarms + more.each.len(), days + more.days)
    });
    Some(alarms as f64 / days)
}

/// Each alarm of each arm once, in the order in which the runs show them.
pub(super) fn which(library: &Library, runs: &[Run]) -> Vec<FalseAlarm> {
    let mut found: Vec<(usize, Alarm, FalseAlarm)> = Vec::new();
    for run in runs {
        let judged = run.judged.as_ref().ok();
        let each = judged.and_then(|it| it.false_alarms.as_ref());
        for (alarm, at_h) in each.into_iter().flat_map(|it| &it.each) {
            let same = |(arm, other, _): &&mut (_, _, _)| (*arm, *other) == (run.arm, *alarm);
            if let Some((_, _, known)) = found.iter_mut().find(same) {
                known.count += 1;
                continue;
            }
            let first = FalseAlarm {
                alarm: alarm.id(),
                arm: library.scenario.arms[run.arm].name.clone(),
                count: 1,
                patient: run.patient,
                at_h: *at_h,
            };
            found.push((run.arm, *alarm, first));
        }
    }
    found.into_iter().map(|(_, _, first)| first).collect()
}
