//! The plain definition: what each operator means, tick by tick, with the whole trace at hand.
//!
//! Nothing here is clever, so that it can be read against a textbook. Each margin is worked out for
//! every tick of the trace, and each window is walked through every time: fit for tests and for short
//! traces, and the oracle for [`crate::Monitor`].

use crate::error::{GridError, RecordError};
use crate::formula::{Connective, Formula, Node, Quantity};
use crate::margin::Margin;
use crate::names::{Record, SignalId, Value};
use crate::online::Monitor;
use crate::time::{Grid, Sampling, Time};
use crate::verdict::{Summary, Verdict};

/// Why a trace cannot be judged.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum JudgeError {
    /// The formula does not fit the sampling.
    #[error(transparent)]
    Grid(#[from] GridError),
    /// A record cannot be judged.
    #[error(transparent)]
    Record(#[from] RecordError),
}

/// What a formula says of a whole trace.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// For each record its verdict, or none when the formula has not begun, or the trace ends before
    /// the verdict is final.
    pub verdicts: Vec<Option<Verdict>>,
    /// The same, summed up.
    pub summary: Summary,
    /// What the whole formula says; see [`Monitor::conclusion`].
    pub conclusion: Option<Verdict>,
}

/// Margins at every tick for which the trace is long enough. What only looks back far enough is known
/// beyond the end of the trace.
type Margins = Vec<Margin>;

/// Judges a whole trace by the definition.
///
/// Time and memory grow with the ticks of the trace (milliseconds, for dense time) times the length of
/// the windows.
///
/// # Errors
///
/// Whatever a [`Monitor`] would refuse.
pub fn judge(
    formula: &Formula,
    sampling: Sampling,
    records: &[Record],
) -> Result<Judgement, JudgeError> {
    check(formula, sampling, records)?;
    let grid = Grid::new(sampling)?;
    let held = held(formula, records);
    let origin = held.first().map_or(Time::ZERO, |record| record.at);
    let mut ticks = Vec::new();
    for record in &held {
        ticks.push(grid.tick(origin, record.at)?);
    }
    let trace = Trace {
        formula,
        grid,
        records: &held,
        length: ticks.last().map_or(0, |last| last + 1),
        ticks,
    };
    let margins = trace.margins(formula.root())?;
    let (armed, demand) = if let Node::Join(Connective::Implies, pair) = formula.root() {
        (trace.margins(&pair[0])?, trace.margins(&pair[1])?)
    } else {
        (vec![Margin::TOP; margins.len()], margins.clone())
    };
    let mut judgement = trace.judgement(origin, &margins, [&armed, &demand]);
    if let Some((_, of)) = formula.deadline() {
        let came = trace.margins(of)?;
        let judged = margins
            .len()
            .min(trace.ticks.last().map_or(0, |last| *last as usize + 1));
        judgement.summary.only_late = only_late(judged, [&armed, &demand, &came]);
    }
    let waited = records.len() - held.len();
    judgement
        .verdicts
        .splice(..0, core::iter::repeat_n(None, waited));
    Ok(judgement)
}

/// Refuses what a monitor refuses.
fn check(formula: &Formula, sampling: Sampling, records: &[Record]) -> Result<(), JudgeError> {
    let mut monitor = Monitor::new(formula.clone(), sampling)?;
    for record in records {
        monitor.observe(record.at, &record.values, |_| {})?;
    }
    Ok(())
}

/// The records with the value before for each that is unknown, from the first on in which every signal
/// of the formula has one.
fn held(formula: &Formula, records: &[Record]) -> Vec<Record> {
    let mut held: Vec<Record> = records.to_vec();
    for i in 1..held.len() {
        let (before, now) = held.split_at_mut(i);
        for (value, before) in now[0].values.iter_mut().zip(&before[i - 1].values) {
            if *value == Value::Unknown {
                *value = *before;
            }
        }
    }
    let is_unknown =
        |record: &Record, signal: SignalId| record.values[signal.index()] == Value::Unknown;
    let signals = formula.signals();
    let begin = held
        .iter()
        .position(|record| !signals.iter().any(|&signal| is_unknown(record, signal)));
    held.drain(..begin.unwrap_or(records.len()));
    held
}

struct Trace<'a> {
    formula: &'a Formula,
    grid: Grid,
    records: &'a [Record],
    ticks: Vec<i64>,
    length: i64,
}

