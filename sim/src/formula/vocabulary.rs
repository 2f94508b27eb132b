//! Every name that a formula over a run can use, and where its value is read.

use infusion_types::{Alarm, AlarmPanel, AlarmSet};
use temporal_logic::{Names, SignalId, Units, Value};

use crate::history::{DERIVED, Derived, History, Read};
use crate::record::{Kind, Record, Signal, alarm_column};
use crate::signals::SIGNALS;
use crate::trace::Oracle;

/// Kilopascals in a millimetre of mercury, by convention.
const KPA_PER_MMHG: f64 = 0.133_322_387_415;
/// Codes in the longest closed list of a signal, with room to spare.
const CODES_MOST: u64 = 64;
/// What the lists of signals say where there is no such word.
const NO_WORD: &str = "?";

/// The units of our signals; products and quotients of them need no mention.
///
/// # Panics
/// Never: a test reads all of them.
#[must_use]
pub fn units() -> Units {
    let mut units = Units::new();
    for base in ["ug", "uL", "kPa", "degC"] {
        units.base(base).expect("a new unit");
    }
    for (symbol, factor, of) in [
        ("ng", 1e-3, "ug"),
        ("mL", 1e3, "uL"),
        ("mmHg", KPA_PER_MMHG, "kPa"),
        ("%", 1e-2, "1"),
        ("permille", 1e-3, "1"),
    ] {
        units.scaled(symbol, factor, of).expect("a new unit");
    }
    units
}

/// One side of an alarm.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Facet {
    /// `AL_05`: it is signalled.
    Active,
    /// `AL_05.condition`: its cause is there.
    Condition,
    /// `AL_05.latched`: it stands though its cause has gone.
    Latched,
    /// `AL_05.acknowledged`: somebody has seen it.
    Acknowledged,
    /// `AL_05.escalated`: it stands at a higher priority than the table's.
    Escalated,
    /// `AL_05.high`: and that is high.
    High,
    /// `AL_05.sounding`: it is heard now.
    Sounding,
}

impl Facet {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Active,
        Self::Condition,
        Self::Latched,
        Self::Acknowledged,
        Self::Escalated,
        Self::High,
        Self::Sounding,
    ];

    const fn suffix(self) -> &'static str {
        match self {
            Self::Active => "",
            Self::Condition => ".condition",
            Self::Latched => ".latched",
            Self::Acknowledged => ".acknowledged",
            Self::Escalated => ".escalated",
            Self::High => ".high",
            Self::Sounding => ".sounding",
        }
    }

    /// Its name for one alarm.
    pub(super) fn name(self, alarm: Alarm) -> String {
        alarm_column(alarm) + self.suffix()
    }

    /// The column of a trace that has it for all alarms: bit n-1 is that of AL-n.
    pub(super) fn column(self) -> String {
        let suffix = self.suffix().strip_prefix('.').unwrap_or("active");
        format!("alarms_{suffix}")
    }

    const fn meaning(self) -> &'static str {
        match self {
            Self::Active => "it is signalled",
            Self::Condition => "its cause is there",
            Self::Latched => "it stands though its cause has gone",
            Self::Acknowledged => "somebody has seen it",
            Self::Escalated => "it stands at a higher priority than the table's",
            Self::High => "it stands at high priority though the table's is lower",
            Self::Sounding => "it is heard now",
        }
    }

    const fn of(self, panel: &AlarmPanel) -> AlarmSet {
        match self {
            Self::Active => panel.active,
            Self::Condition => panel.condition,
            Self::Latched => panel.latched,
            Self::Acknowledged => panel.acknowledged,
            Self::Escalated => panel.escalated,
            Self::High => panel.raised_to_high,
            Self::Sounding => panel.sounding,
        }
    }
}

