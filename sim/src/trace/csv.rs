//! A trace as comma-separated values (RFC 4180), for spreadsheets and quick looks.
//!
//! Units and oracles are not in it; the Parquet file has them.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::atomic::write_atomically;
use super::error::TraceError;
use super::table::{Cell, TIME_COLUMN, Trace};

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
fn quoted(text: &str) -> std::borrow::Cow<'_, str> {
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
