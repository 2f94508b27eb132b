//! What has flowed since the last cycle, entered before anything else is decided.

use core::time::Duration;

use infusion_types::{
    Action, Carry, Dose, DoseRate, Flow, NoData, PumpState, Readings, Telemetry, Timestamp, Volume,
};

use crate::exchange::infused;
use crate::kept;
use crate::ledger::{Rates, Window};
use crate::mode::Mode;
use crate::protocol::Protocol;
use crate::state::State;

impl State {
    /// Enters what flowed since the last cycle, at the rates that held until now.
    pub(crate) fn account(&mut self, protocol: &Protocol, now: Timestamp, readings: &Readings) {
        let elapsed = now.since(self.stepped);
        let flow = self.asked_flow();
        self.reservoir.advance(flow, elapsed);
        let in_session = self.in_session();
        let (low, high) = self.given(readings);
        let measured = readings
            .flow
            .map_or(high, |flow| self.contents.drug().rate_of(flow.value));
        if in_session {
            self.contents.advance(flow, elapsed);
            let rates = Rates {
                planned: self.plan,
                low,
                high,
                measured,
                in_session,
            };
            self.ledger.enter(now, &rates);
        } else {
            self.ledger.enter(now, &Rates::default());
        }
        if let (true, Some(wean)) = (self.contents.bridging(), &mut self.wean) {
            wean.pause(elapsed);
        }
        if matches!(self.mode, Mode::Prime) {
            self.count_prime(protocol, elapsed);
            if let Ok(flow) = readings.flow {
                let seen = moved(flow.value, elapsed);
                self.timers.primed = self.timers.primed.saturating_add(seen);
            }
        }
        self.stepped = now;
    }

    fn count_prime(&mut self, protocol: &Protocol, elapsed: Duration) {
        if matches!(self.exchange.in_force(), Some(Action::Prime { .. })) {
            self.prime_to(protocol, moved(protocol.limits().flow_prime, elapsed));
        }
    }

    /// Books `more` as primed, at most what the open line holds.
    pub(crate) fn prime_to(&mut self, protocol: &Protocol, more: Volume) {
        let primed = self.primed.saturating_add(more).min(protocol.line().open);
        self.reservoir.draw(primed.saturating_sub(self.primed));
        self.primed = primed;
    }

    /// What the pump says, through the door.
    pub(crate) fn read(
        &mut self,
        protocol: &Protocol,
        now: Timestamp,
        raw: &Telemetry,
    ) -> Readings {
        let said = raw.admit();
        self.says_nonsense = said.refused().is_some();
        self.said = kept::merge(now, protocol.sensing().dropout, &self.said, &said);
        self.judge_sensors(protocol);
        if let Ok(state) = self.said.state {
            self.dry = state.value == PumpState::Empty;
        }
        // A sensor that is not believed is as good as not fitted (AL-28).
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

    /// Takes the read-back in. True when it tells something new.
    pub(crate) fn hear(
        &mut self,
        protocol: &Protocol,
        now: Timestamp,
        readings: &Readings,
    ) -> bool {
        let Ok(state) = readings.state else {
            return false;
        };
        let accepted = readings.accepted.ok().map(|sample| sample.value);
        self.reconciled |= accepted.is_some();
        let at = state.at.min(now);
        self.exchange.hear(protocol.timing(), at, accepted)
    }

    /// What the pump is thought to give, at least and at most.
    fn given(&self, readings: &Readings) -> (DoseRate, DoseRate) {
        let reaches = |action: Action| self.contents.reaching(infused(action));
        let infusing = readings
            .state
            .is_ok_and(|it| matches!(it.value, PumpState::Infusing | PumpState::Holding));
        let silent = readings.state.is_err();
        let confirmed = self.exchange.in_force().filter(|_| infusing || silent);
        let force = confirmed.map_or(DoseRate::ZERO, reaches);
        self.exchange
            .perhaps()
            .map(reaches)
            .fold((force, force), |(low, high), rate| {
                (low.min(rate), high.max(rate))
            })
    }

    /// The most that a flow sensor's reading over the last 24 h can mean.
    pub(crate) fn measured_at_most(&self, protocol: &Protocol) -> Dose {
        let sensing = protocol.sensing();
        let measured = self.ledger.window(Window::Day).measured.nanograms();
        let gain = u64::from(sensing.flow_gain_permille).saturating_add(1_000);
        let scaled = measured
            .saturating_mul(gain)
            .checked_div(1_000)
            .unwrap_or(u64::MAX);
        let offset = self.contents.drug().rate_of(sensing.flow_offset).daily();
        Dose::from_nanograms(scaled.saturating_add(offset.nanograms_per_day()))
    }
}

/// The volume that a flow forwards moves in `elapsed`.
fn moved(flow: Flow, elapsed: Duration) -> Volume {
    let per_hour = u64::try_from(flow.nanolitres_per_hour()).unwrap_or_default();
    // A flow of nanolitres per hour adds up as a rate of nanograms per hour does.
    let moved = DoseRate::from_nanograms_per_hour(per_hour).over(elapsed, &mut Carry::default());
    Volume::from_nanolitres(moved.nanograms())
}
