//! A file of requirements: decoded, checked, and complained about with line and column.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use schemars::JsonSchema;
use serde::Deserialize;
use temporal_logic::{Atom, Formula, ParseError};

use super::monitors::DECISIVE;
use super::{HoldsUnder, Kind, Means, Oracle, Pair, Requirement, Requirements};
use crate::formula::Vocabulary;
use crate::input::{Diagnostic, Document, code};

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

/// One requirement as it is written: exactly one of `formula`, `pair`, `exception` and `gap`.
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
    /// Two runs that must agree.
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

/// Reads a file of requirements, to be added to `base`.
///
/// # Errors
/// Every complaint that could be found: syntax, a name twice, a number or unit that is none, and for
/// each formula the column of what it does not say right.
pub fn read(
    name: &str,
    text: &str,
    base: Option<&Requirements>,
) -> Result<Requirements, Vec<Diagnostic>> {
    load(&Document::from_text(name, text), base)
}

/// The same of a document.
///
/// # Errors
/// As [`read`].
pub fn load(
    document: &Document,
    base: Option<&Requirements>,
) -> Result<Requirements, Vec<Diagnostic>> {
    let file: File = document.decode()?;
    let mut complaints = Vec::new();
    let (mut all, mut parameters, mut vocabulary) = base.map_or_else(
        || (Vec::new(), Vec::new(), Vocabulary::new()),
        |base| {
            (
                base.all.clone(),
                base.parameters.clone(),
                base.vocabulary.clone(),
            )
        },
    );
    for (name, row) in file.parameters {
        match parameter(&mut vocabulary, name.clone(), row) {
            Ok(parameter) => parameters.push(parameter),
            Err(message) => {
                let key = format!("parameters.{name}");
                complaints.push(document.refuse(&key, code::INVALID_VALUE, message, None));
            }
        }
    }
    for (place, row) in file.requirement.into_iter().enumerate() {
        let key = format!("requirement.{place}");
        if all.iter().any(|other| other.id == row.id) {
            let message = format!("`{}` is required twice", row.id);
            complaints.push(document.refuse(
                &format!("{key}.id"),
                code::DUPLICATE_KEY,
                message,
                Some("give each requirement its own id".to_owned()),
            ));
        }
        match requirement(document, &key, row, &vocabulary) {
            Ok(requirement) => all.push(requirement),
            Err(complaint) => complaints.push(*complaint),
        }
    }
    if complaints.is_empty() {
        Ok(Requirements {
            all,
            parameters,
            vocabulary,
            prepared: OnceLock::new(),
        })
    } else {
        Err(complaints)
    }
}

fn parameter(
    vocabulary: &mut Vocabulary,
    name: String,
    row: ParameterRow,
) -> Result<Parameter, String> {
    let (number, unit) = row.value.split_once(' ').unwrap_or((&row.value, ""));
    let value: f64 = number
        .parse()
        .map_err(|_| format!("`{number}` is no number; write it as \"20 h\""))?;
    let declared = vocabulary.parameter(&name, value, unit);
    declared.map_err(|why| why.to_string())?;
    Ok(Parameter {
        name,
        value,
        unit: unit.to_owned(),
        source: row.source,
    })
}

fn requirement(
    document: &Document,
    key: &str,
    row: Row,
    vocabulary: &Vocabulary,
) -> Result<Requirement, Box<Diagnostic>> {
    let means = [
        row.formula.is_some(),
        row.pair.is_some(),
        row.exception.is_some(),
        row.gap.is_some(),
    ];
    if means.into_iter().filter(|given| *given).count() != 1 {
        let message = format!(
            "`{}` needs exactly one of `formula`, `pair`, `exception`, `gap`",
            row.id
        );
        let complaint = document.refuse(key, code::NOT_EXACTLY_ONE, message, None);
        return Err(Box::new(complaint));
    }
    let means = match (row.formula, row.pair, row.exception, row.gap) {
        (Some(text), ..) => Means::Formula(Box::new(
            formula(&text, vocabulary)
                .map_err(|error| Box::new(misread(document, key, &text, &error)))?,
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
    })
}

/// Reads a formula, with margins as shares of their limits.
fn formula(text: &str, vocabulary: &Vocabulary) -> Result<Formula, ParseError> {
    let scale = |atom: &Atom| match (atom.unit(), atom.limit()) {
        (None, _) => Some(1.0 / DECISIVE),
        (Some(_), limit) => limit.map(f64::abs).filter(|limit| *limit > 0.0),
    };
    Ok(Formula::parse(text, vocabulary.names())?.with_scales(scale))
}

/// A complaint that points into the text of a formula, where that stands in the file as it is read.
fn misread(document: &Document, key: &str, text: &str, error: &ParseError) -> Diagnostic {
    let place = document.at(&format!("{key}.formula"));
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
    let help = format!("column {} of the formula", error.column);
    Diagnostic::at(place, BAD_FORMULA, error.kind.to_string()).with_help(help)
}
