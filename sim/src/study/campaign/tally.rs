//! What the rows of a campaign add up to, row by row, in memory that does not grow with them.

use std::collections::BTreeMap;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, UInt64Type};
use arrow_array::{Array, RecordBatch};
use serde::Serialize;

use super::file::Campaign;
use super::finds::{Seen, SeenAll};
use super::row::{margin_name, name};
use crate::trace::Digest;
use crate::verdict::RunVerdict;

/// One requirement over all runs.
#[derive(Clone, Debug, Serialize)]
pub struct Held {
    /// Its name.
    pub id: String,
    /// Runs in which it had something to judge.
    pub armed: u64,
    /// Runs in which it was violated.
    pub violated: u64,
    /// The worst margin; null where it never had anything to judge.
    pub margin: Option<f64>,
    /// The unit of the margin.
    pub unit: String,
    /// The case with the worst margin.
    pub case: Option<u64>,
    #[serde(skip)]
    column: String,
}

/// What there is so far.
#[derive(Clone, Debug)]
pub struct Tally {
    /// Runs.
    pub runs: u64,
    /// How many ended in which verdict.
    pub verdicts: BTreeMap<&'static str, u64>,
    /// The same, profile by profile.
    pub profiles: BTreeMap<String, BTreeMap<&'static str, u64>>,
    /// Each requirement, in their order.
    pub requirements: Vec<Held>,
    pub(super) seen: SeenAll,
    accepted: Vec<RunVerdict>,
    digest: Digest,
}

impl Tally {
    pub(super) fn new(campaign: &Campaign) -> Self {
        let judged = campaign.bases[0].library.requirements.judged();
        let held = judged.map(|requirement| Held {
            id: requirement.id.clone(),
            armed: 0,
            violated: 0,
            margin: None,
            unit: requirement.unit().to_owned(),
            case: None,
            column: margin_name(requirement),
        });
        let accepted = RunVerdict::ALL.into_iter();
        Self {
            runs: 0,
            verdicts: BTreeMap::new(),
            profiles: BTreeMap::new(),
            requirements: held.collect(),
            seen: SeenAll::default(),
            accepted: accepted.filter(|it| campaign.accepts(*it)).collect(),
            digest: Digest::new(),
        }
    }

    /// One number over all runs, in case order.
    #[must_use]
    pub fn digest(&self) -> String {
        self.digest.hex()
    }

    /// Runs that ended in a verdict.
    #[must_use]
    pub fn judged(&self, verdict: RunVerdict) -> u64 {
        self.verdicts.get(verdict.name()).copied().unwrap_or(0)
    }

    /// Adds rows. A column that is not there counts as null.
    pub(super) fn add(&mut self, rows: &RecordBatch) {
        for row in 0..rows.num_rows() {
            let case = count(rows, name::CASE, row);
            let word = text(rows, name::VERDICT, row);
            let mut all = RunVerdict::ALL.into_iter();
            let verdict = all.find(|it| it.name() == word);
            let verdict = verdict.unwrap_or(RunVerdict::Stalled);
            let profile = text(rows, name::PROFILE, row).to_owned();
            self.runs += 1;
            *self.verdicts.entry(verdict.name()).or_insert(0) += 1;
            let of_profile = self.profiles.entry(profile).or_default();
            *of_profile.entry(verdict.name()).or_insert(0) += 1;
            self.digest.u64(case);
            for column in [name::CONTROLLER, name::VERDICT, name::DIGEST] {
                self.digest.str(text(rows, column, row));
            }
            self.follow(rows, row, (case, verdict));
        }
        for held in &mut self.requirements {
            for row in 0..rows.num_rows() {
                let Some(margin) = number(rows, &held.column, row) else {
                    continue;
                };
                held.armed += 1;
                if held.margin.is_none_or(|worst| margin < worst) {
                    held.margin = Some(margin);
                    held.case = Some(count(rows, name::CASE, row));
                }
            }
        }
    }

    /// What was found in a row.
    fn follow(&mut self, rows: &RecordBatch, row: usize, (case, verdict): (u64, RunVerdict)) {
        let controller = text(rows, name::CONTROLLER, row);
        let kinds = text(rows, name::KINDS, row).split_whitespace();
        let kinds: Vec<String> = kinds.map(str::to_owned).collect();
        let mut any = false;
        for id in text(rows, name::VIOLATED, row).split_whitespace() {
            any = true;
            let held = self.requirements.iter_mut().find(|it| it.id == id);
            let Some(held) = held else { continue };
            held.violated += 1;
            let margin = number(rows, &held.column, row);
            let seen = Seen::once(case, margin);
            self.seen.add((controller, id), &kinds, seen);
        }
        if !any && !self.accepted.contains(&verdict) {
            let seen = Seen::once(case, None);
            self.seen.add((controller, verdict.name()), &kinds, seen);
        }
    }
}

fn text<'r>(rows: &'r RecordBatch, column: &str, row: usize) -> &'r str {
    let values = rows.column_by_name(column);
    let values = values.and_then(|values| values.as_string_opt::<i32>());
    let value = values.filter(|values| values.is_valid(row));
    value.map_or("", |values| values.value(row))
}

fn count(rows: &RecordBatch, column: &str, row: usize) -> u64 {
    let values = rows.column_by_name(column);
    let values = values.and_then(|values| values.as_primitive_opt::<UInt64Type>());
    let value = values.filter(|values| values.is_valid(row));
    value.map_or(0, |values| values.value(row))
}

fn number(rows: &RecordBatch, column: &str, row: usize) -> Option<f64> {
    let values = rows.column_by_name(column);
    let values = values.and_then(|values| values.as_primitive_opt::<Float64Type>());
    let value = values.filter(|values| values.is_valid(row));
    value.map(|values| values.value(row))
}
