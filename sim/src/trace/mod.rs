//! A table of signals over time, in memory and on disk.
//!
//! A [`Trace`] has one row for each record and one column for each signal. What does not exist at
//! some moment is null, never a made-up number. Equal traces give equal bytes.
//!
//! Never here: which signals there are, and what they mean (whoever records them says that in the
//! [`Column`]s), wall clocks, and judgements.

mod atomic;
mod csv;
mod difference;
mod digest;
mod error;
mod parquet;
mod series;
mod table;

pub use atomic::{can_write, write_atomically};
pub use csv::{CsvError, csv_cell, read_csv, write_csv};
pub use difference::first_difference;
pub use difference::{ColumnDifference, Difference, FieldDifference, RecordDifference};
pub use digest::{DIGEST_ALGORITHM, Digest};
pub use error::TraceError;
pub use parquet::{read_parquet, write_parquet};
pub use table::{Cell, Column, Kind, Oracle, TIME_COLUMN, Trace};
