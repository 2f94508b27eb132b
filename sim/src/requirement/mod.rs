//! Requirements: what must hold, from a file, and what a run says of it.
//!
//! Most are formulas over the signals of a run ([`crate::formula::Vocabulary`]); what a formula cannot
//! say is a pair of runs, or an exception with its reason. Each judged one has a margin, the moment of
//! the worst one, and a count of the records in which it had something to judge: a run in which that is
//! zero has proved nothing.

mod alone;
mod file;
mod monitors;
mod presupposed;
mod traced;
mod worst;

use std::sync::{Arc, LazyLock, OnceLock};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use temporal_logic::{Atom, Formula};

use crate::formula::Vocabulary;
use crate::input::{Diagnostic, Document};
use crate::shipped;

pub(crate) use alone::{Alone, OfOne};
pub use file::{Demands, File, Parameter};
pub use monitors::{Finding, Monitors};
pub use traced::{Misfit, judge};
pub use worst::{WorstMoment, worst_moment};

/// What a requirement is judged by.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Oracle {
    /// What truly happened: micrograms, and time from the moment that truth went bad.
    Truth,
    /// What the controller did about what it could know: mode, alarm, time.
    #[default]
    Reaction,
    /// That it never acts on what it must not act on.
    Conformance,
}

/// When a requirement must hold.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldsUnder {
    /// Only while nothing is broken.
    NoFault,
    /// With one thing broken.
    SingleFault,
    /// Whatever is broken.
    #[default]
    Any,
}

/// Two runs that must agree.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Pair {
    /// The same case twice.
    Again,
    /// After another run in the same process.
    AfterAnother,
    /// With the controller's cycle at another length.
    OtherCycle,
    /// With one entry of one sheet wrong.
    WrongEntry,
}

impl Pair {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Again,
        Self::AfterAnother,
        Self::OtherCycle,
        Self::WrongEntry,
    ];
}

/// What kind of thing a requirement is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A formula.
    Formula,
    /// A fold in Rust.
    Fold,
    /// A pair of runs.
    Pair,
    /// Nothing that this bench can judge, with a reason.
    Exception,
}

/// How a requirement is judged.
#[derive(Clone, Debug)]
pub enum Means {
    /// By a formula, its margins divided by their scales.
    Formula(Box<Formula>),
    /// By two runs that must agree.
    Pair(Pair),
    /// Not at all, for this reason.
    Exception(String),
    /// Not yet: what is missing, and what it will be.
    Gap(String, Kind),
}

/// One requirement.
#[derive(Clone, Debug)]
pub struct Requirement {
    /// Its name, such as `SR-05`.
    pub id: String,
    /// In words.
    pub text: String,
    /// By what it is judged.
    pub oracle: Oracle,
    /// When it must hold.
    pub holds_under: HoldsUnder,
    /// Where it comes from.
    pub source: String,
    /// The hazards that it is for.
    pub hazards: Vec<String>,
    /// How it is judged.
    pub means: Means,
    /// Whether it is of a file of the user's, and not of those that ship with the bench.
    pub is_own: bool,
}

impl Requirement {
    /// What kind of thing it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match &self.means {
            Means::Formula(_) => Kind::Formula,
            Means::Pair(_) => Kind::Pair,
            Means::Exception(_) => Kind::Exception,
            Means::Gap(_, kind) => *kind,
        }
    }

    /// Whether it speaks of truth under a fault, so that a controller can only meet it with a sensor.
    #[must_use]
    pub fn needs_a_sensor(&self) -> bool {
        self.oracle == Oracle::Truth && self.holds_under == HoldsUnder::SingleFault
    }

    /// The formula, if it is one.
    #[must_use]
    pub const fn formula(&self) -> Option<&Formula> {
        match &self.means {
            Means::Formula(formula) => Some(formula),
            Means::Pair(_) | Means::Exception(_) | Means::Gap(..) => None,
        }
    }

    /// The unit of its margins where a run has said nothing: that of its last comparison of numbers.
    #[must_use]
    pub fn unit(&self) -> &str {
        let atoms = self.formula().map_or(&[][..], Formula::atoms);
        let unit = atoms.iter().rev().find_map(Atom::unit);
        unit.map_or("", |unit| unit.symbol())
    }

    /// The unit of a margin: that of the comparison it comes from; empty for yes and no.
    #[must_use]
    pub fn unit_of(&self, finding: &Finding) -> &str {
        let atoms = self.formula().map_or(&[][..], Formula::atoms);
        let atom = finding.atom.and_then(|place| atoms.get(place));
        atom.and_then(Atom::unit).map_or("", |unit| unit.symbol())
    }
}

