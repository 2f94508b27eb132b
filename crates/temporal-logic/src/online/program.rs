//! A formula as a list of small machines, operands before operators, with runs flowing between them.

use core::mem;

use super::chain::{Chain, Direction};
use super::machine::Machine;
use super::many::BATCH;
use super::runs::{Runs, take_pair};
use super::window::{Extreme, Memory, Sliding};
use crate::error::GridError;
use crate::formula::{Connective, Formula, Node, Quantity, Window};
use crate::margin::Margin;
use crate::time::Grid;

/// A stream or a window begins with room for so many runs: what waits of a batch, and as much again that waits
/// for the other side of an operator. One that needs more grows until it has been at its longest.
pub(crate) const ROOM: usize = 2 * BATCH;

/// A stream of runs, by its place in the program. Each has one writer and one reader.
pub(crate) type Stream = usize;

#[derive(Clone, Debug)]
struct Step {
    machine: Machine,
    /// Both the same for machines with one input.
    inputs: [Stream; 2],
    output: Stream,
}

/// The machines of one formula. A clone goes on from the same point on its own.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    steps: Vec<Step>,
    /// The first streams are the atoms', in their order.
    pub(crate) streams: Vec<Runs>,
    root: Root,
    /// Once nothing has changed for this many ticks, nothing inside can change any more.
    pub(crate) settling: i64,
}

/// One stream to judge, or the two sides of an outermost implication.
#[derive(Clone, Copy, Debug)]
enum Root {
    One(Stream),
    Implies(Stream, Stream),
}

/// From the end of the stretch before up to, not including, the tick `until`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stretch {
    pub(crate) until: i64,
    pub(crate) margin: Margin,
    /// Whether there was something to judge.
    pub(crate) armed: bool,
    /// What was to hold: the right side of an outermost implication, or all of it.
    pub(crate) demand: Margin,
}

impl Program {
    pub(crate) fn new(formula: &Formula, grid: Grid) -> Result<Self, GridError> {
        let mut builder = Builder {
            grid,
            steps: Vec::new(),
            streams: formula.atoms().len(),
        };
        let root = if let Node::Join(Connective::Implies, pair) = formula.root() {
            let [left, right] = builder.pair(pair)?;
            Root::Implies(left, right)
        } else {
            Root::One(builder.node(formula.root())?)
        };
        Ok(Self {
            steps: builder.steps,
            streams: vec![Runs::with_room(ROOM); builder.streams],
            root,
            settling: grid.ticks(formula.horizon())? + looks_back(formula.root(), grid)?,
        })
    }

    /// Lets the first run begin at `tick`, and tells what is known before it.
    pub(crate) fn begin(&mut self, tick: i64) {
        for step in &mut self.steps {
            step.machine.begin(tick, &mut self.streams[step.output]);
        }
    }

    /// Lets everything that waits flow as far as it can.
    pub(crate) fn flow(&mut self) {
        for step in &mut self.steps {
            let mut output = mem::take(&mut self.streams[step.output]);
            let mut left = mem::take(&mut self.streams[step.inputs[0]]);
            if step.inputs[0] == step.inputs[1] {
                step.machine.one(&mut left, &mut output);
                if let Machine::Copy = step.machine {
                    let copy = &mut self.streams[step.output - 1];
                    while let Some(run) = left.pop() {
                        copy.push(run.until, run.margin);
                        output.push(run.until, run.margin);
                    }
                }
            } else {
                let mut right = mem::take(&mut self.streams[step.inputs[1]]);
                step.machine.two(&mut left, &mut right, &mut output);
                self.streams[step.inputs[1]] = right;
            }
            self.streams[step.inputs[0]] = left;
            self.streams[step.output] = output;
        }
    }

    /// Takes what has come out at the root between the ticks `from` and `end`.
    #[inline]
    pub(crate) fn judge(&mut self, mut from: i64, end: i64, mut say: impl FnMut(Stretch)) {
        match self.root {
            Root::One(stream) => {
                let stream = &mut self.streams[stream];
                while from < end
                    && let Some(run) = stream.take_until(end)
                {
                    from = run.until;
                    say(Stretch {
                        until: from,
                        margin: run.margin,
                        armed: true,
                        demand: run.margin,
                    });
                }
            }
            Root::Implies(left, right) => {
                let mut a = mem::take(&mut self.streams[left]);
                let b = &mut self.streams[right];
                while from < end
                    && let Some((until, left, right)) = take_pair(&mut a, b, end)
                {
                    from = until;
                    say(Stretch {
                        until,
                        margin: Connective::Implies.join(left, right),
                        armed: left.holds(),
                        demand: right,
                    });
                }
                self.streams[left] = a;
            }
        }
    }

