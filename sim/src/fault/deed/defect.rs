//! Defects of the controller's own word.

use infusion_types::{Alarm, AlarmSet};

use crate::defect::Defect;
use crate::scenario::DefectFault;

pub(super) fn act(what: &DefectFault, defect: &mut Defect) {
    match *what {
        DefectFault::WrongRate { rate_times } => defect.rate_times *= rate_times,
        DefectFault::SignFlip => defect.sign_flipped = true,
        DefectFault::StopLost => defect.stops_lost = true,
        DefectFault::AlarmDropped { alarm } => {
            let dropped: AlarmSet = [alarm.0].into_iter().collect();
            defect.dropped = defect.dropped.union(dropped);
        }
        DefectFault::AlarmsDead => defect.dropped = Alarm::ALL.into_iter().collect(),
        DefectFault::AlarmsLate { late_s } => defect.alarms_late_s += late_s,
        DefectFault::PrioritiesSwapped => defect.priorities_swapped = true,
    }
}