/// All requirements of a run.
#[derive(Clone, Debug)]
pub struct Requirements {
    demands: Demands,
    vocabulary: Vocabulary,
    /// The files of the user's: name and text.
    files: Vec<(String, String)>,
    prepared: OnceLock<monitors::Prepared>,
}

impl Requirements {
    /// Those that ship with the bench.
    ///
    /// # Panics
    /// Never: a test reads them.
    #[must_use]
    pub fn shipped() -> Arc<Self> {
        static SHIPPED: LazyLock<Arc<Requirements>> = LazyLock::new(|| {
            let document = Document::from_text("requirements.toml", shipped::REQUIREMENTS);
            let alone = Requirements::alone(&document);
            Arc::new(alone.expect("the shipped requirements are checked by a test"))
        });
        Arc::clone(&SHIPPED)
    }

    /// Those of one file and no others, over the signals of a run.
    ///
    /// # Errors
    /// As [`Demands::add`].
    pub fn alone(document: &Document) -> Result<Self, Vec<Diagnostic>> {
        let vocabulary = Vocabulary::new();
        let mut demands = Demands::new(vocabulary.names().clone());
        demands.add(document, false)?;
        Ok(Self {
            demands,
            vocabulary,
            files: Vec::new(),
            prepared: OnceLock::new(),
        })
    }

    /// Those that ship with the bench, and those of the user's files.
    ///
    /// # Errors
    /// As [`Demands::add`].
    pub fn with<'d>(
        files: impl IntoIterator<Item = &'d Document>,
    ) -> Result<Arc<Self>, Vec<Diagnostic>> {
        let mut all = Self::shipped();
        for document in files {
            let all = Arc::make_mut(&mut all);
            all.prepared = OnceLock::new();
            all.demands.add(document, true)?;
            let name = document.name().rsplit(['/', '\\']).next();
            let name = name.unwrap_or_default().to_owned();
            all.files.push((name, document.text().to_owned()));
        }
        Ok(all)
    }

    /// Every one, in the order of the files.
    #[must_use]
    pub fn all(&self) -> &[Requirement] {
        self.demands.all()
    }

    /// Those that are judged in every run, in the order of [`Monitors::findings`].
    pub fn judged(&self) -> impl Iterator<Item = &Requirement> {
        self.demands.judged()
    }

    /// The one of that name.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Requirement> {
        self.all().iter().find(|requirement| requirement.id == id)
    }

    /// Some of the judged ones alone, by their places, and behind them the conditions under which each of these has
    /// something to judge ([`Formula::condition`]), where it has one: what a run says of them is the same, and costs
    /// less. With them, for each the place of its condition.
    ///
    /// They keep their names; a condition is called as its requirement.
    #[must_use]
    pub fn alone_of(&self, places: &[usize]) -> (Arc<Self>, Vec<Option<usize>>) {
        let judged: Vec<&Requirement> = self.judged().collect();
        let mut all: Vec<Requirement> = places.iter().map(|it| judged[*it].clone()).collect();
        let mut conditions = Vec::new();
        for place in 0..places.len() {
            let condition = all[place].formula().and_then(Formula::condition);
            conditions.push(condition.map(|condition| {
                let means = Means::Formula(Box::new(condition));
                // It asks nothing of anybody, so no sensor has to show it.
                let it = Requirement {
                    means,
                    oracle: Oracle::Reaction,
                    ..all[place].clone()
                };
                all.push(it);
                all.len() - 1
            }));
        }
        (self.only(all), conditions)
    }

    /// These instead, over the same names.
    fn only(&self, all: Vec<Requirement>) -> Arc<Self> {
        Arc::new(Self {
            demands: self.demands.of(all),
            prepared: OnceLock::new(),
            ..self.clone()
        })
    }

    fn prepared(&self) -> &monitors::Prepared {
        self.prepared.get_or_init(|| monitors::Prepared::new(self))
    }

    /// The numbers that formulas name.
    #[must_use]
    pub fn parameters(&self) -> &[Parameter] {
        self.demands.parameters()
    }

    /// What formulas can speak of.
    #[must_use]
    pub const fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// The user's files, name and text, in their order.
    #[must_use]
    pub fn files(&self) -> &[(String, String)] {
        &self.files
    }
}