impl Trace<'_> {
    fn margins(&self, node: &Node) -> Result<Margins, GridError> {
        let latest = self.grid.ticks(Time::from_millis(node.latest()))?;
        let at = self.definition(node)?;
        Ok((0..self.length - latest).map(at).collect())
    }

    /// The margin of `node` at one tick. It may be asked only when the trace is long enough.
    fn definition<'b>(
        &'b self,
        node: &'b Node,
    ) -> Result<Box<dyn Fn(i64) -> Margin + 'b>, GridError> {
        Ok(match node {
            Node::Atom(atom) => Box::new(move |t| self.atom(*atom, t)),
            Node::Not(of) => {
                let of = self.read(of)?;
                Box::new(move |t| of(t).not())
            }
            Node::Join(connective, pair) => {
                let (left, right) = self.read_pair(pair)?;
                Box::new(move |t| connective.join(left(t), right(t)))
            }
            Node::Edge { rises, of } => {
                let of = self.read(of)?;
                let signed = move |t| if *rises { of(t) } else { of(t).not() };
                Box::new(move |t| match t {
                    0 => signed(0),
                    _ => signed(t).and(signed(t - 1).not()),
                })
            }
            Node::Window(quantity, window, of) => {
                let (from, to) = (self.grid.ticks(window.from)?, self.grid.ticks(window.to)?);
                let of = self.read(of)?;
                Box::new(move |t| over(*quantity, ((t + from).max(0)..=t + to).map(&of)))
            }
            Node::Past(quantity, of) => {
                let of = self.read(of)?;
                Box::new(move |t| over(*quantity, (0..=t).map(&of)))
            }
            Node::Until(window, pair) => {
                let (from, to) = (self.grid.ticks(window.from)?, self.grid.ticks(window.to)?);
                let (way, goal) = self.read_pair(pair)?;
                Box::new(move |t| {
                    some((t + from..=t + to).map(|s| goal(s).and(all((t..s).map(&way)))))
                })
            }
            Node::Since(window, pair) => {
                let (from, to) = (self.grid.ticks(window.from)?, self.grid.ticks(window.to)?);
                let (way, goal) = self.read_pair(pair)?;
                let way_after = move |s, t| all((s + 1..=t).map(&way));
                Box::new(move |t| {
                    some(((t + from).max(0)..=t + to).map(|s| goal(s).and(way_after(s, t))))
                })
            }
            Node::PastSince(pair) => {
                let (way, goal) = self.read_pair(pair)?;
                let way_after = move |s, t| all((s + 1..=t).map(&way));
                Box::new(move |t| some((0..=t).map(|s| goal(s).and(way_after(s, t)))))
            }
        })
    }

    /// A way to read the margins of an operand.
    fn read(&self, node: &Node) -> Result<impl Fn(i64) -> Margin + use<>, GridError> {
        let margins = self.margins(node)?;
        Ok(move |tick: i64| {
            let known = usize::try_from(tick)
                .ok()
                .and_then(|tick| margins.get(tick));
            *known.expect("an operand is final whenever its operator is")
        })
    }

    fn read_pair(
        &self,
        pair: &[Node; 2],
    ) -> Result<
        (
            impl Fn(i64) -> Margin + use<>,
            impl Fn(i64) -> Margin + use<>,
        ),
        GridError,
    > {
        Ok((self.read(&pair[0])?, self.read(&pair[1])?))
    }

    /// The value that the last record at or before `tick` gives.
    fn atom(&self, atom: usize, tick: i64) -> Margin {
        let record = self.ticks.partition_point(|&at| at <= tick) - 1;
        let values: &[Value] = &self.records[record].values;
        let id = u16::try_from(atom).unwrap_or(u16::MAX);
        let margin = self.formula.atoms()[atom].margin(values, id);
        margin.expect("a monitor would have refused the record")
    }

    fn judgement(
        &self,
        origin: Time,
        margins: &Margins,
        [armed, demand]: [&Margins; 2],
    ) -> Judgement {
        let verdict =
            |(tick, margin): (i64, Margin)| Verdict::new(self.grid.time(origin, tick), margin);
        let judged: Vec<(i64, Margin)> = (0..self.length).zip(margins.iter().copied()).collect();
        let verdicts: Vec<Option<Verdict>> = self
            .ticks
            .iter()
            .map(|&tick| judged.get(tick as usize).copied().map(verdict))
            .collect();
        let is_armed = |tick: i64| armed[tick as usize].holds();
        let with_verdict = || {
            self.ticks
                .iter()
                .take_while(|&&tick| (tick as usize) < judged.len())
        };
        let extreme = |quantity| {
            let margin = over(quantity, judged.iter().map(|&(_, margin)| margin));
            judged
                .iter()
                .copied()
                .find(|(_, one)| one.order(margin).is_eq())
        };
        let demanded = (0..judged.len() as i64).filter(|&tick| is_armed(tick));
        let demanded = demanded.map(|tick| (tick, demand[tick as usize]));
        let first_breach = demanded.clone().find(|(_, margin)| !margin.holds());
        let worst_armed = demanded.min_by(|(_, a), (_, b)| a.order(*b));
        let summary = Summary {
            records: self.records.len() as u64,
            judged: with_verdict().count() as u64,
            armed: with_verdict().filter(|&&tick| is_armed(tick)).count() as u64,
            first: judged.first().copied().map(verdict),
            worst: extreme(Quantity::All).map(verdict),
            best: extreme(Quantity::Some).map(verdict),
            worst_armed: worst_armed.map(verdict),
            first_breach: first_breach.map(|(tick, _)| self.grid.time(origin, tick)),
            only_late: false,
            open_from: ((judged.len() as i64) < self.length)
                .then(|| self.grid.time(origin, judged.len() as i64)),
        };
        Judgement {
            verdicts,
            summary,
            conclusion: summary.conclusion(self.formula.scope()),
        }
    }
}

/// Whether there were breaches in the first `judged` ticks, and after each what was to come came, at a tick
/// at which the condition did not end.
fn only_late(judged: usize, [armed, demand, came]: [&Margins; 3]) -> bool {
    let holds = |margins: &Margins, tick: usize| margins[tick].holds();
    let mut breaches = (0..judged).filter(|&tick| holds(armed, tick) && !holds(demand, tick));
    let mut any = false;
    let all = breaches.all(|breach| {
        any = true;
        let first = (breach..judged).find(|&tick| holds(came, tick));
        first.is_some_and(|tick| !holds(armed, tick - 1) || holds(armed, tick))
    });
    any && all
}

fn over(quantity: Quantity, margins: impl Iterator<Item = Margin>) -> Margin {
    match quantity {
        Quantity::All => all(margins),
        Quantity::Some => some(margins),
    }
}

fn all(margins: impl Iterator<Item = Margin>) -> Margin {
    margins.fold(Margin::TOP, Margin::and)
}

fn some(margins: impl Iterator<Item = Margin>) -> Margin {
    margins.fold(Margin::BOTTOM, Margin::or)
}