/// What a name stands for.
#[derive(Clone, Copy, Debug)]
pub enum Term {
    /// A signal of the record.
    Signal(&'static Signal),
    /// Something known of the past, with its place in the list.
    Derived(&'static Derived, usize),
    /// A side of an alarm.
    Alarm(Alarm, Facet),
}

/// A name for people: what it is and means.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Meaning {
    /// As formulas write it.
    pub name: String,
    /// Its unit; empty for none.
    pub unit: &'static str,
    /// Whose word it is.
    pub oracle: Oracle,
    /// What it can be, where it is no number.
    pub words: Vec<&'static str>,
    /// In one line.
    pub meaning: String,
}

/// Every name of a run.
#[derive(Clone, Debug)]
pub struct Vocabulary {
    names: Names,
    terms: Vec<Term>,
}

impl Vocabulary {
    /// All signals, all alarms, all that is known of the past.
    ///
    /// # Panics
    /// Never: a test declares all of them.
    #[must_use]
    pub fn new() -> Self {
        let terms: Vec<Term> = terms().collect();
        let mut names = Names::new(units());
        for term in &terms {
            let (name, unit) = (term.name(), plain(term.unit()));
            let declared = match term {
                Term::Alarm(..) => names.truth(&name),
                Term::Signal(signal) => match signal.kind {
                    Kind::Number | Kind::Count => names.number(&name, unit),
                    Kind::Word(word) => names.word(&name, &closed(word)),
                },
                Term::Derived(derived, _) => match derived.read {
                    Read::Number(_) => names.number(&name, unit),
                    Read::Truth(_) => names.truth(&name),
                    Read::Word(_, word) => names.word(&name, &closed(word)),
                },
            };
            declared.expect("signals have good names and known units");
        }
        Self { names, terms }
    }

    /// For the reader of formulas.
    #[must_use]
    pub const fn names(&self) -> &Names {
        &self.names
    }

    /// What a signal of the names stands for.
    #[must_use]
    pub fn term(&self, signal: SignalId) -> Term {
        self.terms[signal.index()]
    }

    /// How many names there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.terms.len()
    }

    /// Never.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Every name for people; of the sides of alarms only the first ones.
    pub fn meanings(&self) -> impl Iterator<Item = Meaning> {
        let told = |term: &&Term| match term {
            Term::Alarm(alarm, facet) => *facet == Facet::Active || *alarm == Alarm::OverDelivery,
            Term::Signal(_) | Term::Derived(..) => true,
        };
        self.terms.iter().filter(told).map(Term::meaning)
    }
}

impl Default for Vocabulary {
    fn default() -> Self {
        Self::new()
    }
}

fn terms() -> impl Iterator<Item = Term> {
    let alarms = |facet| {
        Alarm::ALL
            .into_iter()
            .map(move |alarm| Term::Alarm(alarm, facet))
    };
    let sides = Facet::ALL
        .into_iter()
        .filter(|facet| *facet != Facet::Active);
    let signals = SIGNALS.iter().map(Term::Signal);
    let derived = DERIVED.iter().enumerate();
    let derived = derived.map(|(place, derived)| Term::Derived(derived, place));
    signals
        .chain(alarms(Facet::Active))
        .chain(derived)
        .chain(sides.flat_map(alarms))
}

