//! The way of the reports: how long they take, and what time they bear.

use core::time::Duration;
use std::collections::VecDeque;

use infusion_types::{NoData, Reading, Sample, Telemetry, Timestamp};

/// Reports that are kept, so that an old one can come again.
const KEPT: usize = 128;

/// Reports under way, and those that have come.
#[derive(Clone, Debug, Default)]
pub(crate) struct Link {
    made: VecDeque<(Timestamp, Telemetry)>,
    /// Each takes so long.
    pub(crate) delay: Duration,
}

impl Link {
    /// The newest report that has come by `now`, once `report` has left the pump.
    pub(crate) fn carry(&mut self, now: Timestamp, report: Telemetry) -> Telemetry {
        self.made.push_back((now, report));
        if self.made.len() > KEPT {
            self.made.pop_front();
        }
        let come = |(made, _): &&(Timestamp, Telemetry)| made.after(self.delay) <= now;
        let newest = self.made.iter().rev().find(come);
        newest.map_or(Telemetry::silent(NoData::NeverSeen), |(_, report)| *report)
    }

    /// The report that left so many reports ago.
    pub(crate) fn again(&self, ago: usize) -> Option<Telemetry> {
        let index = self.made.len().checked_sub(ago + 1)?;
        self.made.get(index).map(|(_, report)| *report)
    }
}

/// The same report as a clock dates it that runs ahead by so much.
pub(crate) fn dated_ahead(report: &Telemetry, by: Duration) -> Telemetry {
    fn move_on<T>(reading: Reading<T>, by: Duration) -> Reading<T> {
        reading.map(|sample| Sample::new(sample.at.after(by), sample.value))
    }
    Telemetry {
        accepted: move_on(report.accepted, by),
        state: move_on(report.state, by),
        motion: move_on(report.motion, by),
        refused: move_on(report.refused, by),
        delivered_ug: move_on(report.delivered_ug, by),
        reservoir_ul: move_on(report.reservoir_ul, by),
        flow_ul_per_h: move_on(report.flow_ul_per_h, by),
        pressure_kpa: move_on(report.pressure_kpa, by),
        air_ul: move_on(report.air_ul, by),
        connector: move_on(report.connector, by),
        drained_csf_ul: move_on(report.drained_csf_ul, by),
        temperature_c: move_on(report.temperature_c, by),
        battery_min: move_on(report.battery_min, by),
    }
}
