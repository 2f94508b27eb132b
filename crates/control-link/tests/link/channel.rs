//! A way that loses, doubles, reorders, damages and delays, between a sender that restarts and a receiver.
//!
//! The reference knows what was sent and when, and which number was last let in; it knows nothing of bytes,
//! of seals or of how a clock is followed. Where it cannot tell (the receiver's clock may have moved a
//! little by then) it expects nothing.

use control_link::{Body, Direction, Receiver, Refusal, Sender};
use infusion_types::Timestamp;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};

use crate::support::{SESSION, at, command, config, infuse, key, receiver};

/// One thing that happens.
#[derive(Clone, Debug)]
enum Turn {
    /// A command leaves, or a ping.
    Send { ping: bool },
    /// Time passes, ms.
    Wait(u64),
    /// What is on its way at this place arrives, and is gone from there or stays as a copy.
    Arrive { which: Index, stays: bool },
    /// The same with a bit turned over; it stays as it was.
    Damaged { which: Index, bit: Index },
    /// It is lost.
    Lose(Index),
    /// The sender restarts: its epoch goes up, and its count begins anew.
    Restart,
}

/// What is on its way, as the reference knows it.
#[derive(Clone, Copy, Debug)]
struct Sent {
    number: u64,
    at: u64,
    /// The sequence of a command; none for a ping.
    sequence: Option<u32>,
}

#[derive(Clone, Debug, Default)]
struct World {
    now: u64,
    epoch: u32,
    count: u32,
    sequence: u32,
    under_way: Vec<Sent>,
    last: u64,
    /// How long the first frame that was let in took.
    first_took: Option<u64>,
    began: u64,
}

/// What has to become of a frame that arrives.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Expected {
    Opens,
    Refused,
    Either,
}

impl World {
    fn expects(&self, sent: Sent) -> Expected {
        if sent.number <= self.last {
            return Expected::Refused;
        }
        let Some(first) = self.first_took else {
            return Expected::Opens;
        };
        let late = i128::from(self.now - sent.at) - i128::from(first);
        let moved = i128::from((self.now - self.began) / 1_000 + 1);
        if late > 30_000 + moved || late < -5_000 - moved {
            Expected::Refused
        } else if late <= 30_000 - moved && late >= -5_000 + moved {
            Expected::Opens
        } else {
            Expected::Either
        }
    }

    fn let_in(&mut self, sent: Sent) {
        self.last = sent.number;
        if self.first_took.is_none() {
            self.first_took = Some(self.now - sent.at);
            self.began = self.now;
        }
    }
}

impl ReferenceStateMachine for World {
    type State = Self;
    type Transition = Turn;

    fn init_state() -> BoxedStrategy<Self> {
        Just(Self::default()).boxed()
    }

    fn transitions(_: &Self) -> BoxedStrategy<Turn> {
        let index = any::<Index>;
        prop_oneof![
            6 => any::<bool>().prop_map(|ping| Turn::Send { ping }),
            2 => (0_u64..40_000).prop_map(Turn::Wait),
            2 => (0_u64..500).prop_map(Turn::Wait),
            8 => (index(), any::<bool>()).prop_map(|(which, stays)| Turn::Arrive { which, stays }),
            2 => (index(), index()).prop_map(|(which, bit)| Turn::Damaged { which, bit }),
            2 => index().prop_map(Turn::Lose),
            1 => Just(Turn::Restart),
        ]
        .boxed()
    }

    fn preconditions(world: &Self, turn: &Turn) -> bool {
        match turn {
            // What may open or not is left on its way: the reference could not go on from there.
            Turn::Arrive { which, .. } => {
                !world.under_way.is_empty()
                    && world.expects(world.under_way[which.index(world.under_way.len())])
                        != Expected::Either
            }
            Turn::Damaged { .. } | Turn::Lose(_) => !world.under_way.is_empty(),
            Turn::Send { .. } | Turn::Wait(_) | Turn::Restart => true,
        }
    }