impl Term {
    /// As formulas write it.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Signal(signal) => signal.name.to_owned(),
            Self::Derived(derived, _) => derived.name.to_owned(),
            Self::Alarm(alarm, facet) => facet.name(*alarm),
        }
    }

    /// Its unit; empty for none.
    #[must_use]
    pub const fn unit(&self) -> &'static str {
        match self {
            Self::Signal(signal) => signal.unit,
            Self::Derived(derived, _) => derived.unit,
            Self::Alarm(..) => "",
        }
    }

    /// Its value in a record; none where there is none, or no finite number.
    #[must_use]
    pub fn read(&self, record: &Record<'_>, history: &History) -> Option<Value> {
        let word = |code: u64| Value::Word(u16::try_from(code).unwrap_or(u16::MAX));
        match self {
            Self::Signal(signal) => {
                let bits = (signal.read)(record)?;
                match signal.kind {
                    Kind::Number => finite(f64::from_bits(bits)),
                    Kind::Count => finite(bits as f64),
                    Kind::Word(_) => Some(word(bits)),
                }
            }
            Self::Derived(_, place) => Some(history.value(*place)),
            Self::Alarm(alarm, facet) => {
                let panel = &record.decision?.alarms;
                Some(Value::Truth(facet.of(panel).contains(*alarm)))
            }
        }
    }

    /// A value of it as people write it, with its unit.
    #[must_use]
    pub fn shown(&self, value: Value) -> String {
        let name = |code: u16| match self {
            Self::Signal(Signal {
                kind: Kind::Word(word),
                ..
            })
            | Self::Derived(
                Derived {
                    read: Read::Word(_, word),
                    ..
                },
                _,
            ) => word(u64::from(code)),
            Self::Signal(_) | Self::Derived(..) | Self::Alarm(..) => NO_WORD,
        };
        match value {
            Value::Number(number) if self.unit().is_empty() => format!("{number}"),
            Value::Number(number) => format!("{number} {}", self.unit()),
            Value::Truth(value) => value.to_string(),
            Value::Word(code) => name(code).to_owned(),
            Value::Unknown => "-".to_owned(),
        }
    }

    fn meaning(&self) -> Meaning {
        let name = self.name();
        match self {
            Self::Signal(signal) => Meaning {
                name,
                unit: signal.unit,
                oracle: signal.oracle,
                words: match signal.kind {
                    Kind::Word(word) => closed(word),
                    Kind::Number | Kind::Count => Vec::new(),
                },
                meaning: signal.meaning.to_owned(),
            },
            Self::Derived(derived, _) => Meaning {
                name,
                unit: derived.unit,
                oracle: derived.oracle,
                words: match derived.read {
                    Read::Word(_, word) => closed(word),
                    Read::Number(_) | Read::Truth(_) => Vec::new(),
                },
                meaning: derived.meaning.to_owned(),
            },
            Self::Alarm(alarm, facet) => Meaning {
                name,
                unit: "",
                oracle: Oracle::Decided,
                words: Vec::new(),
                meaning: format!("{}: {}", alarm.name(), facet.meaning()),
            },
        }
    }
}

fn finite(number: f64) -> Option<Value> {
    number.is_finite().then_some(Value::Number(number))
}

/// The unit as formulas write it.
#[must_use]
pub const fn plain(unit: &str) -> &str {
    if unit.is_empty() { "1" } else { unit }
}

/// The words of a closed list.
pub(super) fn closed(name: fn(u64) -> &'static str) -> Vec<&'static str> {
    (0..CODES_MOST)
        .map(name)
        .take_while(|word| *word != NO_WORD)
        .collect()
}

#[cfg(test)]
mod tests {
    use temporal_logic::Formula;

    use super::*;
    use crate::recording::columns;

    #[test]
    fn every_column_of_a_run_has_its_name_and_its_unit() {
        let vocabulary = Vocabulary::new();
        let names = vocabulary.names();
        assert!(names.signals().count() > columns().len());
        for (column, (_, name, kind)) in columns().iter().zip(names.signals()) {
            assert_eq!(column.name, name);
            if let temporal_logic::Kind::Number(unit) = kind {
                let known = names.units().get(plain(&column.unit)).unwrap();
                assert!(known.is_like(unit));
            }
        }
        for text in [
            "always (AL_07 implies plan_ug_per_h > 0 ug/h)",
            "always (mode == ACTIVE and reason != refused implies pump_state != empty)",
            "always (pressure_mmhg < 80 kPa and csf_lumbar_ng_per_ml < 1 ug/mL)",
            "always (saturation_percent > 0.9 and deficit_permille < 50 %)",
            "always (breaths_per_min > 8 / 1 min and planned_24h_ug / 1 d < 1 ug/min)",
            "always (step and profile == P2 implies not AL_05.condition)",
        ] {
            Formula::parse(text, names).unwrap_or_else(|e| panic!("{text}: {e}"));
        }
        assert!(Formula::parse("pressure_mmhg > 5 ug", names).is_err());
    }
}
