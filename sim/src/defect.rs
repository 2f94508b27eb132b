//! What is wrong between what the controller decided and what it says: a defect of its own, as numbers.
//!
//! It stands for the hazards in which the software itself is at fault. The bench applies it to the decision,
//! after the controller and before anything leaves; the pump's own limits and the requirements are what is
//! left against it. The controller is not helped to find out: of a command that was bent it is told the
//! read-back that it expects.

use dose_controller::{Decision, Send};
use infusion_types::{Action, Alarm, AlarmSet, Command, DoseRate, PositiveRate, Sample, Telemetry};

use crate::clock::SimTime;

/// How what is said departs from what was decided.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Defect {
    /// The rate of each command to infuse, in multiples of the one decided.
    pub rate_times: f64,
    /// Decrements come out as increments of the same size.
    pub sign_flipped: bool,
    /// Commands to stop do not leave.
    pub stops_lost: bool,
    /// Alarms that are never shown.
    pub dropped: AlarmSet,
    /// Alarms are shown so late, s.
    pub alarms_late_s: u32,
    /// High alarms are shown as low, and low ones as high.
    pub priorities_swapped: bool,
}

impl Defect {
    /// What is said is what was decided.
    pub const NONE: Self = Self {
        rate_times: 1.0,
        sign_flipped: false,
        stops_lost: false,
        dropped: AlarmSet::EMPTY,
        alarms_late_s: 0,
        priorities_swapped: false,
    };
}

/// What of a decision came out otherwise than it was decided.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Bent {
    /// The rate of a command.
    Rate,
    /// A command to stop did not leave.
    Stop,
    /// An alarm that stands is not shown.
    Alarm,
    /// An alarm is shown with another priority.
    Priority,
}

/// The least rate that a command can have.
const LEAST: PositiveRate = DoseRate::from_nanograms_per_hour(1)
    .positive()
    .expect("one is above zero");

/// Applies a defect, cycle by cycle.
#[derive(Clone, Debug)]
pub(crate) struct Mouth {
    /// The last command to infuse: as it was decided, and as it left.
    meant: Option<Command>,
    left: Option<Command>,
    stands_since: [SimTime; 44],
    stood: AlarmSet,
}

impl Mouth {
    pub(crate) const fn new() -> Self {
        Self {
            meant: None,
            left: None,
            stands_since: [SimTime::ZERO; 44],
            stood: AlarmSet::EMPTY,
        }
    }

    /// The read-back of a command that was bent, as the controller expects it.
    pub(crate) fn hear(&self, telemetry: &mut Telemetry) {
        if let (Ok(Sample { value, .. }), Some(meant), Some(left)) =
            (&mut telemetry.accepted, self.meant, self.left)
            && value.sequence == left.sequence
            && value.action == left.action
        {
            value.action = meant.action;
        }
    }

    /// Bends a decision, and tells what of it is other than it was decided.
    pub(crate) fn say(
        &mut self,
        now: SimTime,
        defect: &Defect,
        decision: &mut Decision,
    ) -> impl Iterator<Item = Bent> + use<> {
        let command = if let Send::Command(meant) = decision.send {
            decision.send = self.say_command(defect, meant);
            match decision.send {
                Send::Command(left) => (left != meant).then_some(Bent::Rate),
                Send::Ping | Send::Quiet(_) => Some(Bent::Stop),
            }
        } else {
            None
        };
        let [alarm, priority] = self.say_alarms(now, defect, decision);
        let alarm = alarm.then_some(Bent::Alarm);
        let priority = priority.then_some(Bent::Priority);
        [command, alarm, priority].into_iter().flatten()
    }

    /// What leaves in place of a command. One that is sent again is sent as it left: one number, one rate.
    fn say_command(&mut self, defect: &Defect, command: Command) -> Send {
        match command.action {
            Action::Infuse { rate, at } => {
                let said = match (self.meant, self.left.map(|left| left.action)) {
                    (Some(meant), Some(Action::Infuse { rate, .. }))
                        if (meant.sequence, meant.action) == (command.sequence, command.action) =>
                    {
                        rate
                    }
                    (Some(_) | None, Some(_) | None) => {
                        self.rate(defect, rate.get()).positive().unwrap_or(LEAST)
                    }
                };
                let left = Command {
                    action: Action::Infuse { rate: said, at },
                    ..command
                };
                (self.meant, self.left) = (Some(command), Some(left));
                Send::Command(left)
            }
            Action::Stop { .. } if defect.stops_lost => Send::Ping,
            Action::Stop { .. } | Action::Prime { .. } => Send::Command(command),
        }
    }

