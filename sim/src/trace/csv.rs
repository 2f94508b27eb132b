//! A trace as comma-separated values (RFC 4180), for spreadsheets and quick looks.
//!
//! Units and oracles are not in it; the Parquet file has them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::ops::Range;
use std::path::Path;

use super::atomic::write_atomically;
use super::error::TraceError;
use super::table::{Cell, Column, Kind, Oracle, TIME_COLUMN, Trace};
use crate::input::suggest;

/// Writes a trace as CSV: a line of names, then a line for each record, the time first.
///
/// Null is nothing between two commas, an empty text is `""`; floats are as short as reading the
/// same bits back allows.
///
/// # Errors
///
/// If the file cannot be written; then nothing is there.
pub fn write_csv(path: &Path, trace: &Trace) -> Result<(), TraceError> {
    write_atomically(path, |file| {
        write(file, trace).map_err(|source| TraceError::io(path, "writing", source))
    })
}

fn write(file: &mut File, trace: &Trace) -> io::Result<()> {
    let mut out = BufWriter::new(file);
    write!(out, "{TIME_COLUMN}")?;
    for column in trace.columns() {
        write!(out, ",{}", quoted(&column.name))?;
    }
    writeln!(out)?;
    for (record, time_s) in trace.time_s().iter().enumerate() {
        write!(out, "{time_s:?}")?;
        for column in 0..trace.columns().len() {
            match trace.cell(record, column) {
                Cell::Text(text) => write!(out, ",{}", quoted(text))?,
                cell
                @ (Cell::Null | Cell::F64(_) | Cell::I64(_) | Cell::U64(_) | Cell::Bool(_)) => {
                    write!(out, ",{cell}")?;
                }
            }
        }
        writeln!(out)?;
    }
    out.flush()
}

/// The text, in quotes where a reader would otherwise misread it.
fn quoted(text: &str) -> Cow<'_, str> {
    let is_plain = !text.is_empty()
        && !text.contains(['"', ',', '\n', '\r'])
        && !text.starts_with(' ')
        && !text.ends_with(' ');
    if is_plain {
        text.into()
    } else {
        format!("\"{}\"", text.replace('"', "\"\"")).into()
    }
}

/// Something in a CSV that cannot be.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{said}")]
pub struct CsvError {
    /// The bytes that are meant.
    pub span: Range<usize>,
    /// What is wrong with them.
    pub said: String,
}

fn wrong<T>(span: Range<usize>, said: impl Into<String>) -> Result<T, CsvError> {
    let said = said.into();
    Err(CsvError { span, said })
}

/// Reads a CSV, with a column `time_s` and one for each signal.
///
/// A column is of numbers, or of true and false, if all its values are, and else of words. Nothing
/// between two commas is no value; lines without anything are passed over.
///
/// # Errors
///
/// What is wrong, and which bytes.
pub fn read_csv(text: &str) -> Result<Trace, CsvError> {
    let mut rows = Rows::new(text);
    let mut fields = Vec::new();
    if !rows.next(&mut fields)? {
        return wrong(0..0, "the file is empty; its first line names the columns");
    }
    let head = std::mem::take(&mut fields);
    let names = || head.iter().map(|field| field.text.as_deref().unwrap_or(""));
    let Some(time) = names().position(|name| name == TIME_COLUMN) else {
        let near = suggest(TIME_COLUMN, &names().collect::<Vec<&str>>()).unwrap_or_default();
        let said = format!("no column is called `{TIME_COLUMN}`; {near}");
        return wrong(span(&head), said);
    };
    let kinds = kinds(rows.clone(), &head, time)?;
    let columns = names().zip(&kinds).enumerate();
    let columns = columns.filter(|(place, _)| *place != time);
    let columns = columns.map(|(_, (name, kind))| Column::new(name, "", Oracle::Said, *kind));
    let trace = Trace::new(columns.collect(), BTreeMap::new());
    let mut trace = trace.map_err(|why| CsvError {
        span: head[0].span.clone(),
        said: why.to_string(),
    })?;
    while rows.next(&mut fields)? {
        let time_s = fields[time].number().unwrap_or(f64::NAN);
        let cells = fields.iter().zip(&kinds).enumerate();
        let cells = cells.filter(|(place, _)| *place != time);
        let cells: Vec<Cell<'_>> = cells.map(|(_, (it, kind))| value(it, *kind)).collect();
        trace.push(time_s, &cells);
    }
    Ok(trace)
}

/// One field of a CSV.
#[derive(Clone, Debug)]
struct Field<'t> {
    span: Range<usize>,
    /// None where nothing stands between the commas.
    text: Option<Cow<'t, str>>,
}

impl Field<'_> {
    fn number(&self) -> Option<f64> {
        self.text.as_ref()?.parse().ok()
    }

    fn truth(&self) -> Option<bool> {
        let text = self.text.as_ref()?;
        let is = |word: &str| text.eq_ignore_ascii_case(word);
        (is("true") || is("false")).then(|| is("true"))
    }
}

