//! All formulas of a run on their way along its records.

use std::ops::Range;
use std::sync::Arc;

use serde::Serialize;
use temporal_logic::{
    Formula, Monitors as Formulas, RecordError, Sampling, Scope, SignalId, Summary, Time, Value,
    Verdict,
};

use super::{Requirement, Requirements};
use crate::clock::SimTime;
use crate::formula::{self, Term};
use crate::history::{History, Limits};
use crate::record::{Record, Words};

/// Margins of Booleans and words are this large, so that where a number and a Boolean meet in what is
/// demanded the number tells how far away a verdict is; they are told as 1 and -1.
pub(super) const DECISIVE: f64 = 1e12;

/// What one requirement found in one run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// Records in which there was something to judge.
    pub armed: u64,
    /// The worst margin, in the unit of the comparison that it comes from; negative is a violation, and
    /// 1 and -1 are yes and no. None when never armed.
    pub margin: Option<f64>,
    /// The same as a share of that comparison's limit.
    pub normalised: Option<f64>,
    /// The comparison, by its place in the formula.
    pub atom: Option<usize>,
    /// When the margin was worst, hours after the explant.
    pub worst_at_h: Option<f64>,
    /// When what was demanded first did not hold while there was something to judge, hours after the
    /// explant.
    pub breached_at_h: Option<f64>,
    /// Whether it was breached.
    pub breached: bool,
    /// Whether a time limit was all that was missed: what was demanded came each time, and too late.
    pub late: bool,
    /// Whether the breach was before anything that is fitted could have shown why: no violation, and no pass.
    pub not_detectable: bool,
    /// Whether it speaks of what this controller has not: nothing was judged.
    pub not_applicable: bool,
}

impl Finding {
    /// Nothing judged.
    pub const NONE: Self = Self {
        armed: 0,
        margin: None,
        normalised: None,
        atom: None,
        worst_at_h: None,
        breached_at_h: None,
        breached: false,
        late: false,
        not_detectable: false,
        not_applicable: false,
    };

    /// It speaks of what this controller has not.
    pub const NOT_APPLICABLE: Self = Self {
        not_applicable: true,
        ..Self::NONE
    };

    /// What a formula has said of a run: of an outermost implication, how far its right side was from
    /// failing while its left side held.
    pub(crate) fn of(formula: &Formula, summary: &Summary) -> Self {
        let armed = summary.armed;
        let said: Option<Verdict> = match formula.scope() {
            Scope::First => summary.first,
            Scope::Every => summary.worst_armed,
            Scope::Some => summary.best,
        };
        let Some(said) = said else {
            return Self {
                armed,
                ..Self::NONE
            };
        };
        let breached = !said.holds;
        let first_breach = match formula.scope() {
            Scope::Every => summary.first_breach,
            Scope::First | Scope::Some => breached.then_some(said.at),
        };
        let sign = if breached { -1.0 } else { 1.0 };
        let atom = said.atom.map(|place| &formula.atoms()[place]);
        let (margin, normalised) = match atom {
            Some(atom) if atom.unit().is_some() => {
                (said.robustness * atom.scale(), said.robustness)
            }
            Some(_) | None => (sign, sign),
        };
        Self {
            armed,
            margin: Some(margin),
            normalised: Some(normalised),
            atom: said.atom,
            worst_at_h: Some(hours(said.at)),
            breached_at_h: first_breach.map(hours),
            breached,
            late: breached && formula.scope() == Scope::Every && summary.only_late,
            not_detectable: false,
            not_applicable: false,
        }
    }

    /// What a pair of runs has shown: so often compared, and the worst margin.
    pub(crate) fn of_pair(armed: u64, margin: f64) -> Self {
        Self {
            armed,
            margin: Some(margin),
            normalised: Some(margin),
            breached: margin < 0.0,
            ..Self::NONE
        }
    }

    /// Its formula has no result at a moment.
    pub(super) fn undefined(at: Time) -> Self {
        Self {
            armed: 1,
            margin: Some(-1.0),
            normalised: Some(-1.0),
            atom: None,
            worst_at_h: Some(hours(at)),
            breached_at_h: Some(hours(at)),
            breached: true,
            late: false,
            not_detectable: false,
            not_applicable: false,
        }
    }

    /// Whether the requirement was breached, and something could have shown it in time.
    #[must_use]
    pub const fn violated(&self) -> bool {
        self.breached && !self.not_detectable
    }
}

/// What every run begins with: made once, copied for each.
#[derive(Clone, Debug)]
pub(super) struct Prepared {
    wanted: Vec<(SignalId, Term)>,
    /// What of the past formulas speak of: nothing else is worked out.
    derived: Arc<[usize]>,
    formulas: Formulas,
}