    /// Runs remembered, in windows and between machines.
    pub(crate) fn len(&self) -> usize {
        let between: usize = self.streams.iter().map(Runs::len).sum();
        between
            + self
                .steps
                .iter()
                .map(|step| step.machine.len())
                .sum::<usize>()
    }
}

struct Builder {
    grid: Grid,
    steps: Vec<Step>,
    streams: usize,
}

impl Builder {
    /// Adds what `node` needs; where its margin comes out.
    fn node(&mut self, node: &Node) -> Result<Stream, GridError> {
        Ok(match node {
            Node::Atom(atom) => *atom,
            Node::Not(of) => {
                let input = self.node(of)?;
                self.add(Machine::Not, [input; 2])
            }
            Node::Edge { rises, of } => {
                let input = self.node(of)?;
                let edge = Machine::Edge {
                    rises: *rises,
                    before: Margin::BOTTOM,
                    done: 0,
                };
                self.add(edge, [input; 2])
            }
            Node::Past(quantity, of) => {
                let input = self.node(of)?;
                let nothing = Extreme::new(*quantity).empty();
                self.add(Machine::Past(*quantity, nothing), [input; 2])
            }
            Node::Window(quantity, window, of) => {
                let input = self.node(of)?;
                let window = ticks(window, self.grid)?;
                self.window(*quantity, window, input)
            }
            Node::Join(connective, pair) => {
                let inputs = self.pair(pair)?;
                self.add(Machine::Join(*connective), inputs)
            }
            Node::PastSince(pair) => {
                let inputs = self.pair(pair)?;
                self.add(Machine::PastSince(Margin::BOTTOM), inputs)
            }
            Node::Until(window, pair) => self.chain(Direction::Until, window, pair)?,
            Node::Since(window, pair) => self.chain(Direction::Since, window, pair)?,
        })
    }

    fn chain(
        &mut self,
        direction: Direction,
        window: &Window,
        pair: &[Node; 2],
    ) -> Result<Stream, GridError> {
        let [way, goal] = self.pair(pair)?;
        let (from, to) = ticks(window, self.grid)?;
        let chain = Machine::Chain(Sliding::new(Chain::new(direction), from, to));
        // The ticks between the window and now, where the left operand has to hold as well.
        let (nearest, gap) = match direction {
            Direction::Until => (from, (0, from - 1)),
            Direction::Since => (to, (to + 1, 0)),
        };
        if nearest == 0 {
            return Ok(self.add(chain, [way, goal]));
        }
        let first = self.stream();
        let second = self.add(Machine::Copy, [way; 2]);
        debug_assert_eq!(first + 1, second, "a copy writes to two streams in a row");
        let gap = self.window(Quantity::All, gap, first);
        let chain = self.add(chain, [second, goal]);
        Ok(self.add(Machine::Join(Connective::And), [gap, chain]))
    }

    fn window(&mut self, quantity: Quantity, (from, to): (i64, i64), input: Stream) -> Stream {
        let window = Sliding::new(Extreme::new(quantity), from, to);
        self.add(Machine::Window(window), [input; 2])
    }

    fn pair(&mut self, pair: &[Node; 2]) -> Result<[Stream; 2], GridError> {
        Ok([self.node(&pair[0])?, self.node(&pair[1])?])
    }

    fn add(&mut self, machine: Machine, inputs: [Stream; 2]) -> Stream {
        let output = self.stream();
        self.steps.push(Step {
            machine,
            inputs,
            output,
        });
        output
    }

    fn stream(&mut self) -> Stream {
        self.streams += 1;
        self.streams - 1
    }
}

fn ticks(window: &Window, grid: Grid) -> Result<(i64, i64), GridError> {
    Ok((grid.ticks(window.from)?, grid.ticks(window.to)?))
}

/// Ticks from a change to the last moment that remembers it. What remembers for ever (`once` without
/// bounds) has nothing new to remember after one tick.
fn looks_back(node: &Node, grid: Grid) -> Result<i64, GridError> {
    let both = |pair: &[Node; 2]| -> Result<i64, GridError> {
        Ok(looks_back(&pair[0], grid)?.max(looks_back(&pair[1], grid)?))
    };
    Ok(match node {
        Node::Atom(_) => 0,
        Node::Not(of) | Node::Past(_, of) => looks_back(of, grid)?,
        Node::Edge { of, .. } => looks_back(of, grid)? + 1,
        Node::Window(_, window, of) => looks_back(of, grid)? + (-ticks(window, grid)?.0).max(0),
        Node::Join(_, pair) | Node::PastSince(pair) | Node::Until(_, pair) => both(pair)?,
        Node::Since(window, pair) => both(pair)? - ticks(window, grid)?.0,
    })
}