/// The rows of a CSV (RFC 4180), one by one; lines without anything are passed over.
#[derive(Clone, Debug)]
struct Rows<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Rows<'t> {
    fn new(text: &'t str) -> Self {
        let at = if text.starts_with('\u{feff}') { 3 } else { 0 };
        Self { text, at }
    }

    /// Reads the next row into `fields`; false when there is none.
    fn next(&mut self, fields: &mut Vec<Field<'t>>) -> Result<bool, CsvError> {
        while self.at < self.text.len() {
            fields.clear();
            loop {
                fields.push(self.field()?);
                let rest = &self.text[self.at..];
                self.at += usize::from(!rest.is_empty());
                if !rest.starts_with(',') {
                    break;
                }
            }
            if fields.len() > 1 || fields[0].text.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Reads a field up to the comma, the line break or the end behind it.
    fn field(&mut self) -> Result<Field<'t>, CsvError> {
        let start = self.at;
        if self.text[start..].starts_with('"') {
            return self.quoted();
        }
        let length = self.text[start..].find([',', '\n']);
        self.at = length.map_or(self.text.len(), |length| start + length);
        let text = self.text[start..self.at].trim();
        let inside = start..self.at;
        if text.contains('"') {
            return wrong(inside, "a quote in a field that does not begin with one");
        }
        let text = (!text.is_empty()).then_some(Cow::Borrowed(text));
        Ok(Field { span: inside, text })
    }

    fn quoted(&mut self) -> Result<Field<'t>, CsvError> {
        let start = self.at;
        let mut end = start + 1;
        loop {
            let Some(quote) = self.text[end..].find('"') else {
                return wrong(start..start + 1, "this quote is never closed");
            };
            end += quote + 1;
            if !self.text[end..].starts_with('"') {
                break;
            }
            end += 1;
        }
        let inner = &self.text[start + 1..end - 1];
        let rest = &self.text[end..];
        self.at = end + usize::from(rest.starts_with("\r\n") || rest == "\r");
        if !rest.is_empty() && !rest.starts_with([',', '\n']) && self.at == end {
            return wrong(start..end, "a quoted field ends with its quote");
        }
        let text = Some(inner.replace("\"\"", "\"").into());
        let span = start..end;
        Ok(Field { span, text })
    }
}

/// All of a row.
fn span(row: &[Field<'_>]) -> Range<usize> {
    row[0].span.start..row[row.len() - 1].span.end
}

/// What the columns are of; sees to it that all rows are of one length, each
/// later than the one before.
fn kinds(mut rows: Rows<'_>, head: &[Field<'_>], time: usize) -> Result<Vec<Kind>, CsvError> {
    let mut kinds = vec![None; head.len()];
    let mut last = f64::NEG_INFINITY;
    let mut fields = Vec::new();
    while rows.next(&mut fields)? {
        if fields.len() != head.len() {
            let (here, there) = (fields.len(), head.len());
            let word = if here == 1 { "field" } else { "fields" };
            let said = format!("{here} {word} in this line, and {there} in the first");
            return wrong(span(&fields), said);
        }
        let Some(now) = fields[time].number() else {
            let found = fields[time].text.as_deref().unwrap_or("nothing");
            let said = format!("`{TIME_COLUMN}` is `{found}`, which is no number");
            return wrong(fields[time].span.clone(), said);
        };
        // Several records may be of one moment, as in our own traces.
        if now < last {
            let said = format!("time {now} s is earlier than the one before, {last} s");
            return wrong(fields[time].span.clone(), said);
        }
        last = now;
        for (kind, field) in kinds.iter_mut().zip(&fields) {
            let here = match (field.number(), field.truth()) {
                _ if field.text.is_none() => continue,
                (Some(_), _) => Kind::F64,
                (None, Some(_)) => Kind::Bool,
                (None, None) => Kind::Text,
            };
            *kind = Some(kind.map_or(here, |it| if it == here { it } else { Kind::Text }));
        }
    }
    let kinds = kinds.into_iter();
    Ok(kinds.map(|kind| kind.unwrap_or(Kind::F64)).collect())
}

fn value<'f>(field: &'f Field<'_>, kind: Kind) -> Cell<'f> {
    let cell = match kind {
        Kind::Bool => field.truth().map(Cell::Bool),
        Kind::Text => field.text.as_deref().map(Cell::Text),
        Kind::F64 | Kind::I64 | Kind::U64 => field.number().map(Cell::F64),
    };
    cell.unwrap_or(Cell::Null)
}

/// Where a record of a good CSV has the value of a column, records counted from 0.
#[must_use]
pub fn csv_cell(text: &str, record: usize, column: &str) -> Option<Range<usize>> {
    let mut rows = Rows::new(text);
    let mut fields = Vec::new();
    rows.next(&mut fields).ok()?;
    let called = |field: &Field<'_>| field.text.as_deref() == Some(column);
    let place = fields.iter().position(called)?;
    for _ in 0..=record {
        rows.next(&mut fields).ok()?;
    }
    fields.get(place).map(|field| field.span.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let column = |name: &str, kind| Column::new(name, "", Oracle::Said, kind);
        let columns = vec![
            column("a", Kind::F64),
            column("yes", Kind::Bool),
            column("word, or two", Kind::Text),
        ];
        let mut trace = Trace::new(columns, BTreeMap::new()).unwrap();
        let rows = [
            [Cell::F64(0.1), Cell::Bool(true), Cell::Text("x \"y\"")],
            [Cell::Null, Cell::Bool(false), Cell::Null],
        ];
        for (at, row) in [0.0, 0.001].into_iter().zip(&rows) {
            trace.push(at, row);
        }
        let path = std::env::temp_dir().join(format!("weanbench-csv-{}.csv", std::process::id()));
        write_csv(&path, &trace).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let back = read_csv(&text).unwrap();
        assert_eq!(back.columns(), trace.columns());
        assert_eq!(super::super::first_difference(&trace, &back), None);
        assert_eq!(&text[csv_cell(&text, 0, "a").unwrap()], "0.1");
    }
}
