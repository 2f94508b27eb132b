//! What is wrong between what the controller decided and what it says: a defect of its own, as numbers.
//!
//! It stands for the hazards in which the software itself is at fault. The bench applies it to the decision,
//! after the controller and before anything leaves; the pump's own limits and the requirements are what is
//! left against it. The controller is not helped to find out: of a command that was bent it is told the
//! read-back that it expects.

use infusion_types::{
    Action, Alarm, AlarmPanel, AlarmSet, Command, Decision, DoseRate, PositiveRate, Sample, Send,
    Telemetry,
};

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
    /// The rate of a command is a multiple of what was decided.
    Scaled,
    /// A decrement came out as an increment.
    Flipped,
    /// A command to stop did not leave.
    Unstopped,
    /// An alarm that stands is not shown.
    Dropped(Alarm),
    /// An alarm that stands is not shown yet.
    Late,
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
    ) -> Vec<Bent> {
        let mut bent = Vec::new();
        if let Send::Command(meant) = decision.send {
            decision.send = self.say_command(defect, meant, &mut bent);
        }
        self.say_alarms(now, defect, &mut decision.alarms, &mut bent);
        bent
    }

    /// What leaves in place of a command. One that is sent again is sent as it left: one number, one rate; what
    /// bent it did so the first time.
    fn say_command(&mut self, defect: &Defect, command: Command, bent: &mut Vec<Bent>) -> Send {
        match command.action {
            Action::Infuse { rate, at } => {
                let said = match (self.meant, self.left.map(|left| left.action)) {
                    (Some(meant), Some(Action::Infuse { rate, .. }))
                        if (meant.sequence, meant.action) == (command.sequence, command.action) =>
                    {
                        rate
                    }
                    (Some(_) | None, Some(_) | None) => self.rate(defect, rate, bent),
                };
                let left = Command {
                    action: Action::Infuse { rate: said, at },
                    ..command
                };
                (self.meant, self.left) = (Some(command), Some(left));
                Send::Command(left)
            }
            Action::Stop { .. } if defect.stops_lost => {
                bent.push(Bent::Unstopped);
                Send::Ping
            }
            Action::Stop { .. } | Action::Prime { .. } => Send::Command(command),
        }
    }

    /// The rate that leaves, and what made it another.
    fn rate(&self, defect: &Defect, meant: PositiveRate, bent: &mut Vec<Bent>) -> PositiveRate {
        let infused = |command: Command| match command.action {
            Action::Infuse { rate, .. } => Some(rate.get()),
            Action::Prime { .. } | Action::Stop { .. } => None,
        };
        let (before, left) = (self.meant.and_then(infused), self.left.and_then(infused));
        let meant = meant.get();
        let flipped = match (before, left) {
            (Some(before), Some(left)) if defect.sign_flipped && meant < before => {
                bent.push(Bent::Flipped);
                left.saturating_add(before.saturating_sub(meant))
            }
            (Some(_) | None, Some(_) | None) => meant,
        };
        let scaled = libm::round(flipped.nanograms_per_hour() as f64 * defect.rate_times);
        let scaled = DoseRate::from_nanograms_per_hour(scaled as u64);
        if scaled != flipped {
            bent.push(Bent::Scaled);
        }
        scaled.positive().unwrap_or(LEAST)
    }

    /// Hides alarms, and shows them with another priority.
    fn say_alarms(
        &mut self,
        now: SimTime,
        defect: &Defect,
        panel: &mut AlarmPanel,
        bent: &mut Vec<Bent>,
    ) {
        let stands = panel.active;
        for alarm in stands.without(self.stood).iter() {
            self.stands_since[usize::from(alarm.number()) - 1] = now;
        }
        self.stood = stands;
        let late_ms = u64::from(defect.alarms_late_s) * 1_000;
        let young = |alarm: &Alarm| {
            let since = self.stands_since[usize::from(alarm.number()) - 1];
            now.millis() - since.millis() < late_ms
        };
        let dropped = stands.intersection(defect.dropped);
        // What is never shown is not late.
        let late: AlarmSet = stands.without(dropped).iter().filter(young).collect();
        bent.extend(dropped.iter().map(Bent::Dropped));
        bent.extend((!late.is_empty()).then_some(Bent::Late));
        let hidden = dropped.union(late);
        for set in [
            &mut panel.active,
            &mut panel.latched,
            &mut panel.sounding,
            &mut panel.escalated,
            &mut panel.raised_to_high,
        ] {
            *set = set.without(hidden);
        }
        if defect.priorities_swapped {
            let shown = *panel;
            panel.escalated = panel.active.without(AlarmSet::HIGH);
            panel.raised_to_high = panel.escalated;
            panel.sounding = panel.sounding.without(AlarmSet::HIGH);
            bent.extend((*panel != shown).then_some(Bent::Priority));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use infusion_types::{Concentration, Session, StopCause};

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

    const SCALES: Defect = Defect {
        rate_times: 2.0,
        ..Defect::NONE
    };

    /// What leaves in place of a command, and what bent it.
    fn said(mouth: &mut Mouth, defect: &Defect, command: Command) -> (Send, Vec<Bent>) {
        let mut bent = Vec::new();
        let send = mouth.say_command(defect, command, &mut bent);
        (send, bent)
    }

    #[test]
    fn a_command_that_is_sent_again_is_sent_as_it_left_and_bent_once() {
        let mut mouth = Mouth::new();
        for (number, meant, left) in [(1, 900, 900), (2, 800, 1_000), (3, 700, 1_100)] {
            let (send, bent) = said(&mut mouth, &FLIPS, command(number, meant));
            assert_eq!(send, Send::Command(command(number, left)));
            assert_eq!(bent.contains(&Bent::Flipped), number > 1);
            // Whatever the defect has become meanwhile.
            for defect in [FLIPS, SCALES, Defect::NONE] {
                let again = said(&mut mouth, &defect, command(number, meant));
                assert_eq!(again, (send, vec![]));
            }
        }
        let (send, bent) = said(&mut mouth, &Defect::NONE, command(4, 600));
        assert_eq!(send, Send::Command(command(4, 600)), "another number");
        assert_eq!(bent, []);
    }

    #[test]
    fn a_rate_that_becomes_nothing_leaves_as_the_least() {
        let small = Defect {
            rate_times: 0.01,
            ..Defect::NONE
        };
        let (send, bent) = said(&mut Mouth::new(), &small, command(1, 40));
        assert_eq!(send, Send::Command(command(1, 1)));
        assert_eq!(bent, [Bent::Scaled]);
    }

    #[test]
    fn each_defect_of_a_command_tells_of_itself_alone() {
        let both = Defect {
            sign_flipped: true,
            stops_lost: true,
            ..SCALES
        };
        let mut mouth = Mouth::new();
        let mut bent = |defect, meant| said(&mut mouth, defect, meant).1;
        assert_eq!(bent(&FLIPS, command(1, 900)), [], "nothing to flip");
        assert_eq!(bent(&both, command(2, 950)), [Bent::Scaled]);
        let all = bent(&both, command(3, 800));
        assert_eq!(all, [Bent::Flipped, Bent::Scaled]);
        let stop = Command {
            action: Action::Stop {
                cause: StopCause::FreeFlow,
                clamp: false,
            },
            ..command(4, 1)
        };
        assert_eq!(bent(&both, stop), [Bent::Unstopped]);
        assert_eq!(bent(&FLIPS, stop), []);
    }

    /// What is said of these alarms, which have just been raised, and a minute later.
    fn shown(defect: &Defect, alarms: [Alarm; 2]) -> [(AlarmSet, Vec<Bent>); 2] {
        let mut mouth = Mouth::new();
        [0, 1].map(|minute| {
            let mut panel = AlarmPanel {
                active: alarms.into_iter().collect(),
                ..AlarmPanel::default()
            };
            let mut bent = Vec::new();
            mouth.say_alarms(SimTime::from_minutes(minute), defect, &mut panel, &mut bent);
            (panel.active, bent)
        })
    }

    #[test]
    fn each_defect_of_the_alarms_tells_of_itself_alone() {
        let [low, high] = [Alarm::PausedLong, Alarm::FreeFlow];
        assert!(AlarmSet::HIGH.contains(high) && !AlarmSet::HIGH.contains(low));
        let both: AlarmSet = [low, high].into_iter().collect();
        let nothing = shown(&Defect::NONE, [low, high]);
        assert_eq!(nothing, [(both, vec![]), (both, vec![])]);
        let drops = Defect {
            dropped: both.with(low, false),
            ..Defect::NONE
        };
        let [now, then] = shown(&drops, [low, high]);
        assert_eq!(now, (both.with(high, false), vec![Bent::Dropped(high)]));
        assert_eq!(then, now);
        let late = Defect {
            alarms_late_s: 60,
            ..drops
        };
        let [now, then] = shown(&late, [low, high]);
        assert_eq!(
            now,
            (AlarmSet::EMPTY, vec![Bent::Dropped(high), Bent::Late])
        );
        assert_eq!(then, (both.with(high, false), vec![Bent::Dropped(high)]));
        let swapped = Defect {
            priorities_swapped: true,
            ..late
        };
        let [now, then] = shown(&swapped, [low, high]);
        assert!(!now.1.contains(&Bent::Priority), "nothing is shown");
        assert!(then.1.contains(&Bent::Priority));
    }
}
