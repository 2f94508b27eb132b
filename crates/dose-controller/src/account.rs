//! What has flowed since the last cycle, entered before anything else is decided.

use core::time::Duration;

use infusion_types::{
    Action, Carry, Dose, DoseRate, Flow, Mode, PumpState, Readings, Timestamp, Volume,
};

use crate::exchange::infused;
use crate::ledger::{Rates, Window};
use crate::protocol::Protocol;
use crate::report::Heard;
use crate::state::State;

/// What the pump is thought to give, at least and at most.
type Interval = (DoseRate, DoseRate);

impl State {
    /// Enters what flowed since the last cycle, at the rates that held until now.
    pub(crate) fn account(&mut self, protocol: &Protocol, now: Timestamp, heard: &Heard) {
        let (elapsed, readings) = (now.since(self.stepped), &heard.readings);
        // A pump that has run dry moves nothing, and no front.
        let flow = if self.dry {
            Flow::ZERO
        } else {
            self.asked_flow()
        };
        self.reservoir.advance(flow, elapsed);
        if self.in_session() {
            let (low, high) = self.given(protocol, heard);
            let seen = readings.flow.ok().filter(|_| !heard.blind);
            let measured = seen.map_or(high, |flow| self.contents.drug().rate_of(flow.value));
            let (low, high) = self.widened((low, high));
            self.own_count.enter(elapsed, (low, high));
            self.own_count.off_band(self.off_band);
            if self.counts_unevenly(protocol, heard) {
                self.own_count.is_uneven();
            }
            if heard.blind {
                self.own_count.doubt();
            }
            self.contents.advance(flow, elapsed);
            let rates = Rates {
                planned: self.plan,
                low,
                high,
                measured,
                in_session: true,
            };
            self.ledger.enter(now, &rates);
        } else {
            self.ledger.enter(now, &Rates::default());
        }
        if let (true, Some(wean)) = (self.contents.bridging(), &mut self.wean) {
            wean.pause(elapsed);
        }
        if matches!(self.mode, Mode::Prime) {
            self.count_prime(protocol, elapsed, heard);
            if let Ok(flow) = readings.flow {
                let seen = moved(flow.value, elapsed);
                self.timers.primed = self.timers.primed.saturating_add(seen);
            }
        }
        self.stepped = self.stepped.max(now);
    }

    /// A pump that is not heard may have stopped when its lease ended: what it primes unheard is primed again.
    fn count_prime(&mut self, protocol: &Protocol, elapsed: Duration, heard: &Heard) {
        let says = heard.readings.state.ok().filter(|_| heard.new);
        let primes = says.is_some_and(|it| it.value == PumpState::Priming);
        if primes && matches!(self.exchange.in_force(), Some(Action::Prime { .. })) {
            self.prime_to(protocol, moved(protocol.limits().flow_prime, elapsed));
        }
    }

    /// Books `more` as primed, at most what the open line holds.
    pub(crate) fn prime_to(&mut self, protocol: &Protocol, more: Volume) {
        let primed = self.primed.saturating_add(more).min(protocol.line().open);
        self.reservoir.draw(primed.saturating_sub(self.primed));
        self.primed = primed;
    }

    /// What the pump is thought to give, at least and at most (SR-27).
    fn given(&self, protocol: &Protocol, heard: &Heard) -> Interval {
        let reaches = |action: Action| self.contents.reaching(infused(action));
        let state = heard.readings.state.ok().map(|sample| sample.value);
        let infusing = matches!(state, Some(PumpState::Infusing | PumpState::Holding));
        let told = self.exchange.in_force();
        let sure = told.filter(|_| infusing || state.is_none() || heard.blind);
        let sure = sure.map_or(DoseRate::ZERO, reaches);
        // What a silent pump is found doing it may have done all the while.
        let read = heard.readings.accepted.ok().map(|sample| sample.value);
        let found = read.filter(|read| heard.blind && read.session == self.exchange.session());
        let found = found.map(|accepted| accepted.action);
        let stands = self.stands_still(&heard.readings)
            || (heard.blind && self.may_not_move(protocol, heard, infusing));
        let nothing = stands.then_some(DoseRate::ZERO);
        self.exchange
            .perhaps()
            .chain(found)
            .map(reaches)
            .chain(nothing)
            .fold((sure, sure), |(low, high), rate| {
                (low.min(rate), high.max(rate))
            })
    }

    /// Whether the rotor was last said to stand still.
    fn stands_still(&self, readings: &Readings) -> bool {
        readings
            .motion
            .or(self.said.motion)
            .is_ok_and(|turns| !turns.value)
    }

    /// Whether a pump that nobody heard may have moved nothing for a while.
    fn may_not_move(&self, protocol: &Protocol, heard: &Heard, infusing: bool) -> bool {
        let idle = heard.readings.state.is_ok() && !infusing;
        idle || heard.was_dry || self.dry || self.reservoir.may_be_empty(protocol)
    }

    /// Whether the pump's own count says something else than what reached the patient.
    fn counts_unevenly(&self, protocol: &Protocol, heard: &Heard) -> bool {
        // A rotor counts its strokes, whether they move anything or not.
        let idle = heard.was_dry || self.dry || self.reservoir.may_be_empty(protocol);
        idle || self.contents.bridging() || self.stands_still(&heard.readings)
    }

    /// With the declared error of a pump outside its rated band (SR-79).
    fn widened(&self, (low, high): Interval) -> Interval {
        let [less, more] = around(self.off_band);
        (low.permille(less), high.permille_up(more))
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

/// What an error of so many thousandths leaves at least and makes at most, in thousandths.
pub(crate) const fn around(error_permille: u32) -> [u32; 2] {
    [
        1_000_u32.saturating_sub(error_permille),
        1_000_u32.saturating_add(error_permille),
    ]
}

/// The volume that a flow forwards moves in `elapsed`.
pub(crate) fn moved(flow: Flow, elapsed: Duration) -> Volume {
    let per_hour = u64::try_from(flow.nanolitres_per_hour()).unwrap_or_default();
    // A flow of nanolitres per hour adds up as a rate of nanograms per hour does.
    let moved = DoseRate::from_nanograms_per_hour(per_hour).over(elapsed, &mut Carry::default());
    Volume::from_nanolitres(moved.nanograms())
}
