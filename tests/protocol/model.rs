//! Every order in which things can happen from one moment on, within bounds.
//!
//! Whatever is on its way can arrive at any time later, or never: so loss and delay are without bound. How
//! often something overtakes or is doubled, how often the controller is woken, and how often it restarts is
//! bounded by a budget; people want a fixed list of things, each at any time. Time and budget are in the
//! state, so no state comes twice on a path, and one that comes on two paths has the same future.

use std::hash::{DefaultHasher, Hash, Hasher};

use infusion_types::{Action, Mode, PumpState, Quiet, Send};
use stateright::{Model, Property};

use super::situation::{Situation, Wish};

/// So many wakes in a calm are enough to be certain again: three minutes.
const CALM_WAKES: usize = 6;
/// Nanograms by which the sums of both sides may differ for their rounding.
const ROUNDING_NG: f64 = 2.0;

/// What can still happen.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) struct Budget {
    pub(super) wakes: u8,
    /// Arrivals out of order.
    pub(super) overtakings: u8,
    /// Arrivals of a copy.
    pub(super) copies: u8,
    pub(super) restarts: u8,
}

/// A state of the model.
#[derive(Clone, Debug, Hash)]
#[expect(
    clippy::derived_hash_with_manual_eq,
    reason = "states are equal where the search, which goes by hashes, takes them for equal"
)]
pub(super) struct Moment {
    pub(super) situation: Situation,
    left: Budget,
    wished: usize,
}

/// As the search tells them apart.
impl PartialEq for Moment {
    fn eq(&self, other: &Self) -> bool {
        let mark = |moment: &Self| {
            let mut hasher = DefaultHasher::new();
            moment.hash(&mut hasher);
            hasher.finish()
        };
        mark(self) == mark(other)
    }
}

/// One thing that can happen.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Event {
    Wakes,
    Wants(Wish),
    ArrivesAtPump { place: usize, stays: bool },
    ArrivesAtController { place: usize, stays: bool },
    Restarts,
}

/// The model: a beginning, what people want, and how much may go wrong.
#[derive(Clone, Debug)]
pub(super) struct Bedside {
    pub(super) beginning: Situation,
    pub(super) wishes: &'static [Wish],
    pub(super) budget: Budget,
}

impl Bedside {
    fn arrivals(left: Budget, count: usize) -> impl Iterator<Item = (usize, bool)> {
        let places = if left.overtakings > 0 {
            count
        } else {
            count.min(1)
        };
        let copies = if left.copies > 0 { 2 } else { 1 };
        (0..places).flat_map(move |place| (0..copies).map(move |copy| (place, copy == 1)))
    }
}

impl Model for Bedside {
    type State = Moment;
    type Action = Event;

    fn init_states(&self) -> Vec<Moment> {
        vec![Moment {
            situation: self.beginning.clone(),
            left: self.budget,
            wished: 0,
        }]
    }

    fn actions(&self, moment: &Moment, events: &mut Vec<Event>) {
        let left = moment.left;
        let down = Self::arrivals(left, moment.situation.down.len());
        events.extend(down.map(|(place, stays)| Event::ArrivesAtPump { place, stays }));
        let up = Self::arrivals(left, moment.situation.up.len());
        events.extend(up.map(|(place, stays)| Event::ArrivesAtController { place, stays }));
        if left.wakes > 0 {
            events.push(Event::Wakes);
        }
        if left.restarts > 0 {
            events.push(Event::Restarts);
        }
        events.extend(self.wishes.get(moment.wished).copied().map(Event::Wants));
    }

