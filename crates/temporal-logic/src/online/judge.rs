//! One formula's way along a trace: changes go in, stretches of one verdict come out.
//!
//! Changes may wait in the program's first streams as long as nobody asks; what comes out is the same.

use super::clock::Clock;
use super::inputs::Inputs;
use super::late::Late;
use super::leaves::{self, Leaves};
use super::program::{Program, Stretch};
use super::runs::Runs;
use crate::atom::Atom;
use crate::error::GridError;
use crate::formula::Formula;
use crate::margin::Margin;
use crate::time::Grid;
use crate::verdict::{Summary, Verdict};

/// Ticks count from the trace's first record, at which the formula need not have begun.
#[derive(Clone, Debug)]
pub(crate) struct Judge {
    leaves: Leaves,
    program: Program,
    /// Ticks from a moment until its verdict is final.
    horizon: i64,
    /// The first tick that is judged, once it has come.
    begin: Option<i64>,
    /// Records before that.
    skipped: u64,
    /// Everything before this tick has gone into the program.
    known: i64,
    /// The last tick at which a margin changed.
    changed: i64,
    /// Changes that have not flowed through the program.
    pub(crate) waiting: usize,
    /// Where [`Judge::reach`] was last.
    reached: i64,
    /// Everything before this tick has been judged.
    judged: i64,
    tally: Tally,
}

/// What has been said so far.
#[derive(Clone, Debug, Default)]
struct Tally {
    judged: u64,
    armed: u64,
    first: Option<Margin>,
    worst: Option<(i64, Margin)>,
    best: Option<(i64, Margin)>,
    worst_armed: Option<(i64, Margin)>,
    first_breach: Option<i64>,
    late: Option<Late>,
    last: Option<Stretch>,
}

impl Judge {
    pub(crate) fn new(formula: &Formula, grid: Grid) -> Result<Self, GridError> {
        let late = formula
            .deadline()
            .map(|(within, _)| grid.ticks(within).map(Late::new));
        Ok(Self {
            leaves: Leaves::new(formula),
            program: Program::new(formula, grid)?,
            horizon: grid.ticks(formula.horizon())?,
            begin: None,
            skipped: 0,
            known: 0,
            changed: 0,
            waiting: 0,
            reached: 0,
            judged: 0,
            tally: Tally {
                late: late.transpose()?,
                ..Tally::default()
            },
        })
    }

    /// Looks at the record that `inputs` took; whether it says anything new. Decides nothing yet.
    ///
    /// The error is the column of an atom whose arithmetic has no result.
    pub(crate) fn read(&mut self, atoms: &[Atom], inputs: &Inputs) -> Result<bool, usize> {
        self.leaves.read(atoms, inputs)
    }

    /// Lets what was read hold from `tick` on, the tick of the record after `records` others.
    pub(crate) fn keep(&mut self, tick: i64, records: u64) {
        if self.begin.is_none() {
            self.begin(tick, records);
        }
        self.know(tick);
        self.leaves.keep();
        self.changed = tick;
        self.waiting += 1;
    }

    /// Makes `tick`, the tick of the record after `records` others, the first that is judged.
    pub(crate) fn begin(&mut self, tick: i64, records: u64) {
        self.begin = Some(tick);
        self.skipped = records;
        (self.known, self.judged) = (tick, tick);
        self.program.begin(tick);
    }

