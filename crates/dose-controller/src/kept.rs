//! The last valid reading stands in for one that no door let in, for a while (SR-19).
//!
//! Otherwise a single NaN would take back the cause of a stop. When a sensor has said nothing valid for
//! as long as counts as a dropout (AL-28), it is as good as not fitted.

use core::time::Duration;

use infusion_types::{Reading, Readings, Timestamp};

/// What the pump says now, with what it last said where a number was refused.
pub(crate) fn merge(
    now: Timestamp,
    longest: Duration,
    last: &Readings,
    said: &Readings,
) -> Readings {
    let keep = Keep { now, longest };
    Readings {
        accepted: said.accepted,
        state: said.state,
        motion: said.motion,
        refused: said.refused,
        delivered: keep.of(last.delivered, said.delivered),
        reservoir: keep.of(last.reservoir, said.reservoir),
        flow: keep.of(last.flow, said.flow),
        pressure: keep.of(last.pressure, said.pressure),
        air: keep.of(last.air, said.air),
        connector: said.connector,
        drained_csf: keep.of(last.drained_csf, said.drained_csf),
        temperature: keep.of(last.temperature, said.temperature),
        battery: keep.of(last.battery, said.battery),
    }
}

#[derive(Clone, Copy)]
struct Keep {
    now: Timestamp,
    longest: Duration,
}

impl Keep {
    fn of<T: Copy>(self, last: Reading<T>, said: Reading<T>) -> Reading<T> {
        let refused = said.as_ref().is_err_and(|reason| reason.is_refusal());
        match last {
            Ok(sample) if refused && self.now.since(sample.at) <= self.longest => last,
            Ok(_) | Err(_) => said,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use infusion_types::{NoData, Sample};

    #[test]
    fn a_refused_number_is_stood_in_for_until_the_sensor_counts_as_gone() {
        let keep = |millis| Keep {
            now: Timestamp::from_millis(millis),
            longest: Duration::from_millis(300),
        };
        let good = Ok(Sample::new(Timestamp::from_millis(100), 7));
        let bad = Err(NoData::Negative { bits: 1 });
        assert_eq!(keep(400).of(good, bad), good);
        assert_eq!(keep(401).of(good, bad), bad);
        assert_eq!(keep(400).of(bad, good), good);
        assert_eq!(
            keep(400).of(good, Err(NoData::SensorFault)),
            Err(NoData::SensorFault)
        );
    }
}