    fn apply(mut world: Self, turn: &Turn) -> Self {
        match turn {
            Turn::Send { ping } => {
                world.count += 1;
                world.sequence += u32::from(!ping);
                world.under_way.push(Sent {
                    number: u64::from(world.epoch) << 32 | u64::from(world.count),
                    at: world.now,
                    sequence: (!ping).then_some(world.sequence),
                });
            }
            Turn::Wait(millis) => world.now += millis,
            Turn::Arrive { which, stays } => {
                let place = which.index(world.under_way.len());
                let sent = world.under_way[place];
                if world.expects(sent) == Expected::Opens {
                    world.let_in(sent);
                }
                if !stays {
                    world.under_way.remove(place);
                }
            }
            Turn::Damaged { .. } => {}
            Turn::Lose(which) => {
                let place = which.index(world.under_way.len());
                world.under_way.remove(place);
            }
            Turn::Restart => {
                world.epoch += 1;
                world.count = 0;
            }
        }
        world
    }
}

/// The real ends, and the bytes between them.
#[derive(Debug)]
struct Ends {
    sender: Sender,
    receiver: Receiver,
    sequence: u32,
    epoch: u32,
    under_way: Vec<Vec<u8>>,
    delivered: Vec<u64>,
    /// What the reference knew before this turn.
    before: World,
}

impl Ends {
    fn send(&mut self, ping: bool, now: Timestamp) {
        let frame = if ping {
            self.sender.seal_ping(now)
        } else {
            self.sequence += 1;
            let rate = infuse(u64::from(self.sequence));
            self.sender.seal_command(now, &command(self.sequence, rate))
        };
        let frame = frame.expect("numbers are left");
        self.under_way.push(frame.bytes().to_vec());
    }

    fn arrive(&mut self, place: usize, now: Timestamp) {
        let sent = self.before.under_way[place];
        let before = self.receiver.heard();
        let opened = self.receiver.open(now, &self.under_way[place]);
        match (self.before.expects(sent), opened) {
            (Expected::Opens, Ok(message)) => {
                assert_eq!(message.number, sent.number);
                let said = match message.body {
                    Body::Command(said) => Some(said),
                    Body::Ping => None,
                    Body::Report(_) => panic!("nobody sent a report"),
                };
                let told = |sequence| command(sequence, infuse(u64::from(sequence)));
                assert_eq!(said, sent.sequence.map(told));
                assert!(
                    self.delivered.iter().all(|number| *number < message.number),
                    "at most once, and in order"
                );
                self.delivered.push(message.number);
            }
            (Expected::Refused, Err(refusal)) => {
                let number = matches!(refusal, Refusal::Number { .. });
                assert_eq!(number, sent.number <= self.before.last);
                assert!(!number || self.receiver.heard() == before);
            }
            (expected, opened) => panic!("{expected:?}: {opened:?}"),
        }
    }

    fn damaged(&mut self, place: usize, bit: Index, now: Timestamp) {
        let mut bytes = self.under_way[place].clone();
        let bit = bit.index(bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        let before = self.receiver.heard();
        assert!(self.receiver.open(now, &bytes).is_err());
        assert_eq!(self.receiver.heard(), before);
    }
}

impl StateMachineTest for Ends {
    type SystemUnderTest = Self;
    type Reference = World;

    fn init_test(world: &World) -> Self {
        Self {
            sender: Sender::new(SESSION, &key(), 0),
            receiver: receiver(Direction::Down),
            sequence: 0,
            epoch: 0,
            under_way: Vec::new(),
            delivered: Vec::new(),
            before: world.clone(),
        }
    }

    fn apply(mut ends: Self, world: &World, turn: Turn) -> Self {
        let now = at(ends.before.now);
        match turn {
            Turn::Send { ping } => ends.send(ping, now),
            Turn::Wait(_) => {}
            Turn::Arrive { which, stays } => {
                let place = which.index(ends.under_way.len());
                ends.arrive(place, now);
                if !stays {
                    ends.under_way.remove(place);
                }
            }
            Turn::Damaged { which, bit } => {
                let place = which.index(ends.under_way.len());
                ends.damaged(place, bit, now);
            }
            Turn::Lose(which) => {
                let place = which.index(ends.under_way.len());
                ends.under_way.remove(place);
            }
            Turn::Restart => {
                ends.epoch += 1;
                ends.sender = Sender::new(SESSION, &key(), ends.epoch);
            }
        }
        ends.before = world.clone();
        ends
    }
}

prop_state_machine! {
    #![proptest_config(config(1_000))]

    #[test]
    fn every_message_is_delivered_at_most_once_and_in_order(sequential 1..60 => Ends);
}
