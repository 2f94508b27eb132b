//! Whether anything that is fitted could have shown a fault, and when: computed, never assumed.
//!
//! The case is run beside its twin without the faults, on the same draws. The first reading of the
//! pump, or weighing, that differs by more than twice its own noise is the first that could have been
//! seen; once the controller acts otherwise than in the twin without such a difference, it acts on what
//! people saw of the patient, and no sensor has shown anything.

use std::collections::VecDeque;

use dose_controller::Controller;
use infusion_types::{OrderKind, Raw, Send, Telemetry};

use crate::bench::{Bench, Observer, Stalled};
use crate::case::Case;
use crate::clock::SimTime;
use crate::config::Library;
use crate::record::Record;
use crate::scenario::DeviceFile;

/// A difference shows from this many standard deviations.
const SIGMAS: f64 = 2.0;
/// Figures that the pump calculates carry no noise; rounding is below this.
const EXACT: f64 = 1e-6;

/// When a fault of the case could first be seen by a sensor or on the scales; none if never.
///
/// Both runs are with the controller that ships with the bench.
///
/// # Errors
/// [`Stalled`].
///
/// # Panics
/// Never: files that fit together with their faults do without them.
pub fn visible_from(case: &Case<'_>) -> Result<Option<SimTime>, Stalled> {
    let mut healthy: Library = case.library().clone();
    healthy.scenario.faults.clear();
    let arms = &healthy.scenario.arms;
    let arm = arms.iter().find(|arm| arm.name == case.arm().name);
    let twin = Case::new(&healthy, arm.expect("the same arms"), case.patient());
    let twin = twin.expect("the same protocol");
    let device = case.device();
    let mut faulty = Listener::default();
    let mut sound = Listener::default();
    let mut benches = benches(case, &twin)?;
    let mut go_on = (true, true);
    while go_on.0 || go_on.1 {
        // The one that lags goes on.
        if go_on.0 && (faulty.said.len() <= sound.said.len() || !go_on.1) {
            go_on.0 = benches.0.turn(&mut faulty)?;
        } else if go_on.1 {
            go_on.1 = benches.1.turn(&mut sound)?;
        }
        while let (Some(one), Some(other)) = (faulty.said.front(), sound.said.front()) {
            if one.at != other.at {
                return Ok(None);
            }
            if one.differs(other, device) {
                return Ok(Some(one.at));
            }
            if one.acts != other.acts {
                return Ok(None);
            }
            faulty.said.pop_front();
            sound.said.pop_front();
        }
    }
    Ok(None)
}

/// The case and its twin as they part: at the explant where something is built in, or else before the first
/// fault begins, up to which they are one run.
fn benches<'a>(case: &'a Case<'a>, twin: &'a Case<'a>) -> Result<Both<'a>, Stalled> {
    let first = case.first_fault().unwrap_or(SimTime::ZERO);
    let mut one = Bench::new(case, Controller::new);
    if first == SimTime::ZERO {
        return Ok((one, Bench::new(twin, Controller::new)));
    }
    one.until(first, &mut Nobody)?;
    let other = one.clone().branch(twin);
    Ok((one, other))
}

type Both<'a> = (Bench<'a, Controller>, Bench<'a, Controller>);

/// Looks at nothing.
struct Nobody;

impl Observer for Nobody {
    fn observe(&mut self, _record: &Record<'_>) {}
}

/// What was said to a controller, and what it did.
#[derive(Clone, Copy, Debug)]
struct Said {
    at: SimTime,
    telemetry: Option<Telemetry>,
    weighed: Option<f64>,
    acts: Send,
}

#[derive(Default)]
struct Listener {
    said: VecDeque<Said>,
}

impl Observer for Listener {
    fn observe(&mut self, record: &Record<'_>) {
        let Some(decision) = record.decision else {
            return;
        };
        let weighed = record.orders.iter().find_map(|order| {
            if let OrderKind::VolumeCheck(weighed) = order.what {
                Some(weighed)
            } else {
                None
            }
        });
        self.said.push_back(Said {
            at: record.at,
            telemetry: record.telemetry.copied(),
            weighed,
            acts: decision.send,
        });
    }
}

impl Said {
    fn differs(&self, other: &Self, device: &DeviceFile) -> bool {
        let sensors = &device.sensors;
        let apart = |one: Option<f64>, other: Option<f64>, sigma: f64| match (one, other) {
            (Some(one), Some(other)) => {
                let near = (one - other).abs() <= (SIGMAS * sigma).max(EXACT);
                // What is no number is near to nothing but another that is none.
                !near && one.to_bits() != other.to_bits()
            }
            (None, None) => false,
            (Some(_), None) | (None, Some(_)) => true,
        };
        if apart(self.weighed, other.weighed, sensors.weigh_sigma_ul) {
            return true;
        }
        let (Some(one), Some(other)) = (&self.telemetry, &other.telemetry) else {
            return false;
        };
        let value = |raw: Raw| raw.ok().map(|sample| sample.value);
        let flow = value(other.flow_ul_per_h).unwrap_or_default().abs();
        let flow_sigma = sensors
            .flow_sigma_ul_per_h
            .max(sensors.flow_sigma_share * flow);
        let numbers = [
            (one.flow_ul_per_h, other.flow_ul_per_h, flow_sigma),
            (
                one.pressure_kpa,
                other.pressure_kpa,
                sensors.pressure_sigma_kpa,
            ),
            (one.air_ul, other.air_ul, sensors.air_sigma_ul),
            (
                one.drained_csf_ul,
                other.drained_csf_ul,
                sensors.drain_sigma_ul,
            ),
            (one.delivered_ug, other.delivered_ug, 0.0),
            (one.reservoir_ul, other.reservoir_ul, 0.0),
            (one.temperature_c, other.temperature_c, 0.0),
            (one.battery_min, other.battery_min, 0.0),
        ];
        let state = |telemetry: &Telemetry| telemetry.state.ok().map(|sample| sample.value);
        let closed = |telemetry: &Telemetry| telemetry.connector.ok().map(|sample| sample.value);
        state(one) != state(other)
            || closed(one) != closed(other)
            || numbers
                .into_iter()
                .any(|(one, other, sigma)| apart(value(one), value(other), sigma))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(scenario: &str, overrides: &[&str]) -> Option<f64> {
        let overrides: Vec<String> = overrides.iter().map(|it| (*it).to_owned()).collect();
        let library = Library::shipped(scenario, &overrides)
            .expect("it ships")
            .unwrap();
        let patient = crate::study::cohort::patients(&library)[0];
        let case = Case::new(&library, &library.scenario.arms[0], patient).unwrap();
        visible_from(&case).unwrap().map(SimTime::hours)
    }

    #[test]
    fn a_kink_shows_in_the_line_late_on_scales_and_never_to_the_pump() {
        let short = ["run_max_h=100", "follow_up_h=1", "faults.0.until_min=5400"];
        let at = |profile| seen("kink-and-release", &[&short[..], &[profile]].concat());
        let instruments = at("profile=P2").expect("pressure shows it");
        assert!((60.0..60.1).contains(&instruments), "{instruments} h");
        let scales = at("profile=P1").expect("a weighing shows it");
        assert!((60.1..90.0).contains(&scales), "{scales} h");
        assert_eq!(at("profile=P0"), None);
    }

    #[test]
    fn without_a_fault_nothing_shows() {
        let short = ["run_max_h=40", "follow_up_h=1", "faults=[]"];
        assert_eq!(seen("kink-and-release", &short), None);
    }
}
