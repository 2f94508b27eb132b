//! One operator, online: takes runs, tells runs.

use super::chain::{Chain, Link};
use super::runs::{Runs, take_pair};
use super::window::{Extreme, Sliding};
use crate::formula::{Connective, Quantity};
use crate::margin::Margin;

#[derive(Clone, Debug)]
pub(crate) enum Machine {
    Not,
    Join(Connective),
    /// With the margin of the tick before.
    Edge {
        rises: bool,
        before: Margin,
        done: i64,
    },
    Window(Sliding<Extreme>),
    /// With the margin of all ticks so far.
    Past(Quantity, Margin),
    /// With the margin of the tick before.
    PastSince(Margin),
    Chain(Sliding<Chain>),
    /// The same runs twice: to its own output, and to the stream before it.
    Copy,
}

impl Machine {
    /// Tells what is known before the first run, which begins at `tick`.
    pub(crate) fn begin(&mut self, tick: i64, out: &mut Runs) {
        match self {
            Self::Window(window) => window.begin(tick, out),
            Self::Chain(window) => window.begin(tick, out),
            Self::Edge { done, .. } => *done = tick,
            Self::Not | Self::Join(_) | Self::Past(..) | Self::PastSince(_) | Self::Copy => {}
        }
    }

    /// How many runs it remembers.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Window(window) => window.len(),
            Self::Chain(window) => window.len(),
            Self::Not
            | Self::Join(_)
            | Self::Edge { .. }
            | Self::Past(..)
            | Self::PastSince(_)
            | Self::Copy => 0,
        }
    }

    /// Machines with one input; a copy is made elsewhere.
    pub(crate) fn one(&mut self, input: &mut Runs, out: &mut Runs) {
        match self {
            Self::Not => {
                while let Some(run) = input.pop() {
                    out.push(run.until, run.margin.not());
                }
            }
            Self::Edge {
                rises,
                before,
                done,
            } => {
                while let Some(run) = input.pop() {
                    let now = if *rises { run.margin } else { run.margin.not() };
                    *done += 1;
                    out.push(*done, now.and(before.not()));
                    if *done < run.until {
                        out.push(run.until, now.and(now.not()));
                    }
                    (*before, *done) = (now, run.until);
                }
            }
            Self::Window(window) => {
                while let Some(run) = input.pop() {
                    window.advance(run.until, run.margin, out);
                }
            }
            Self::Past(quantity, so_far) => {
                while let Some(run) = input.pop() {
                    *so_far = match quantity {
                        Quantity::All => so_far.and(run.margin),
                        Quantity::Some => so_far.or(run.margin),
                    };
                    out.push(run.until, *so_far);
                }
            }
            Self::Join(_) | Self::PastSince(_) | Self::Chain(_) | Self::Copy => {}
        }
    }

    /// Machines with two inputs.
    pub(crate) fn two(&mut self, left: &mut Runs, right: &mut Runs, out: &mut Runs) {
        match self {
            Self::Join(connective) => {
                while let Some((until, left, right)) = take_pair(left, right, i64::MAX) {
                    out.push(until, connective.join(left, right));
                }
            }
            Self::PastSince(before) => {
                while let Some((until, left, right)) = take_pair(left, right, i64::MAX) {
                    *before = right.or(left.and(*before));
                    out.push(until, *before);
                }
            }
            Self::Chain(window) => {
                while let Some((until, way, goal)) = take_pair(left, right, i64::MAX) {
                    window.advance(until, Link { way, goal }, out);
                }
            }
            Self::Not | Self::Edge { .. } | Self::Window(_) | Self::Past(..) | Self::Copy => {}
        }
    }
}

impl Connective {
    #[inline]
    pub(crate) fn join(self, left: Margin, right: Margin) -> Margin {
        match self {
            Self::And => left.and(right),
            Self::Or => left.or(right),
            Self::Implies => left.not().or(right),
            Self::Iff => left.not().or(right).and(right.not().or(left)),
            Self::Xor => left.and(right.not()).or(left.not().and(right)),
        }
    }
}
