//! The shipped controller between two ears and a mouth that are not its own.

use std::time::Duration;

use dose_controller::{Controller, Protocol};
use infusion_types::{
    Action, Alarm, AlarmSet, Assessment, Command, Concentration, Decision, DoseRate, Host, Inputs,
    Order, OrderKind, Sample, Send, Session, Telemetry, Timestamp,
};

use crate::bench::{AnyController, ControllerPort, Stalled};
use crate::kept::Kept;

/// A lease like the shipped protocol's.
const LEASE: Duration = Duration::from_secs(90);

/// What reaches the controller in a cycle, before it does.
#[derive(Clone, Debug)]
pub struct Heard {
    /// Since the explant.
    pub hours: f64,
    /// What the pump says.
    pub telemetry: Telemetry,
    /// What a nurse saw.
    pub assessment: Option<Assessment>,
    /// What people want.
    pub orders: Vec<Order>,
    /// What the platform says of itself.
    pub host: Host,
}

impl Heard {
    /// Lets no order of a kind through.
    pub fn never(&mut self, kind: impl Fn(&OrderKind) -> bool) {
        self.orders.retain(|order| !kind(&order.what));
    }
}

/// One cycle after the controller has decided.
#[derive(Debug)]
pub struct Cycle<'a, 'b> {
    /// Since the explant.
    pub hours: f64,
    /// What truly came in.
    pub inputs: &'a Inputs<'b>,
    /// What goes out.
    pub decision: &'a mut Decision,
    /// How often the controller has been restarted.
    pub restarts: u32,
    session: Session,
    drug: Concentration,
    left: Option<Command>,
}

impl Cycle<'_, '_> {
    /// Says something else to the pump.
    pub fn command(&mut self, action: Action, lease: Duration) {
        self.decision.send = Send::Command(Command {
            session: self.session,
            sequence: 0,
            action,
            lease,
        });
    }

    /// Says the last command again, under its own number.
    pub fn again(&mut self) {
        if let Some(left) = self.left {
            self.decision.send = Send::Command(left);
        }
    }

    /// Tells the pump to infuse the drug that it last infused.
    pub fn infuse(&mut self, rate: DoseRate) {
        let at = self.drug;
        if let Some(rate) = rate.positive() {
            self.command(Action::Infuse { rate, at }, LEASE);
        }
    }

    /// The action that is about to leave.
    pub fn action(&mut self) -> Option<&mut Action> {
        match &mut self.decision.send {
            Send::Command(command) => Some(&mut command.action),
            Send::Ping | Send::Quiet(_) => None,
        }
    }

    /// Changes the rate of an infusion that is about to leave.
    pub fn scale_rate(&mut self, times: f64) {
        if let Some(Action::Infuse { rate, .. }) = self.action() {
            *rate = scaled(rate.get(), times).positive().unwrap_or(*rate);
        }
    }

    /// Whether an infusion is about to leave.
    pub fn infuses(&mut self) -> bool {
        matches!(self.action(), Some(Action::Infuse { .. }))
    }

    /// Whether a stop is about to leave.
    pub fn stops(&mut self) -> bool {
        matches!(self.action(), Some(Action::Stop { .. }))
    }

    /// Takes back what is about to leave.
    pub fn say_nothing(&mut self) {
        self.decision.send = Send::Ping;
    }

    /// Takes an alarm off the panel, cause and all.
    pub fn hide(&mut self, alarm: Alarm) {
        let panel = &mut self.decision.alarms;
        for set in [&mut panel.condition, &mut panel.active, &mut panel.latched] {
            *set = set.with(alarm, false);
        }
    }

    /// Puts an alarm on the panel that has no cause.
    pub fn cry(&mut self, alarm: Alarm) {
        let panel = &mut self.decision.alarms;
        let only = AlarmSet::EMPTY.with(alarm, true);
        panel.condition = panel.condition.union(only);
        panel.active = panel.active.union(only);
    }

    /// Whether an order of a kind came in.
    #[must_use]
    pub fn told(&self, kind: impl Fn(&OrderKind) -> bool) -> bool {
        self.inputs.orders.iter().any(|order| kind(&order.what))
    }
}

/// A rate, times a number.
pub(super) fn scaled(rate: DoseRate, times: f64) -> DoseRate {
    DoseRate::from_nanograms_per_hour((rate.nanograms_per_hour() as f64 * times) as u64)
}

/// A closure that can be copied with what it remembers, so that a run can fork.
trait Ear: FnMut(&mut Heard) + std::marker::Send {
    fn boxed(&self) -> Box<dyn Ear>;
}

impl<F: FnMut(&mut Heard) + Clone + std::marker::Send + 'static> Ear for F {
    fn boxed(&self) -> Box<dyn Ear> {
        Box::new(self.clone())
    }
}

trait Mouth: FnMut(&mut Cycle<'_, '_>) + std::marker::Send {
    fn boxed(&self) -> Box<dyn Mouth>;
}

impl<F: FnMut(&mut Cycle<'_, '_>) + Clone + std::marker::Send + 'static> Mouth for F {
    fn boxed(&self) -> Box<dyn Mouth> {
        Box::new(self.clone())
    }
}

/// What is done to what the controller hears, and to what it says.
pub struct Bend {
    hears: Box<dyn Ear>,
    says: Box<dyn Mouth>,
}

impl Clone for Bend {
    fn clone(&self) -> Self {
        Self {
            hears: self.hears.as_ref().boxed(),
            says: self.says.as_ref().boxed(),
        }
    }
}

