//! How a clinician departs from the rules: what is left, what is entered otherwise, what no rule asks for.

use infusion_device::Device;
use infusion_types::{Alarm, Mode, Order, OrderKind, User};

use super::{COMPLETION, Clinician, Task};
use crate::clock::SimTime;
use crate::draw::Draws;
use crate::fault::Event;
use crate::ward::{Departure, Departures, Ward};

impl Clinician {
    /// How they depart from their rules from now on.
    pub const fn obey(&mut self, ward: &Ward) {
        self.ward = *ward;
    }

    /// How they have departed since it was last asked.
    pub fn departed(&mut self) -> Departures {
        std::mem::take(&mut self.departed)
    }

    /// Does at once what no rule asks for. True when anything of it was done: the device's and the platform's
    /// events are not theirs.
    pub fn does(
        &mut self,
        (now, draws): (SimTime, &Draws),
        event: Event,
        device: &mut Device,
        orders: &mut Vec<Order>,
    ) -> bool {
        let (given, was_on) = (orders.len(), device.connected());
        let task = match event {
            Event::Orders(order) => Task::Order(order.by, order.what),
            Event::Does(doing) => Task::Scripted(doing),
            Event::LineOpened => Task::Disconnect,
            Event::LineClosed => Task::Connect,
            Event::PrimesByItself { .. }
            | Event::RunsOwnProgram { .. }
            | Event::PumpRestarts
            | Event::ReservoirKeeps { .. }
            | Event::Reset
            | Event::Reused
            | Event::MemoryLost
            | Event::BitFlips { .. }
            | Event::LogAltered => return false,
        };
        self.perform(now, draws, task, device, orders);
        // A dose or a filling is ordered a moment later, by the agenda.
        self.act(now, draws, device, orders);
        orders.len() > given || device.connected() != was_on
    }

    /// Presses a key, or does not.
    pub(super) fn order(&mut self, by: User, what: OrderKind, orders: &mut Vec<Order>) {
        let what = if let OrderKind::Acknowledge(alarm) = what {
            if self.ward.nobody_answers {
                // Whoever comes back finds it again.
                self.alarms = self.alarms.without([alarm].into_iter().collect());
                return self.departed.note(Departure::Left);
            }
            OrderKind::Acknowledge(self.acknowledged(alarm))
        } else {
            what
        };
        if what == OrderKind::Start && self.ward.nobody_starts {
            self.start_left = true;
            return self.departed.note(Departure::StartLeft);
        }
        if what == OrderKind::ConfirmComplete && self.ward.nobody_confirms {
            return self.departed.note(Departure::EndLeft);
        }
        orders.push(Order { by, what });
    }

    /// The alarm that is acknowledged by somebody who means `meant`: where they err, another one that stands,
    /// or the next in the table.
    fn acknowledged(&mut self, meant: Alarm) -> Alarm {
        if !self.ward.acknowledges_another {
            return meant;
        }
        let mut others = self.alarms.iter().filter(|other| *other != meant);
        let place = usize::from(meant.number()) % Alarm::ALL.len();
        let other = others.next().unwrap_or(Alarm::ALL[place]);
        self.departed
            .note_if(other != meant, Departure::OtherAcknowledged);
        other
    }

    /// What was left or entered wrongly at the start is made good by whoever keeps to the rules again.
    pub(super) fn make_good(&mut self, now: SimTime, draws: &Draws, mode: Mode) {
        let meant = self.start_dose_ug_per_day;
        let errs = self.ward.nobody_starts
            || self.ward.acknowledges_only
            || self.ward.entered(meant).to_bits() != meant.to_bits();
        if !self.start_left || errs {
            return;
        }
        self.start_left = false;
        if mode.is_therapy() {
            self.authorise(now, draws, meant);
        } else {
            self.authorise_and_start(now, draws);
        }
    }

    /// Notes a dose that was entered otherwise than it was meant.
    pub(super) fn note_entry(&mut self, meant_ug_per_day: f64, entered_ug_per_day: f64) {
        let another = entered_ug_per_day.to_bits() != meant_ug_per_day.to_bits();
        self.departed.note_if(another, Departure::DoseChanged);
        // Only the dose of the start is meant again; another one was right for its moment.
        let starts = meant_ug_per_day.to_bits() == self.start_dose_ug_per_day.to_bits();
        self.start_left |= another && starts;
    }

    /// Whether a question that stands is left.
    pub(super) fn leaves(&mut self, question: usize) -> bool {
        let why = if self.ward.nobody_answers {
            Departure::Left
        } else if self.ward.acknowledges_only {
            Departure::OnlyAcknowledged
        } else if self.ward.nobody_confirms && question == COMPLETION {
            Departure::EndLeft
        } else {
            return false;
        };
        self.departed.note(why);
        true
    }
}