impl Prepared {
    pub(super) fn new(requirements: &Requirements) -> Self {
        let vocabulary = requirements.vocabulary();
        let formulas = requirements.judged().filter_map(Requirement::formula);
        let formulas: Vec<Formula> = formulas.cloned().collect();
        let mut signals: Vec<_> = formulas.iter().flat_map(Formula::signals).collect();
        signals.sort_unstable();
        signals.dedup();
        let named = |signal: &SignalId| (*signal, vocabulary.term(*signal));
        let wanted: Vec<_> = signals.iter().map(named).collect();
        let place = |(_, term): &(SignalId, Term)| match term {
            Term::Derived(_, place) => Some(*place),
            Term::Signal(_) | Term::Alarm(..) => None,
        };
        Self {
            derived: wanted.iter().filter_map(place).collect(),
            wanted,
            formulas: Formulas::new(formulas, Sampling::Dense)
                .expect("dense time has no grid to miss"),
        }
    }
}

/// All formulas of a run, on one history.
#[derive(Clone, Debug)]
pub struct Monitors {
    history: History,
    /// The names that any formula reads: where each stands in a record of values, and what it is.
    wanted: Vec<(SignalId, Term)>,
    /// So many of them, the first, are signals of the record; the others are known of the past, or the panel's.
    of_record: usize,
    /// The signals as they were in the record before.
    words: Words,
    values: Vec<Value>,
    /// Those that the last record changed.
    changed: Vec<SignalId>,
    formulas: Formulas,
    at: Option<Time>,
    /// The first moment at which a formula had no result, such as 0 by 0: a breach of it.
    undefined: Vec<(usize, Time)>,
}

impl Monitors {
    /// Monitors for a run under these limits.
    #[must_use]
    pub fn new(requirements: &Requirements, limits: Limits) -> Self {
        let Prepared {
            wanted,
            derived,
            formulas,
        } = requirements.prepared().clone();
        // The vocabulary begins with the signals, and the wanted ones are in its order.
        let of_record = wanted.partition_point(|(_, term)| matches!(term, Term::Signal(_)));
        Self {
            of_record,
            words: Words::NONE,
            history: History::of_these(limits, derived),
            changed: Vec::with_capacity(wanted.len()),
            wanted,
            values: vec![Value::Unknown; requirements.vocabulary().len()],
            formulas,
            at: None,
            undefined: Vec::new(),
        }
    }

    /// One record, and its signals. One without a decision is of a run without a controller, and judged by nothing.
    pub fn observe(&mut self, record: &Record<'_>, words: &Words) {
        if record.decision.is_none() {
            return;
        }
        self.history.learn(record);
        self.changed.clear();
        let of_record = &self.wanted[..self.of_record];
        let before = std::mem::replace(&mut self.words, *words);
        for (signal, term) in of_record {
            // A signal's place among the names is its place in the list of signals.
            if !words.agree(&before, signal.index()) {
                let value = term.read(record, &self.history);
                self.values[signal.index()] = value.unwrap_or(Value::Unknown);
                self.changed.push(*signal);
            }
        }
        self.judge(record);
    }

    /// The same for few formulas: of the record's signals only those are read that they speak of.
    pub(super) fn observe_few(&mut self, record: &Record<'_>) {
        if record.decision.is_none() {
            return;
        }
        self.history.learn(record);
        self.changed.clear();
        self.compare(record, 0..self.of_record);
        self.judge(record);
    }

    /// Reads some of the names, and notes which of them say something else than before.
    fn compare(&mut self, record: &Record<'_>, which: Range<usize>) {
        for (signal, term) in &self.wanted[which] {
            let value = term.read(record, &self.history).unwrap_or(Value::Unknown);
            let held = &mut self.values[signal.index()];
            if !held.is_same(value) {
                *held = value;
                self.changed.push(*signal);
            }
        }
    }

    fn judge(&mut self, record: &Record<'_>) {
        // What is known of the past, and the panel, are other only where something is new.
        if self.history.is_new() {
            self.compare(record, self.of_record..self.wanted.len());
        }
        let at = moment(record.at, self.at);
        self.at = Some(at);
        let mut taken = self.formulas.observe_these(at, &self.values, &self.changed);
        // One that has no result keeps the record from no other.
        while let Err(RecordError::Undefined { formula, .. }) = taken {
            self.formulas.give_up(formula);
            self.undefined.push((formula, at));
            taken = self.formulas.observe(at, &self.values);
        }
    }

    /// What was found, in the order of [`Requirements::judged`].
    pub fn findings(mut self) -> Vec<Finding> {
        self.so_far()
    }

    /// What would be found if the run ended here.
    pub(super) fn so_far(&mut self) -> Vec<Finding> {
        self.formulas.catch_up();
        let all = 0..self.formulas.len();
        let mut findings: Vec<Finding> = all
            .map(|i| Finding::of(self.formulas.formula(i), &self.formulas.summary(i)))
            .collect();
        for (formula, at) in &self.undefined {
            findings[*formula] = Finding::undefined(*at);
        }
        findings
    }
}

/// Hours after the explant.
fn hours(at: Time) -> f64 {
    at.millis() as f64 / 3.6e6
}

/// When a record is judged.
pub(super) fn moment(at: SimTime, last: Option<Time>) -> Time {
    let at = Time::from_millis(i64::try_from(at.millis()).unwrap_or(i64::MAX));
    formula::moment(at, last)
}
