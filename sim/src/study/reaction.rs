//! How soon people were told: from the moment a fault showed to an alarm that was asked for.

use infusion_types::Alarm;

use crate::judge::Judged;

/// The first of these alarms that was raised once a fault had shown, with the seconds from then to it.
///
/// `place` is the fault's place in the scenario; none where it never showed, or where no such alarm came.
#[must_use]
pub fn first_alarm(judged: &Judged, place: usize, asked: &[&str]) -> Option<(Alarm, f64)> {
    let (_, shown_h) = judged.fault_seen.get(place)?;
    let shown_h = (*shown_h)?;
    let raised = judged.raised.iter();
    let raised = raised.filter(|(alarm, _)| asked.contains(&alarm.id()));
    let after = raised.map(|(alarm, at_h)| (*alarm, (at_h - shown_h) * 3_600.0));
    let after = after.filter(|(_, after_s)| *after_s >= 0.0);
    after.min_by(|a, b| a.1.total_cmp(&b.1))
}
