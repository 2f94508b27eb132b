//! Faults of reservoir, line and catheter.

use infusion_device::Condition;

use crate::fault::Event;
use crate::fault::timing::{SIPHON_UL_PER_H_PER_CM, siphon_ms};
use crate::scenario::LineFault;

pub(super) fn act(what: &LineFault, since_ms: u64, line: &mut Condition) -> Option<Event> {
    match *what {
        LineFault::Occlude {
            resistance_times,
            onset_s,
        } => {
            // By the same factor in each part of the onset: a kink is nothing for long, and then all.
            line.resistance_times *= libm::pow(resistance_times, share(since_ms, onset_s));
        }
        LineFault::BlockInlet {
            passes_permille,
            onset_s,
        } => {
            let closes = 1.0 - permille(passes_permille);
            line.inlet_share *= 1.0 - closes * share(since_ms, onset_s);
        }
        LineFault::Disconnect {
            csf_backflow_ml_per_h,
        } => {
            line.connector_share = 0.0;
            line.csf_backflow_ul_per_h = csf_backflow_ml_per_h * 1e3;
        }
        LineFault::Leak { lost_permille } => line.connector_share *= 1.0 - permille(lost_permille),
        LineFault::SoftLine { compliance_times } => line.compliance_times *= compliance_times,
        LineFault::FreeFlow { flow_ul_per_h } => line.added_flow_ul_per_h += flow_ul_per_h,
        LineFault::Siphon {
            height_cm,
            volume_ul,
        } => {
            if since_ms < siphon_ms(height_cm, volume_ul) {
                line.added_flow_ul_per_h += height_cm * SIPHON_UL_PER_H_PER_CM;
            }
        }
        LineFault::Backflow { flow_ul_per_h } => line.added_flow_ul_per_h -= flow_ul_per_h,
        LineFault::Air { drawn_permille } => {
            line.air_share = line.air_share.max(permille(drawn_permille));
        }
        LineFault::TipDisplaced { acts_permille } => line.tip_share *= permille(acts_permille),
        LineFault::CsfDrain { drained_ml_per_h } => {
            line.csf_drain_ul_per_h += drained_ml_per_h * 1e3;
        }
        LineFault::DrugDecay {
            lost_permille_per_day,
        } => line.drug_decay_per_h += permille(lost_permille_per_day) / 24.0,
        LineFault::ShortFill { filled_permille } => {
            return Some(Event::ReservoirKeeps {
                permille: filled_permille,
            });
        }
        LineFault::ReservoirEmpty => return Some(Event::ReservoirKeeps { permille: 0 }),
    }
    None
}

fn permille(count: u32) -> f64 {
    f64::from(count) / 1e3
}

/// How much of an onset is over, 0 to 1.
fn share(since_ms: u64, onset_s: u32) -> f64 {
    let all_ms = u64::from(onset_s) * 1_000;
    if since_ms >= all_ms {
        return 1.0;
    }
    since_ms as f64 / all_ms as f64
}
