//! A file of requirements: decoded, checked, and complained about with line and column.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use temporal_logic::{Atom, Formula, NameError, Names, ParseError, ParseErrorKind};

use super::monitors::DECISIVE;
use super::{HoldsUnder, Kind, Means, Oracle, Pair, Requirement, Requirements};
use crate::formula::{Readable, plain};
use crate::input::{Diagnostic, Document, code};

/// The longest name of a requirement.
const ID_MOST: usize = 40;
/// What is said of a unit that is none.
const UNITS: &str =
    "units are made of ug, ng, uL, mL, kPa, mmHg, degC, %, permille, ms, s, min, h and d";
/// The code of a complaint about a formula.
const BAD_FORMULA: &str = "bad-formula";

/// A file of requirements as it is written.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Numbers that formulas name, each once.
    #[serde(default)]
    pub parameters: BTreeMap<String, ParameterRow>,
    /// Requirements.
    #[serde(default)]
    pub requirement: Vec<Row>,
}

/// A number with its unit, such as `"20 h"`, and where it comes from.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ParameterRow {
    /// The number, a space, the unit; no unit for a plain number.
    pub value: String,
    /// Who says so.
    pub source: String,
}

/// One requirement as it is written: exactly one of `formula`, `pair`, `exception` and `gap`. Pairs are for
/// those that ship with the bench.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Its name, such as `SR-05`.
    pub id: String,
    /// In words.
    #[serde(default)]
    pub text: String,
    /// By what it is judged.
    #[serde(default)]
    pub oracle: Oracle,
    /// When it must hold.
    #[serde(default)]
    pub holds_under: HoldsUnder,
    /// Where it comes from.
    #[serde(default)]
    pub source: String,
    /// The hazards that it is for.
    #[serde(default)]
    pub hazards: Vec<String>,
    /// What must hold; almost always `always (WHEN implies WHAT)`.
    pub formula: Option<String>,
    /// Two runs that must agree; only for a pair that ships with the bench.
    pub pair: Option<Pair>,
    /// Why this bench cannot judge it.
    pub exception: Option<String>,
    /// What is missing before it can be judged.
    pub gap: Option<String>,
    /// What a gap is going to be.
    pub planned: Option<Kind>,
}

/// A number that formulas name.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its value in its unit.
    pub value: f64,
    /// Its unit; empty for none.
    pub unit: String,
    /// Who says so.
    pub source: String,
}

/// Requirements over some names, such as those of a run or those of a trace.
#[derive(Clone, Debug)]
pub struct Demands {
    all: Vec<Requirement>,
    parameters: Vec<Parameter>,
    /// Signals and parameters.
    names: Names,
    /// Parameters that formulas may name where nothing else is called so.
    lent: Vec<Parameter>,
    /// Columns of a trace that cannot be named, each with the reason.
    unnamed: Vec<(String, String)>,
}

impl Demands {
    /// None yet, over these names.
    pub(super) const fn new(names: Names) -> Self {
        Self {
            all: Vec::new(),
            parameters: Vec::new(),
            names,
            lent: Vec::new(),
            unnamed: Vec::new(),
        }
    }

    /// None yet, over the columns of a trace, with the parameters that ship with the bench.
    #[must_use]
    pub fn over(readable: &Readable<'_>) -> Self {
        let unnamed = readable.unnamed();
        let owned = |(name, why): (&str, &str)| (name.to_owned(), why.to_owned());
        Self {
            lent: Requirements::shipped().parameters().to_vec(),
            unnamed: unnamed.map(owned).collect(),
            ..Self::new(readable.names().clone())
        }
    }

    /// These instead, over the same names.
    pub(super) fn of(&self, all: Vec<Requirement>) -> Self {
        Self {
            all,
            ..self.clone()
        }
    }

    /// Every one, in the order of the files.
    #[must_use]
    pub fn all(&self) -> &[Requirement] {
        &self.all
    }

    /// Those that are formulas.
    pub fn judged(&self) -> impl Iterator<Item = &Requirement> {
        self.all.iter().filter(|it| it.formula().is_some())
    }