    fn next_state(&self, last: &Moment, event: Event) -> Option<Moment> {
        let mut next = last.clone();
        let (situation, left) = (&mut next.situation, &mut next.left);
        match event {
            Event::Wakes => {
                left.wakes -= 1;
                situation.wake();
            }
            Event::Wants(wish) => {
                next.wished += 1;
                situation.wish(wish);
            }
            Event::ArrivesAtPump { place, stays } => {
                left.overtakings -= u8::from(place > 0);
                left.copies -= u8::from(stays);
                situation.arrive_at_pump(place, stays);
            }
            Event::ArrivesAtController { place, stays } => {
                left.overtakings -= u8::from(place > 0);
                left.copies -= u8::from(stays);
                situation.arrive_at_controller(place, stays);
            }
            Event::Restarts => {
                left.restarts -= 1;
                situation.restart();
            }
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(
                "each command takes effect at most once",
                |_, it: &Moment| {
                    let commands = &it.situation.books.commands;
                    commands.values().all(|command| command.applied <= 1)
                },
            ),
            Property::always("a command is sent three times at most", |_, it: &Moment| {
                let commands = &it.situation.books.commands;
                commands.values().all(|command| command.sent <= 3)
            }),
            Property::always("a number means one action", |_, it: &Moment| {
                !it.situation.books.ambiguous
            }),
            Property::always(
                "what is in force was said and never goes back",
                |_, it: &Moment| !it.situation.books.unsaid,
            ),
            Property::always(
                "the pump keeps its rate whoever is silent",
                |_, it: &Moment| !it.situation.books.by_itself,
            ),
            Property::always("no prime outlives its lease", |_, it: &Moment| {
                !it.situation.books.overprimed
            }),
            Property::always(
                "two minutes without an answer are told of",
                |_, it: &Moment| !it.situation.books.untold,
            ),
            Property::always("who is certain is right", |_, it: &Moment| {
                !certain(&it.situation) || right(&it.situation)
            }),
            Property::always("the estimate holds the truth", |_, it: &Moment| {
                estimated(&it.situation)
            }),
            Property::always("calm makes certain again", |_, it: &Moment| recovers(it)),
            Property::sometimes("nobody knows", |_, it: &Moment| it.situation.uncertain()),
            Property::sometimes("a lease ends", |_, it: &Moment| {
                let truth = it.situation.truth();
                truth.state == PumpState::Holding
            }),
            Property::sometimes("the link refuses", |_, it: &Moment| {
                it.situation.books.refused
            }),
            Property::sometimes("a restart meets an unanswered command", |_, it: &Moment| {
                it.situation.books.restarted_unanswered
            }),
        ]
    }
}

/// The controller believes that the pump does what it wants.
fn certain(situation: &Situation) -> bool {
    let decision = situation.decision();
    let at_rest = match decision.send {
        Send::Quiet(Quiet::NothingNew) | Send::Ping => true,
        Send::Quiet(_) | Send::Command(_) => false,
    };
    let speaks_for_itself = matches!(
        decision.mode,
        Mode::Active | Mode::Hold | Mode::Paused | Mode::Stopped
    );
    at_rest && speaks_for_itself && !situation.uncertain()
}

/// The pump does what follows from the controller's mode and plan.
fn right(situation: &Situation) -> bool {
    let accepted = situation.truth().accepted;
    let action = accepted.map(|accepted| accepted.value.action);
    match (situation.decision().mode, action) {
        (Mode::Active | Mode::Hold, Some(Action::Infuse { rate, at })) => {
            let drug = u64::from(at.micrograms_per_millilitre());
            // A quantum of the flow, 0.01 uL/h, carries so much of this drug.
            let quantum = drug / 100;
            let plan = situation.decision().plan.nanograms_per_hour();
            rate.get().nanograms_per_hour().abs_diff(plan) <= quantum
        }
        (Mode::Paused | Mode::Stopped, Some(Action::Stop { .. })) => true,
        _ => false,
    }
}

/// SR-27: what the pump has moved lies in the controller's interval.
fn estimated(situation: &Situation) -> bool {
    let estimate = situation.decision().estimate_24h;
    let (low, high) = (estimate.low.nanograms(), estimate.high.nanograms());
    let moved = situation.books.moved_ng;
    !situation.decision().mode.is_therapy()
        || (low as f64 - ROUNDING_NG <= moved && moved <= high as f64 + ROUNDING_NG)
}

/// Whatever was still on its way is lost, and from then on nothing is. Asked where nobody is woken any more:
/// every earlier moment leads there, and what arrives after all is a moment of its own.
fn recovers(moment: &Moment) -> bool {
    if moment.left.wakes > 0 {
        return true;
    }
    let mut calm = moment.situation.all_lost();
    calm.calm(CALM_WAKES);
    if calm.decision().mode.is_therapy() {
        certain(&calm) && right(&calm) && estimated(&calm)
    } else {
        calm.truth().state != PumpState::Priming
    }
}
