//! A table with one row for each run, as Parquet: the same rows always make the same bytes.
//!
//! Never here: what the columns mean, and traces.

use std::collections::BTreeMap;
use std::fs::File;
use std::panic::catch_unwind;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray, UInt64Array};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

/// Who wrote the file; it must not change from build to build.
const CREATED_BY: &str = "weanbench";
/// Zstandard level.
const ZSTD_LEVEL: i32 = 3;
/// Rows that a writer gathers before it writes them.
const GROUP_ROWS: usize = 4_096;

/// A column.
#[derive(Clone, Debug)]
pub struct Column<'a> {
    /// Its name.
    pub name: String,
    /// Its unit; empty for none.
    pub unit: &'a str,
    /// One for each row.
    pub values: Values,
}

/// Values of one type; what does not exist is null.
#[derive(Clone, Debug)]
pub enum Values {
    /// Words.
    Text(Vec<Option<String>>),
    /// Whole numbers.
    Count(Vec<Option<u64>>),
    /// Numbers.
    Number(Vec<Option<f64>>),
}

impl Values {
    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Text(values) => values.len(),
            Self::Count(values) => values.len(),
            Self::Number(values) => values.len(),
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    const fn kind(&self) -> DataType {
        match self {
            Self::Text(_) => DataType::Utf8,
            Self::Count(_) => DataType::UInt64,
            Self::Number(_) => DataType::Float64,
        }
    }

    fn array(&self) -> ArrayRef {
        match self {
            Self::Text(values) => Arc::new(values.iter().collect::<StringArray>()),
            Self::Count(values) => Arc::new(values.iter().copied().collect::<UInt64Array>()),
            Self::Number(values) => Arc::new(values.iter().copied().collect::<Float64Array>()),
        }
    }
}

/// The columns as one batch.
///
/// # Errors
/// Columns of different lengths.
pub fn batch(columns: &[Column<'_>]) -> Result<RecordBatch, ArrowError> {
    let field = |column: &Column<'_>| {
        let unit = [("unit".to_owned(), column.unit.to_owned())];
        Field::new(&column.name, column.values.kind(), true).with_metadata(BTreeMap::from(unit))
    };
    let fields: Vec<Field> = columns.iter().map(field).collect();
    let arrays = columns.iter().map(|column| column.values.array()).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
}

/// Writes batches of one shape into a file.
pub struct Writer<'f> {
    writer: ArrowWriter<&'f mut File>,
}

impl<'f> Writer<'f> {
    /// A writer of rows of this shape; `said` stands in the file's own notes.
    ///
    /// # Errors
    /// What the encoder says.
    pub fn new(
        file: &'f mut File,
        schema: SchemaRef,
        said: &[(&str, &str)],
    ) -> Result<Self, ParquetError> {
        let said = said.iter();
        let said = said.map(|(key, value)| KeyValue::new((*key).to_owned(), (*value).to_owned()));
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(ZSTD_LEVEL)?))
            .set_created_by(CREATED_BY.to_owned())
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .set_key_value_metadata(Some(said.collect()))
            .build();
        let writer = ArrowWriter::try_new(file, schema, Some(properties))?;
        Ok(Self { writer })
    }

    /// Adds rows.
    ///
    /// # Errors
    /// What the encoder says.
    pub fn add(&mut self, rows: &RecordBatch) -> Result<(), ParquetError> {
        self.writer.write(rows)
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// What the encoder says.
    pub fn finish(self) -> Result<(), ParquetError> {
        self.writer.close().map(|_| ())
    }
}

/// Writes the columns into a file.
///
/// # Errors
/// What the encoder says.
pub fn write(
    file: &mut File,
    columns: &[Column<'_>],
    said: &[(&str, &str)],
) -> Result<(), ParquetError> {
    let rows = batch(columns)?;
    let mut writer = Writer::new(file, rows.schema(), said)?;
    writer.add(&rows)?;
    writer.finish()
}

/// What a file says of itself, and its rows in their order, a batch at a time.
///
/// # Errors
/// Why the file cannot be read, in words: a damaged one is told, whatever is wrong with it.
pub fn read(path: &Path) -> Result<(BTreeMap<String, String>, Vec<RecordBatch>), String> {
    // The decoder asserts what a damaged file may break; nothing of ours outlives its panic.
    catch_unwind(|| decode(path)).unwrap_or_else(|_| Err("the bytes contradict each other".into()))
}

fn decode(path: &Path) -> Result<(BTreeMap<String, String>, Vec<RecordBatch>), String> {
    let file = File::open(path).map_err(|why| why.to_string())?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|why| why.to_string())?;
    let said = builder.metadata().file_metadata().key_value_metadata();
    let said = said.into_iter().flatten();
    let said = said
        .map(|pair| (pair.key.clone(), pair.value.clone().unwrap_or_default()))
        .collect();
    let rows = builder.build().map_err(|why| why.to_string())?;
    let rows: Result<Vec<RecordBatch>, ArrowError> = rows.collect();
    Ok((said, rows.map_err(|why| why.to_string())?))
}