    fn rate(&self, defect: &Defect, meant: DoseRate) -> DoseRate {
        let infused = |command: Command| match command.action {
            Action::Infuse { rate, .. } => Some(rate.get()),
            Action::Prime { .. } | Action::Stop { .. } => None,
        };
        let (before, left) = (self.meant.and_then(infused), self.left.and_then(infused));
        let flipped = match (before, left) {
            (Some(before), Some(left)) if defect.sign_flipped && meant < before => {
                left.saturating_add(before.saturating_sub(meant))
            }
            (Some(_) | None, Some(_) | None) => meant,
        };
        if defect.rate_times.to_bits() == 1.0_f64.to_bits() {
            return flipped;
        }
        let scaled = libm::round(flipped.nanograms_per_hour() as f64 * defect.rate_times);
        DoseRate::from_nanograms_per_hour(scaled as u64)
    }

    /// Whether an alarm is not shown, and whether one is shown with another priority.
    fn say_alarms(&mut self, now: SimTime, defect: &Defect, decision: &mut Decision) -> [bool; 2] {
        let decided = decision.alarms;
        let new = decided.active.without(self.stood);
        for alarm in new.iter() {
            self.stands_since[usize::from(alarm.number()) - 1] = now;
        }
        self.stood = decided.active;
        let late = SimTime::from_millis(u64::from(defect.alarms_late_s) * 1_000);
        let hidden = |alarm: &Alarm| {
            let since = self.stands_since[usize::from(alarm.number()) - 1];
            now.millis() - since.millis() < late.millis()
        };
        let late: AlarmSet = decided.active.iter().filter(hidden).collect();
        let hidden = defect.dropped.union(late);
        let panel = &mut decision.alarms;
        for set in [
            &mut panel.active,
            &mut panel.latched,
            &mut panel.sounding,
            &mut panel.escalated,
        ] {
            *set = set.without(hidden);
        }
        let shown = *panel;
        if defect.priorities_swapped {
            panel.escalated = panel.active.without(AlarmSet::HIGH);
            panel.raised_to_high = panel.escalated;
            panel.sounding = panel.sounding.without(AlarmSet::HIGH);
        }
        [shown != decided, *panel != shown]
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use infusion_types::{Concentration, Session};

    use super::*;

    fn command(sequence: u32, ng_per_h: u64) -> Command {
        let rate = DoseRate::from_nanograms_per_hour(ng_per_h).positive();
        Command {
            session: Session::new(1),
            sequence,
            action: Action::Infuse {
                rate: rate.expect("above zero"),
                at: Concentration::from_micrograms_per_millilitre(500),
            },
            lease: Duration::from_secs(90),
        }
    }

    const FLIPS: Defect = Defect {
        sign_flipped: true,
        ..Defect::NONE
    };

    #[test]
    fn a_command_that_is_sent_again_is_sent_as_it_left() {
        let mut mouth = Mouth::new();
        for (number, meant, left) in [(1, 900, 900), (2, 800, 1_000), (3, 700, 1_100)] {
            // Whatever the defect has become meanwhile.
            for defect in [FLIPS, FLIPS, Defect::NONE] {
                let said = mouth.say_command(&defect, command(number, meant));
                assert_eq!(said, Send::Command(command(number, left)));
            }
        }
        let said = mouth.say_command(&Defect::NONE, command(4, 600));
        assert_eq!(said, Send::Command(command(4, 600)), "another number");
    }

    #[test]
    fn a_rate_that_becomes_nothing_leaves_as_the_least() {
        let small = Defect {
            rate_times: 0.01,
            ..Defect::NONE
        };
        let said = Mouth::new().say_command(&small, command(1, 40));
        assert_eq!(said, Send::Command(command(1, 1)));
    }
}
