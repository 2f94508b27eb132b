//! Requirements over a trace, as `weanbench monitor` tells them.

use comfy_table::{Cell, Row};
use serde_json::{Value, json};
use temporal_logic::{Sampling, Time};

use super::console::{faint, heading};
use super::figures::{self, grouped};
use super::source::Source;
use super::table::{Judgement, drawn, judged, table, terminal_width};
use super::violations;
use crate::formula::Readable;
use crate::input::Diagnostic;
use crate::requirement::{Demands, Finding, Means, Misfit, Requirement, judge};

/// The code of a complaint about a requirement that does not fit the trace.
const BAD_REQUIREMENT: &str = "bad-requirement";
/// What a requirement comes to over a trace.
const WORDS: [(&str, Judgement); 3] = [
    ("holds", Judgement::Good),
    ("violated", Judgement::Bad),
    ("vacuous", Judgement::Nothing),
];

/// Requirements, and what was found of each in a trace.
pub(super) struct Demanded<'a> {
    all: &'a [Requirement],
    found: Vec<Found<'a>>,
}

/// What was found of one requirement.
struct Found<'a> {
    requirement: &'a Requirement,
    finding: Finding,
    /// The signals of its formula when its margin was worst.
    signals: Vec<(String, String)>,
}

impl<'a> Demanded<'a> {
    /// Judges all of them.
    pub(super) fn of(
        demands: &'a Demands,
        sampling: Sampling,
        source: &Source,
        readable: &Readable<'_>,
    ) -> Result<Self, Vec<Diagnostic>> {
        if demands.all().is_empty() {
            return Ok(Self {
                all: demands.all(),
                found: Vec::new(),
            });
        }
        let findings = judge(demands, readable, sampling).map_err(|misfit| match &misfit {
            Misfit::Trace(why) => vec![source.complaint(why)],
            Misfit::Grid { id, .. } => {
                vec![Diagnostic::whole(id, BAD_REQUIREMENT, misfit.to_string())]
            }
        })?;
        let found = demands
            .judged()
            .zip(findings)
            .map(|(requirement, finding)| {
                let signals = requirement.formula().filter(|_| finding.breached);
                let at = finding.worst_at_h.map(moment);
                let signals = signals
                    .zip(at)
                    .map(|(formula, at)| readable.at(&formula.signals(), sampling, at));
                Found {
                    requirement,
                    finding,
                    signals: signals.unwrap_or_default(),
                }
            });
        Ok(Self {
            all: demands.all(),
            found: found.collect(),
        })
    }

    /// Whether none is violated, and at least one had something to judge.
    pub(super) fn is_good(&self) -> bool {
        let mut findings = self.found.iter().map(|it| &it.finding);
        let any = findings.clone().any(|finding| finding.margin.is_some());
        (any || self.all.is_empty()) && !findings.any(|finding| finding.breached)
    }

    /// Puts them into the document of `--json`.
    pub(super) fn enter(&self, document: &mut Value) {
        if self.all.is_empty() {
            return;
        }
        document["requirements"] = self.found.iter().map(Found::document).collect();
        let others = self.others();
        document["not_judged"] = others
            .map(|(requirement, kind, why)| json!({ "id": requirement.id, "kind": kind, "why": why }))
            .collect();
        document["never_excused"] = self.never_excused().into();
    }