    /// A way to give one atom's margins in several records at once; [`Judge::followed`] ends it.
    pub(crate) fn leaf(&mut self, atom: usize) -> Leaf<'_> {
        Leaf {
            atom: leaves::number(atom),
            stream: &mut self.program.streams[atom],
            held: self.leaves.margin(atom),
            known: self.known,
        }
    }

    /// Every atom has been followed up to the record at `tick`.
    pub(crate) fn followed(&mut self, tick: i64) {
        (self.known, self.changed) = (tick, tick);
    }

    /// Up to just before `until` the margins held as they are.
    fn know(&mut self, until: i64) {
        // A run is never empty.
        if self.known < until {
            for (stream, margin) in self
                .program
                .streams
                .iter_mut()
                .zip(self.leaves.margins.iter())
            {
                stream.push(until, *margin);
            }
            self.known = until;
        }
    }

    /// Goes on to the tick `now` with the margins as they are, and says what has become final.
    ///
    /// `say` answers how many records lie in a stretch.
    pub(crate) fn reach(&mut self, now: i64, mut say: impl FnMut(Stretch) -> u64) {
        if self.begin.is_none() {
            return;
        }
        self.reached = now;
        if self.known - self.changed > self.program.settling
            && let Some(last) = self.tally.last
        {
            // What has settled stays so: the program catches up at the next change.
            let until = now + 1 - self.horizon;
            let stretch = Stretch { until, ..last };
            self.tally.count(say(stretch), stretch);
            return;
        }
        self.know(now + 1);
        self.flow(say);
    }

    /// Lets what waits flow, and says what has become final.
    ///
    /// What is known sooner than the horizon says, of windows that begin before the trace or lie
    /// wholly in the past, waits for its time, so that the rule is one and simple.
    pub(crate) fn flow(&mut self, mut say: impl FnMut(Stretch) -> u64) {
        self.program.flow();
        self.waiting = 0;
        let end = self.known - self.horizon;
        let (tally, mut judged, mut last) = (&mut self.tally, self.judged, None);
        self.program.judge(judged, end, |stretch| {
            tally.weigh(judged, stretch);
            tally.count(say(stretch), stretch);
            judged = stretch.until;
            last = Some(stretch);
        });
        self.judged = judged;
        tally.last = last.or(tally.last);
    }

    /// The first record that has not been counted, by its place in the trace.
    pub(crate) fn cursor(&self) -> u64 {
        self.skipped + self.tally.judged
    }

    pub(crate) fn has_begun(&self) -> bool {
        self.begin.is_some()
    }

    /// Whether everything up to the tick `now` has been said.
    pub(crate) fn has_reached(&self, now: i64) -> bool {
        self.begin.is_none() || (self.waiting == 0 && self.reached == now)
    }

    pub(crate) fn summary(&self, clock: &Clock) -> Summary {
        let Some(begin) = self.begin else {
            return Summary::default();
        };
        let verdict = |(tick, margin)| Verdict::new(clock.time(tick), margin);
        let open_from = (clock.now + 1 - self.horizon).max(begin);
        Summary {
            records: clock.records - self.skipped,
            judged: self.tally.judged,
            armed: self.tally.armed,
            first: self.tally.first.map(|margin| verdict((begin, margin))),
            worst: self.tally.worst.map(verdict),
            best: self.tally.best.map(verdict),
            worst_armed: self.tally.worst_armed.map(verdict),
            first_breach: self.tally.first_breach.map(|tick| clock.time(tick)),
            only_late: self.tally.late.is_some_and(|late| late.is_only_late()),
            open_from: (open_from <= clock.now).then(|| clock.time(open_from)),
        }
    }

    /// Runs it remembers.
    pub(crate) fn len(&self) -> usize {
        self.program.len()
    }
}

/// One atom's place in a judge.
pub(crate) struct Leaf<'a> {
    atom: u16,
    stream: &'a mut Runs,
    held: &'a mut Margin,
    known: i64,
}

impl Leaf<'_> {
    /// Lets a margin hold from each of the ticks on.
    #[inline]
    pub(crate) fn follow<const N: usize>(
        &mut self,
        ticks: &[i64],
        distances: [f64; N],
        at_limit: bool,
    ) {
        let margins = distances.map(|distance| Margin::new(distance, at_limit, self.atom));
        let mut held = *self.held;
        for (&tick, margin) in ticks.iter().zip(margins) {
            if self.known < tick {
                self.stream.push(tick, held);
            }
            held = margin;
        }
        *self.held = held;
    }
}

impl Tally {
    #[inline]
    fn count(&mut self, records: u64, stretch: Stretch) {
        self.judged += records;
        self.armed += if stretch.armed { records } else { 0 };
    }

    #[inline]
    fn weigh(&mut self, tick: i64, stretch: Stretch) {
        let margin = stretch.margin;
        self.first.get_or_insert(margin);
        if self
            .worst
            .is_none_or(|(_, worst)| margin.order(worst).is_lt())
        {
            self.worst = Some((tick, margin));
        }
        if self.best.is_none_or(|(_, best)| margin.order(best).is_gt()) {
            self.best = Some((tick, margin));
        }
        if stretch.armed
            && self
                .worst_armed
                .is_none_or(|(_, worst)| stretch.demand.order(worst).is_lt())
        {
            self.worst_armed = Some((tick, stretch.demand));
        }
        if stretch.armed && !stretch.demand.holds() {
            self.first_breach.get_or_insert(tick);
        }
        if let Some(late) = &mut self.late {
            late.see(tick, stretch);
        }
    }
}
