//! A trace from a file, and where its records stand.

use std::path::Path;
use std::sync::Arc;

use super::console::Trouble;
use crate::formula::Unjudged;
use crate::input::{Diagnostic, Place, code};
use crate::trace::{TIME_COLUMN, Trace, csv_cell, read_csv, read_parquet};

/// The code of a complaint about a trace.
const BAD_TRACE: &str = "bad-trace";

/// A trace, and where its records stand.
pub(super) struct Source {
    path: String,
    pub(super) trace: Trace,
    /// What it was read from, if that was text.
    text: Option<Arc<str>>,
}

impl Source {
    pub(super) fn read(file: &Path) -> Result<Self, Trouble> {
        let path = file.display().to_string();
        let ending = file.extension().map(|it| it.to_ascii_lowercase());
        let (trace, text) = match ending.as_ref().and_then(|it| it.to_str()) {
            Some("parquet") => {
                let trace = read_parquet(file);
                (trace.map_err(|why| Trouble::input(why.to_string()))?, None)
            }
            Some("csv") => {
                let bytes = std::fs::read(file)
                    .map_err(|why| Trouble::input(format!("{path}: opening failed: {why}")))?;
                let text = String::from_utf8(bytes).map_err(|why| {
                    let good = &why.as_bytes()[..why.utf8_error().valid_up_to()];
                    let line = good.split(|byte| *byte == b'\n').count();
                    Trouble::input(format!("{path}:{line}: not UTF-8 text"))
                })?;
                let text: Arc<str> = text.into();
                let trace = read_csv(&text).map_err(|wrong| {
                    let place = Place::new(&path, Arc::clone(&text), wrong.span);
                    vec![Diagnostic::at(place, code::SYNTAX, wrong.said)]
                })?;
                (trace, Some(text))
            }
            _ => {
                let said = format!("{path}: a trace ends in .parquet or .csv");
                return Err(Trouble::input(said));
            }
        };
        Ok(Self { path, trace, text })
    }

    /// What is wrong, drawn in the line it is about where there are lines.
    pub(super) fn complaint(&self, why: &Unjudged) -> Diagnostic {
        let Some(record) = why.record() else {
            return Diagnostic::whole(&self.path, BAD_TRACE, why.to_string());
        };
        let column = why.signal().unwrap_or(TIME_COLUMN);
        let place = self.text.as_ref().and_then(|text| {
            let span = csv_cell(text, record, column)?;
            Some(Place::new(&self.path, Arc::clone(text), span))
        });
        let Some(place) = place else {
            let said = format!("record {}: {why}", record + 1);
            return Diagnostic::whole(&self.path, BAD_TRACE, said);
        };
        Diagnostic::at(place, BAD_TRACE, why.to_string())
    }
}