impl Bend {
    /// Nothing.
    #[must_use]
    pub fn none() -> Self {
        Self {
            hears: Box::new(|_| {}),
            says: Box::new(|_| {}),
        }
    }

    /// To what it hears.
    pub fn hears(ear: impl FnMut(&mut Heard) + Clone + std::marker::Send + 'static) -> Self {
        Self {
            hears: Box::new(ear),
            ..Self::none()
        }
    }

    /// To what it says.
    pub fn says(
        mouth: impl FnMut(&mut Cycle<'_, '_>) + Clone + std::marker::Send + 'static,
    ) -> Self {
        Self {
            says: Box::new(mouth),
            ..Self::none()
        }
    }

    /// To both.
    pub fn both(
        ear: impl FnMut(&mut Heard) + Clone + std::marker::Send + 'static,
        mouth: impl FnMut(&mut Cycle<'_, '_>) + Clone + std::marker::Send + 'static,
    ) -> Self {
        Self {
            hears: Box::new(ear),
            ..Self::says(mouth)
        }
    }

    /// To what it says from an hour on.
    pub fn after(
        hours: f64,
        mut mouth: impl FnMut(&mut Cycle<'_, '_>) + Clone + std::marker::Send + 'static,
    ) -> Self {
        Self::says(move |cycle| {
            if cycle.hours >= hours {
                mouth(cycle);
            }
        })
    }

    /// Some alarms are never raised.
    #[must_use]
    pub fn hiding(alarms: &'static [Alarm]) -> Self {
        Self::says(move |cycle| {
            for alarm in alarms {
                cycle.hide(*alarm);
            }
        })
    }

    /// From an hour on plan and rate are so many times what they would be.
    #[must_use]
    pub fn rescaling(hours: f64, times: f64) -> Self {
        let mut begun = false;
        Self::after(hours, move |cycle| {
            if !cycle.decision.mode.is_therapy() {
                return;
            }
            cycle.decision.plan = scaled(cycle.decision.plan, times);
            cycle.scale_rate(times);
            if !begun {
                begun = true;
                cycle.infuse(cycle.decision.plan);
            }
        })
    }
}

/// The shipped controller with a bend around it.
///
/// It does not know of the bend: what the pump reads back is told to it as what it had said.
#[derive(Clone)]
pub struct Bent {
    inner: Controller,
    bend: Bend,
    session: Session,
    drug: Concentration,
    /// The last command that it meant to send.
    meant: Option<Command>,
    /// The last command that left.
    left: Option<Command>,
    restarts: u32,
}

impl Bent {
    /// A controller of a protocol, bent.
    #[must_use]
    pub fn new(protocol: Protocol, session: Session, bend: Bend) -> Self {
        Self {
            inner: Controller::new(protocol, session),
            bend,
            session,
            drug: Concentration::from_micrograms_per_millilitre(500),
            meant: None,
            left: None,
            restarts: 0,
        }
    }

    fn read_back(&self, telemetry: &mut Telemetry) {
        if let (Ok(Sample { value, .. }), Some(meant)) = (&mut telemetry.accepted, self.meant)
            && self
                .left
                .is_some_and(|left| (left.sequence, left.action) == (value.sequence, value.action))
        {
            value.sequence = meant.sequence;
            value.action = meant.action;
        }
    }
}

impl ControllerPort for Bent {
    fn step(&mut self, now: Timestamp, inputs: &Inputs<'_>) -> Result<Decision, Stalled> {
        let hours = now.millis() as f64 / 3.6e6;
        let mut heard = Heard {
            hours,
            telemetry: *inputs.telemetry,
            assessment: inputs.assessment.copied(),
            orders: inputs.orders.to_vec(),
            host: *inputs.host,
        };
        self.read_back(&mut heard.telemetry);
        (self.bend.hears)(&mut heard);
        let heard = Inputs {
            telemetry: &heard.telemetry,
            assessment: heard.assessment.as_ref(),
            orders: &heard.orders,
            host: &heard.host,
        };
        let mut decision = self.inner.step(now, &heard);
        if let Send::Command(command) = &mut decision.send {
            // What it says again keeps its number; anything else gets the next one below.
            let again = self.meant == Some(*command);
            self.meant = Some(*command);
            let same = |left: &Command| again && left.action == command.action;
            command.sequence = self.left.filter(same).map_or(0, |left| left.sequence);
            if let Action::Infuse { at, .. } = command.action {
                self.drug = at;
            }
        }
        (self.bend.says)(&mut Cycle {
            hours,
            inputs,
            decision: &mut decision,
            restarts: self.restarts,
            session: self.session,
            drug: self.drug,
            left: self.left,
        });
        if let Send::Command(command) = &mut decision.send {
            if command.sequence == 0 {
                command.sequence = self.left.map_or(1, |left| left.sequence + 1);
            }
            self.left = Some(*command);
        }
        Ok(decision)
    }

    fn poll_timeout(&self) -> Timestamp {
        self.inner.poll_timeout()
    }

    fn saved(&mut self) -> Result<Option<Kept>, Stalled> {
        Ok(Some(Kept::of(&self.inner)))
    }

    fn restart(
        &mut self,
        session: Session,
        now: Timestamp,
        saved: Option<Kept>,
    ) -> Result<(), Stalled> {
        self.session = session;
        self.restarts += 1;
        self.inner.restart(session, now, saved)
    }

    fn fork(&self) -> Option<AnyController> {
        Some(Box::new(self.clone()))
    }
}