    /// The numbers that formulas name.
    #[must_use]
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// Adds those of a file, which `is_own` if it is not one that ships with the bench.
    ///
    /// # Errors
    /// Every complaint that could be found: syntax, a name twice, a number or unit that is none, and for
    /// each formula the column of what it does not say right.
    pub fn add(&mut self, document: &Document, is_own: bool) -> Result<(), Vec<Diagnostic>> {
        let file: File = document.decode()?;
        let mut complaints = Vec::new();
        for (name, row) in file.parameters {
            match parameter(&mut self.names, name.clone(), row) {
                Ok(parameter) => self.parameters.push(parameter),
                Err((message, help)) => {
                    let key = format!("parameters.\"{name}\".value");
                    complaints.push(document.refuse(&key, code::INVALID_VALUE, message, help));
                }
            }
        }
        let mut names = self.names.clone();
        for lent in &self.lent {
            // One that is taken means what the file or the trace says.
            let _ = names.parameter(&lent.name, lent.value, plain(&lent.unit));
        }
        for (place, row) in file.requirement.into_iter().enumerate() {
            let reading = Reading {
                document,
                key: format!("requirement.{place}"),
                names: &names,
                unnamed: &self.unnamed,
            };
            complaints.extend(reading.misnamed(&row.id, &self.all));
            match reading.requirement(row, is_own) {
                Ok(requirement) => self.all.push(requirement),
                Err(complaint) => complaints.push(*complaint),
            }
        }
        if complaints.is_empty() {
            Ok(())
        } else {
            Err(complaints)
        }
    }
}

/// The error says what is wrong, and what would be right.
fn parameter(
    names: &mut Names,
    name: String,
    row: ParameterRow,
) -> Result<Parameter, (String, Option<String>)> {
    let value = row.value.trim();
    let (number, unit) = value.split_once(' ').unwrap_or((value, ""));
    let unit = unit.trim();
    let value: f64 = number.parse().map_err(|_| {
        (
            format!("`{number}` is no number; write it as \"20 h\""),
            None,
        )
    })?;
    if let Err(why) = names.parameter(&name, value, plain(unit)) {
        let help = if let NameError::UnknownUnit(_) = why {
            Some(UNITS.to_owned())
        } else if let NameError::Taken(_) = why {
            let said = "a signal or another parameter has that name; \
                `weanbench list requirements --json` has all parameters that ship with the bench";
            Some(said.to_owned())
        } else {
            None
        };
        return Err((why.to_string(), help));
    }
    Ok(Parameter {
        name,
        value,
        unit: unit.to_owned(),
        source: row.source,
    })
}

/// One row of a file, on its way to a requirement.
struct Reading<'a> {
    document: &'a Document,
    key: String,
    names: &'a Names,
    unnamed: &'a [(String, String)],
}