    /// Those that a run excuses where no sensor could have shown the fault; a trace does not tell that.
    fn never_excused(&self) -> Vec<&'a str> {
        let needing = self.found.iter().map(|it| it.requirement);
        let needing = needing.filter(|it| it.needs_a_sensor());
        needing.map(|it| it.id.as_str()).collect()
    }

    /// Those that are no formulas, and why.
    fn others(&self) -> impl Iterator<Item = (&'a Requirement, &'static str, String)> {
        let all: &'a [Requirement] = self.all;
        all.iter()
            .filter_map(|requirement| match &requirement.means {
                Means::Formula(_) => None,
                Means::Pair(pair) => {
                    let which = json!(pair).as_str().unwrap_or_default().replace('_', " ");
                    Some((requirement, "pair", format!("it takes two runs: {which}")))
                }
                Means::Exception(why) => Some((requirement, "exception", why.clone())),
                Means::Gap(missing, _) => Some((requirement, "gap", missing.clone())),
            })
    }

    /// The tables, and each violation in full.
    pub(super) fn drawn(&self) -> Vec<String> {
        if self.all.is_empty() {
            return Vec::new();
        }
        let head = ["id", "verdict", "armed", "worst margin", "at", "text"];
        let mut rows = table(terminal_width(), &head, &[2, 3, 4]);
        for found in &self.found {
            rows.add_row(found.row());
        }
        let mut parts = vec![drawn(&rows)];
        let bad = self.found.iter().filter(|it| it.finding.breached);
        parts.extend(bad.map(Found::told));
        let never = self.never_excused();
        if !never.is_empty() {
            let said = "on truth: a trace does not tell what no sensor could have shown";
            parts.push(faint(format!("{said} ({})", never.join(", "))));
        }
        let mut others = self.others().peekable();
        if others.peek().is_some() {
            let mut lines = vec![heading("not judged over a trace")];
            lines.extend(
                others.map(|(it, kind, why)| {
                    format!("{}  {}", it.id, faint(format!("{kind}: {why}")))
                }),
            );
            parts.push(lines.join("\n"));
        }
        parts
    }
}

impl Found<'_> {
    const fn verdict(&self) -> (&'static str, Judgement) {
        match (self.finding.margin, self.finding.breached) {
            (None, _) => WORDS[2],
            (Some(_), true) => WORDS[1],
            (Some(_), false) => WORDS[0],
        }
    }

    fn margin(&self) -> String {
        let unit = self.requirement.unit_of(&self.finding);
        violations::margin(self.finding.margin, unit)
    }

    fn row(&self) -> Row {
        let (word, judgement) = self.verdict();
        let at = self.finding.worst_at_h.map(stamp);
        let mut row = Row::from(vec![
            Cell::new(&self.requirement.id),
            judged(word, judgement),
            Cell::new(grouped(self.finding.armed)),
            Cell::new(self.margin()),
            Cell::new(at.unwrap_or_else(|| figures::NONE.to_owned())),
            Cell::new(&self.requirement.text),
        ]);
        if !self.finding.breached {
            row.max_height(1);
        }
        row
    }

    fn told(&self) -> String {
        let formula = self.requirement.formula();
        let comparison = formula.zip(self.finding.atom);
        let at = self.finding.worst_at_h.map(stamp).unwrap_or_default();
        let unit = self.requirement.unit_of(&self.finding);
        violations::told(
            (&self.requirement.id, &self.requirement.text),
            &format!("{} at {at}", violations::by(self.finding.margin, unit)),
            comparison.map(|(formula, atom)| formula.atom_text(atom)),
            &self.signals,
        )
    }

    fn document(&self) -> Value {
        let (requirement, finding) = (self.requirement, &self.finding);
        let formula = requirement.formula();
        let comparison = formula.zip(finding.atom);
        let comparison = comparison.map(|(formula, atom)| formula.atom_text(atom));
        let unit = Some(requirement.unit_of(finding)).filter(|unit| !unit.is_empty());
        let at_s = finding
            .worst_at_h
            .map(|at| moment(at).millis() as f64 / 1e3);
        let signals = self.signals.iter();
        let signals = signals.map(|(name, value)| json!({ "name": name, "value": value }));
        json!({
            "id": requirement.id,
            "text": requirement.text,
            "formula": formula.map(temporal_logic::Formula::text),
            "verdict": self.verdict().0,
            "robustness": finding.margin,
            "normalised": finding.normalised,
            "unit": unit,
            "comparison": comparison,
            "satisfied": finding.margin.map(|_| !finding.breached),
            "armed": finding.armed,
            "at_s": at_s,
            "worst_at_s": at_s,
            "signals": signals.collect::<Value>(),
        })
    }
}

/// A moment of a finding.
fn moment(hours: f64) -> Time {
    Time::from_millis(libm::round(hours * 3.6e6) as i64)
}

fn stamp(hours: f64) -> String {
    moment(hours).to_string()
}
