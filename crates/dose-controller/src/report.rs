//! Which report of the pump counts: the newest that has come, for as long as it is fresh (SR-30).
//!
//! What arrives may be old, out of order, the same again, or from a clock that runs ahead. A report that
//! is too old or lies too far ahead is never taken in; one that was made before another is neither. What
//! a report says counts until the report has grown too old, and then nothing is known of the pump: its
//! readings are absent, and no alarm that needs one comes or goes by that (`watch`).

use core::time::Duration;

use infusion_types::{NoData, PumpState, Readings, Telemetry, Timestamp, Timing};

use crate::kept;
use crate::protocol::Protocol;
use crate::state::State;

/// What of the pump is known in a cycle.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heard {
    /// What the newest report says, if it is fresh.
    pub(crate) readings: Readings,
    /// That report was taken in in this cycle.
    pub(crate) new: bool,
    /// Until this cycle there was none that was fresh: nobody knows what the pump has done.
    pub(crate) blind: bool,
    /// The pump said before that its reservoir is empty.
    pub(crate) was_dry: bool,
}

impl State {
    /// Takes a report in, if it counts.
    pub(crate) fn read(&mut self, protocol: &Protocol, now: Timestamp, raw: &Telemetry) -> Heard {
        let (blind, was_dry) = (!self.hears(protocol, now), self.dry);
        // What was said before the controller was switched on is not known to be newer than what it has stored.
        let oldest = self
            .spoken
            .map_or(self.powered_at, |newest| newest.max(self.powered_at));
        // Of two that were made at the same moment, the later one knows of more commands.
        let first = |at: Timestamp| {
            self.spoken == Some(at.min(now)) && self.exchange.is_behind(raw.accepted)
        };
        let counts =
            |at: &Timestamp| usable(protocol.timing(), now, *at) && *at >= oldest && !first(*at);
        // One that lies ahead was made now at the latest, and must not hide those that follow it.
        let made = raw.spoken_at().filter(counts).map(|at| at.min(now));
        let (spoken, said) = (self.spoken, self.said);
        if let Some(at) = made {
            self.spoken = Some(at);
            self.take_in(protocol, now, raw);
        }
        let readings = if self.hears(protocol, now) {
            self.believed()
        } else {
            Telemetry::silent(NoData::LinkSilent).admit()
        };
        Heard {
            readings,
            new: self.spoken != spoken || self.said != said,
            blind,
            was_dry,
        }
    }

    /// Whether the newest report is fresh.
    pub(crate) fn hears(&self, protocol: &Protocol, now: Timestamp) -> bool {
        self.spoken
            .is_some_and(|at| usable(protocol.timing(), now, at))
    }

    /// What the pump says, through the door.
    fn take_in(&mut self, protocol: &Protocol, now: Timestamp, raw: &Telemetry) {
        let said = raw.admit();
        self.says_nonsense = said.refused().is_some();
        self.said = kept::merge(now, protocol.sensing().dropout, &self.said, &said);
        self.judge_sensors(protocol);
        if let Ok(state) = self.said.state {
            self.dry = state.value == PumpState::Empty;
        }
        self.off_band = off_band(protocol, &self.said);
    }

    /// What was said last, without the sensors that are not believed: those are as good as not fitted (AL-28).
    fn believed(&self) -> Readings {
        let believed = |lost: bool| {
            if lost {
                Err(NoData::SensorFault)
            } else {
                Ok(())
            }
        };
        Readings {
            flow: believed(self.trust.flow.is_lost()).and(self.said.flow),
            pressure: believed(self.trust.pressure.is_lost()).and(self.said.pressure),
            ..self.said
        }
    }

    fn judge_sensors(&mut self, protocol: &Protocol) {
        let sensing = protocol.sensing();
        let force = self.exchange.in_force();
        let steady = self.trust.flow_under == force;
        if self.trust.flow.see_flow(sensing, self.said.flow, steady) {
            self.trust.flow_under = force;
        }
        if let Ok(sample) = self.said.pressure {
            let reading = (sample.at, sample.value.pascals());
            self.trust.pressure.see(sensing.stuck_for, reading, None);
        }
    }

    /// Takes the read-back in, and what the pump's own count comes to. True when it tells something new.
    pub(crate) fn hear(&mut self, protocol: &Protocol, now: Timestamp, heard: &Heard) -> bool {
        let readings = &heard.readings;
        let Some(state) = readings.state.ok().filter(|_| heard.new) else {
            return false;
        };
        let first = !self.exchange.is_read();
        let at = state.at.min(now);
        let told = self.exchange.hear(protocol.timing(), at, readings.accepted);
        self.readable = matches!(readings.accepted, Ok(_) | Err(NoData::NeverSeen));
        match told.beyond {
            Some(accepted) if first => self.adopt(protocol, now, accepted.action),
            Some(_) => {
                self.security.alert(now);
                self.own_count.doubt();
            }
            None => {}
        }
        if matches!(state.value, PumpState::Infusing | PumpState::Holding) {
            self.infused_at = Some(at);
        }
        self.settle_books(now, heard);
        told.new || (first && self.exchange.is_read())
    }

    /// Whether the pump's history is known, so that something new may be commanded (SR-28).
    pub(crate) fn may_command(&self, protocol: &Protocol, now: Timestamp) -> bool {
        self.readable && self.hears(protocol, now)
    }
}

/// How old a report may be.
pub(crate) fn report_lasts(timing: &Timing) -> Duration {
    timing.cycle.saturating_mul(timing.report_cycles)
}

/// Whether a report that was made at `at` is neither too old nor from too far ahead.
fn usable(timing: &Timing, now: Timestamp, at: Timestamp) -> bool {
    now.since(at) <= report_lasts(timing) && at.since(now) <= timing.report_ahead
}

/// What the flow may be wrong by because the pump is outside its rated band, in thousandths (SR-79).
fn off_band(protocol: &Protocol, said: &Readings) -> u32 {
    let sensing = protocol.sensing();
    let [cold, warm] = sensing.temperature;
    let Ok(sample) = said.temperature else {
        return 0;
    };
    let colder = cold.saturating_sub(sample.value).millidegrees();
    let warmer = sample.value.saturating_sub(warm).millidegrees();
    let beyond = u64::try_from(colder.max(warmer)).unwrap_or_default();
    let error = beyond
        .saturating_mul(u64::from(sensing.temperature_error_permille_per_c))
        .div_ceil(1_000);
    u32::try_from(error).unwrap_or(u32::MAX)
}