impl Reading<'_> {
    /// What is wrong with the name of a requirement, if anything is: results have a column of that name.
    fn misnamed(&self, id: &str, others: &[Requirement]) -> Option<Diagnostic> {
        let key = format!("{}.id", self.key);
        let refuse = |code, message, help: &str| {
            let help = Some(help.to_owned());
            Some(self.document.refuse(&key, code, message, help))
        };
        let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
        let begins = id.starts_with(|letter: char| letter.is_ascii_alphanumeric());
        if !begins || !id.chars().all(plain) || id.len() > ID_MOST {
            let help = "letters, digits, `-`, `_` and `.`, such as `WARD-01`";
            return refuse(code::INVALID_VALUE, format!("`{id}` is no name"), help);
        }
        let same = |other: &&Requirement| other.id.replace('-', "_") == id.replace('-', "_");
        let other = others.iter().find(same)?;
        let (message, help) = if other.is_own {
            let message = if other.id == id {
                format!("`{id}` is required twice")
            } else {
                format!("`{id}` and `{}` are one name in the results", other.id)
            };
            (message, "give each requirement its own id")
        } else {
            (
                format!("`{id}` is one that ships with the bench"),
                "give yours an id of its own; `weanbench list requirements` names the others",
            )
        };
        refuse(code::DUPLICATE_KEY, message, help)
    }

    fn requirement(&self, row: Row, is_own: bool) -> Result<Requirement, Box<Diagnostic>> {
        let means = [
            row.formula.is_some(),
            row.pair.is_some(),
            row.exception.is_some(),
            row.gap.is_some(),
        ];
        if means.into_iter().filter(|given| *given).count() != 1 {
            let pair = if is_own { "" } else { "`pair`, " };
            let message = format!(
                "`{}` needs exactly one of `formula`, {pair}`exception`, `gap`",
                row.id
            );
            let refuse = self.document;
            let complaint = refuse.refuse(&self.key, code::NOT_EXACTLY_ONE, message, None);
            return Err(Box::new(complaint));
        }
        if let Some(pair) = row.pair.filter(|_| is_own) {
            self.shipped_pair(&row.id, pair)?;
        }
        let means = match (row.formula, row.pair, row.exception, row.gap) {
            (Some(text), ..) => Means::Formula(Box::new(
                formula(&text, self.names)
                    .map_err(|error| Box::new(self.misread(&text, &error)))?,
            )),
            (_, Some(pair), ..) => Means::Pair(pair),
            (_, _, Some(why), _) => Means::Exception(why),
            (.., gap) => Means::Gap(
                gap.unwrap_or_default(),
                row.planned.unwrap_or(Kind::Formula),
            ),
        };
        Ok(Requirement {
            id: row.id,
            text: row.text,
            oracle: row.oracle,
            holds_under: row.holds_under,
            source: row.source,
            hazards: row.hazards,
            means,
            is_own,
        })
    }

    /// Refuses a pair that does not ship with the bench: nothing would run it.
    fn shipped_pair(&self, id: &str, pair: Pair) -> Result<(), Box<Diagnostic>> {
        let shipped = Requirements::shipped();
        let known = shipped.get(id).map(|requirement| &requirement.means);
        if let Some(Means::Pair(known)) = known
            && *known == pair
        {
            return Ok(());
        }
        let key = format!("{}.pair", self.key);
        let message =
            format!("`{id}` is a pair of runs, and only pairs that ship with the bench are run");
        let help = "write a `formula`, or say with `gap` what is missing; `weanbench coverage` runs the pairs";
        let help = Some(help.to_owned());
        let complaint = self
            .document
            .refuse(&key, code::INVALID_VALUE, message, help);
        Err(Box::new(complaint))
    }

    /// A complaint that points into the text of a formula, where that stands in the file as it is read.
    fn misread(&self, text: &str, error: &ParseError) -> Diagnostic {
        let place = self.document.at(&format!("{}.formula", self.key));
        let excerpt = &place.excerpt;
        let written = &excerpt.text[excerpt.span.clone()];
        let place = match written.find(text) {
            Some(begin) => {
                let begin = excerpt.span.start + begin;
                let span = begin + error.span.start..begin + error.span.end;
                crate::input::Place::new(&place.path, excerpt.text.clone(), span)
            }
            None => place,
        };
        let mut message = error.kind.to_string();
        if let ParseErrorKind::UnknownName { name, .. } = &error.kind
            && let Some((_, why)) = self.unnamed.iter().find(|(column, _)| column == name)
        {
            message = format!("column `{name}` cannot be named in a formula: {why}");
        }
        let mut help = format!("column {} of the formula", error.column);
        if let ParseErrorKind::UnknownUnit { nearest: None, .. } = error.kind {
            help = format!("{help}; {UNITS}");
        }
        Diagnostic::at(place, BAD_FORMULA, message).with_help(help)
    }
}

/// Reads a formula, with margins as shares of their limits.
fn formula(text: &str, names: &Names) -> Result<Formula, ParseError> {
    let scale = |atom: &Atom| match (atom.unit(), atom.limit()) {
        (None, _) => Some(1.0 / DECISIVE),
        (Some(_), limit) => limit.map(f64::abs).filter(|limit| *limit > 0.0),
    };
    Ok(Formula::parse(text, names)?.with_scales(scale))
}
