//! A trace as a Parquet file: what DuckDB, pandas and R open, and what we read back.
//!
//! Each field carries its `unit` and its `oracle`; the file carries [`Trace::meta`]. The same
//! trace always gives the same bytes: no time, no host, and no version of any tool is in them.

use std::collections::BTreeMap;
use std::fs::File;
use std::panic::catch_unwind;
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, UInt64Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray, UInt64Array,
};
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

use super::atomic::write_atomically;
use super::error::TraceError;
use super::table::{Cell, Column, Kind, Oracle, TIME_COLUMN, Trace};

/// Who wrote the file; it must not change from build to build.
const CREATED_BY: &str = "weanbench";
/// Records that are turned into arrays at a time.
const BATCH_RECORDS: usize = 65_536;
/// Zstandard level: more makes a trace hardly smaller.
const ZSTD_LEVEL: i32 = 3;
/// Keys that the encoder puts among ours.
const FOREIGN_META: &str = "ARROW:";

/// Writes a trace; the file is there as a whole or not at all.
///
/// # Errors
///
/// If the file cannot be written.
pub fn write_parquet(path: &Path, trace: &Trace) -> Result<(), TraceError> {
    write_atomically(path, |file| {
        write(file, trace).map_err(|error| TraceError::unwritable(path, error))
    })
}

/// Reads a trace, also one that another tool wrote.
///
/// There must be a column [`TIME_COLUMN`] without nulls. A column that does not say whose word it
/// is counts as [`Oracle::Said`].
///
/// # Errors
///
/// If the file is missing, damaged, or no trace.
pub fn read_parquet(path: &Path) -> Result<Trace, TraceError> {
    let file = File::open(path).map_err(|source| TraceError::io(path, "opening", source))?;
    // The decoder asserts what a damaged file may break; nothing of ours outlives its panic.
    catch_unwind(|| read(path, file)).unwrap_or_else(|_| {
        Err(TraceError::unreadable(
            path,
            "the bytes contradict each other",
        ))
    })
}

fn read(path: &Path, file: File) -> Result<Trace, TraceError> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(file)
        .map_err(|error| TraceError::unreadable(path, error))?;
    let meta = meta_of(builder.metadata().file_metadata().key_value_metadata());
    let schema = Arc::clone(builder.schema());
    let (time_at, signals) = signals(path, &schema)?;
    let (places, columns): (Vec<usize>, Vec<Column>) = signals.into_iter().unzip();
    let mut trace = Trace::new(columns, meta)
        .map_err(|error| TraceError::not_a_trace(path, error.to_string()))?;
    let batches = builder
        .with_batch_size(BATCH_RECORDS)
        .build()
        .map_err(|error| TraceError::unreadable(path, error))?;
    for batch in batches {
        let batch = batch.map_err(|error| TraceError::unreadable(path, error))?;
        append(path, &mut trace, &batch, (time_at, &places))?;
    }
    Ok(trace)
}

fn write(file: &mut File, trace: &Trace) -> Result<(), ParquetError> {
    let meta = trace.meta.iter();
    let meta = meta.map(|(key, value)| KeyValue::new(key.clone(), value.clone()));
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(ZSTD_LEVEL)?))
        .set_created_by(CREATED_BY.to_owned())
        .set_key_value_metadata(Some(meta.collect()))
        .build();
    let schema = Arc::new(schema_of(trace));
    let mut writer = ArrowWriter::try_new(file, Arc::clone(&schema), Some(properties))?;
    for start in (0..trace.len()).step_by(BATCH_RECORDS) {
        let records = start..trace.len().min(start + BATCH_RECORDS);
        let mut arrays: Vec<ArrayRef> = vec![Arc::new(Float64Array::from_iter_values(
            trace.time_s()[records.clone()].iter().copied(),
        ))];
        arrays.extend((0..trace.columns().len()).map(|column| {
            let cells = records.clone().map(|record| trace.cell(record, column));
            array_of(trace.columns()[column].kind, cells)
        }));
        writer.write(&RecordBatch::try_new(Arc::clone(&schema), arrays)?)?;
    }
    writer.close()?;
    Ok(())
}

fn schema_of(trace: &Trace) -> Schema {
    let time = Column::new(TIME_COLUMN, "s", Oracle::Truth, Kind::F64);
    let fields = std::iter::once((&time, false))
        .chain(trace.columns().iter().map(|column| (column, true)))
        .map(|(column, nullable)| {
            let data_type = match column.kind {
                Kind::F64 => DataType::Float64,
                Kind::I64 => DataType::Int64,
                Kind::U64 => DataType::UInt64,
                Kind::Bool => DataType::Boolean,
                Kind::Text => DataType::Utf8,
            };
            let said = [
                ("unit", column.unit.as_str()),
                ("oracle", column.oracle.name()),
            ];
            let said = said.map(|(key, value)| (key.to_owned(), value.to_owned()));
            Field::new(&column.name, data_type, nullable).with_metadata(BTreeMap::from(said))
        });
    Schema::new(fields.collect::<Vec<Field>>())
}

/// Cells of one kind as an array; a cell of another kind would be null, and there is none.
fn array_of<'a>(kind: Kind, cells: impl Iterator<Item = Cell<'a>>) -> ArrayRef {
    macro_rules! array {
        ($array:ty, $kind:ident) => {
            Arc::new(
                cells
                    .map(|cell| {
                        if let Cell::$kind(value) = cell {
                            Some(value)
                        } else {
                            None
                        }
                    })
                    .collect::<$array>(),
            )
        };
    }
    match kind {
        Kind::F64 => array!(Float64Array, F64),
        Kind::I64 => array!(Int64Array, I64),
        Kind::U64 => array!(UInt64Array, U64),
        Kind::Bool => array!(BooleanArray, Bool),
        Kind::Text => array!(StringArray, Text),
    }
}

fn meta_of(said: Option<&Vec<KeyValue>>) -> BTreeMap<String, String> {
    said.into_iter()
        .flatten()
        .filter(|pair| !pair.key.starts_with(FOREIGN_META))
        .map(|pair| (pair.key.clone(), pair.value.clone().unwrap_or_default()))
        .collect()
}

/// The place of the time, and the place and meaning of each signal.
fn signals(path: &Path, schema: &Schema) -> Result<(usize, Vec<(usize, Column)>), TraceError> {
    let mut time_at = None;
    let mut signals = Vec::new();
    for (place, field) in schema.fields().iter().enumerate() {
        let name = field.name();
        let Some(kind) = kind_of(field.data_type()) else {
            let found = field.data_type();
            let reason = format!(
                "column `{name}` is {found}, not a float, a 64-bit integer, a boolean or a text"
            );
            return Err(TraceError::not_a_trace(path, reason));
        };
        if name == TIME_COLUMN && kind == Kind::F64 {
            time_at = Some(place);
            continue;
        }
        let said = |key: &str| field.metadata().get(key).map(String::as_str);
        let oracle = match said("oracle") {
            None => Oracle::Said,
            Some(word) => Oracle::from_name(word).ok_or_else(|| {
                let reason = format!("column `{name}` has the unknown oracle `{word}`");
                TraceError::not_a_trace(path, reason)
            })?,
        };
        signals.push((
            place,
            Column::new(name, said("unit").unwrap_or_default(), oracle, kind),
        ));
    }
    match time_at {
        Some(time_at) => Ok((time_at, signals)),
        None => Err(TraceError::not_a_trace(
            path,
            format!("no column `{TIME_COLUMN}` of floats"),
        )),
    }
}

fn kind_of(data_type: &DataType) -> Option<Kind> {
    [
        (DataType::Float64, Kind::F64),
        (DataType::Int64, Kind::I64),
        (DataType::UInt64, Kind::U64),
        (DataType::Boolean, Kind::Bool),
        (DataType::Utf8, Kind::Text),
        (DataType::LargeUtf8, Kind::Text),
    ]
    .into_iter()
    .find_map(|(known, kind)| (known == *data_type).then_some(kind))
}

fn append(
    path: &Path,
    trace: &mut Trace,
    batch: &RecordBatch,
    (time_at, places): (usize, &[usize]),
) -> Result<(), TraceError> {
    let arrays = batch.columns();
    let mut cells = Vec::with_capacity(places.len());
    for record in 0..batch.num_rows() {
        let Some(Cell::F64(time_s)) = arrays.get(time_at).map(|array| cell(array, record)) else {
            let reason = format!("record {} has no time", trace.len());
            return Err(TraceError::not_a_trace(path, reason));
        };
        cells.clear();
        cells.extend(places.iter().map(|&place| cell(&arrays[place], record)));
        trace.push(time_s, &cells);
    }
    Ok(())
}

fn cell(array: &ArrayRef, record: usize) -> Cell<'_> {
    if array.is_null(record) {
        return Cell::Null;
    }
    if let Some(values) = array.as_primitive_opt::<Float64Type>() {
        return Cell::F64(values.value(record));
    }
    if let Some(values) = array.as_primitive_opt::<Int64Type>() {
        return Cell::I64(values.value(record));
    }
    if let Some(values) = array.as_primitive_opt::<UInt64Type>() {
        return Cell::U64(values.value(record));
    }
    if let Some(values) = array.as_boolean_opt() {
        return Cell::Bool(values.value(record));
    }
    if let Some(values) = array.as_string_opt::<i64>() {
        return Cell::Text(values.value(record));
    }
    array
        .as_string_opt::<i32>()
        .map_or(Cell::Null, |values| Cell::Text(values.value(record)))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::super::{first_difference, write_csv};
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("weanbench-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    /// Every kind, with its ugliest values and nulls.
    fn every_kind() -> Trace {
        let columns = vec![
            Column::new("rate", "ug/h", Oracle::Truth, Kind::F64),
            Column::new("balance", "ng", Oracle::Said, Kind::I64),
            Column::new("count", "", Oracle::Decided, Kind::U64),
            Column::new("occluded", "", Oracle::Truth, Kind::Bool),
            Column::new("mode, \"said\"", "", Oracle::Said, Kind::Text),
            Column::new("nothing", "s", Oracle::Said, Kind::F64),
        ];
        let meta = [("seed", "7"), ("digest", "ab"), ("scenario", "ä")];
        let meta = meta
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into();
        let mut trace = Trace::new(columns, meta).unwrap();
        let none = Cell::Null;
        let (i, u, yes) = (Cell::I64(i64::MIN), Cell::U64(u64::MAX), Cell::Bool(true));
        trace.push(
            0.0,
            &[Cell::F64(-0.0), i, u, yes, Cell::Text("a, \"b\"\nc"), none],
        );
        trace.push(0.1, &[none, none, none, none, none, none]);
        trace.push(
            0.2,
            &[
                Cell::F64(f64::NAN),
                none,
                u,
                Cell::Bool(false),
                Cell::Text(""),
                none,
            ],
        );
        trace.push(
            1e300,
            &[Cell::F64(0.1), i, none, yes, Cell::Text("hold"), none],
        );
        trace
    }

    #[test]
    fn every_kind_comes_back_and_twice_the_same() {
        let folder = folder("round-trip");
        let trace = every_kind();
        let [a, b] = ["a.parquet", "b.parquet"].map(|name| folder.join(name));
        write_parquet(&a, &trace).unwrap();
        write_parquet(&b, &trace).unwrap();
        assert_eq!(fs::read(&a).unwrap(), fs::read(&b).unwrap());
        let back = read_parquet(&a).unwrap();
        assert_eq!(first_difference(&trace, &back), None);
        assert_eq!(back.columns(), trace.columns());
        assert_eq!(back.meta, trace.meta);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn many_records_and_none_come_back() {
        let folder = folder("many");
        let path = folder.join("a.parquet");
        let columns = vec![
            Column::new("n", "", Oracle::Truth, Kind::U64),
            Column::new("word", "", Oracle::Truth, Kind::Text),
        ];
        let mut trace = Trace::new(columns, BTreeMap::new()).unwrap();
        write_parquet(&path, &trace).unwrap();
        assert!(read_parquet(&path).unwrap().is_empty());
        for (record, at) in (0..BATCH_RECORDS as u64 * 2 + 3).zip(0_u32..) {
            let word = if record % 3 == 0 {
                Cell::Null
            } else {
                Cell::Text("hold")
            };
            trace.push(f64::from(at) / 10.0, &[Cell::U64(record), word]);
        }
        write_parquet(&path, &trace).unwrap();
        assert_eq!(
            first_difference(&trace, &read_parquet(&path).unwrap()),
            None
        );
        let no_signal = Trace::new(Vec::new(), BTreeMap::new()).unwrap();
        write_parquet(&path, &no_signal).unwrap();
        assert!(read_parquet(&path).unwrap().columns().is_empty());
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn damaged_files_are_refused_or_read_but_never_panic() {
        let folder = folder("damage");
        let path = folder.join("a.parquet");
        write_parquet(&path, &every_kind()).unwrap();
        let good = fs::read(&path).unwrap();
        for length in (0..good.len()).step_by(7) {
            fs::write(&path, &good[..length]).unwrap();
            let error = read_parquet(&path).unwrap_err().to_string();
            assert!(error.contains("a.parquet: not a"), "{length}: {error}");
        }
        for at in (0..good.len()).step_by(11) {
            for bits in [0x01, 0xff] {
                let mut bad = good.clone();
                bad[at] ^= bits;
                fs::write(&path, &bad).unwrap();
                let _ = read_parquet(&path);
            }
        }
        fs::write(&path, "time_s,rate\n0,1\n").unwrap();
        let error = read_parquet(&path).unwrap_err().to_string();
        assert!(error.contains("not a readable Parquet file"), "{error}");
        let missing = read_parquet(&folder.join("b.parquet"))
            .unwrap_err()
            .to_string();
        assert!(missing.contains("b.parquet: opening failed"), "{missing}");
        assert!(read_parquet(&folder).is_err());
        fs::remove_dir_all(folder).unwrap();
    }

    fn foreign(path: &Path, fields: Vec<(Field, ArrayRef)>) -> Result<Trace, TraceError> {
        let (fields, arrays): (Vec<Field>, Vec<ArrayRef>) = fields.into_iter().unzip();
        let schema = Arc::new(Schema::new(fields));
        let file = File::create(path).unwrap();
        let mut writer = ArrowWriter::try_new(file, Arc::clone(&schema), None).unwrap();
        writer
            .write(&RecordBatch::try_new(schema, arrays).unwrap())
            .unwrap();
        writer.close().unwrap();
        read_parquet(path)
    }

    #[test]
    fn foreign_files_are_traces_if_they_have_a_time() {
        let folder = folder("foreign");
        let path = folder.join("a.parquet");
        let times = |times: Vec<Option<f64>>| {
            let field = Field::new(TIME_COLUMN, DataType::Float64, true);
            (field, Arc::new(Float64Array::from(times)) as ArrayRef)
        };
        let x = || {
            let field = Field::new("x", DataType::Int64, true);
            (field, Arc::new(Int64Array::from(vec![5])) as ArrayRef)
        };
        let short = || {
            let field = Field::new("y", DataType::Int32, true);
            (
                field,
                Arc::new(arrow_array::Int32Array::from(vec![5])) as ArrayRef,
            )
        };
        let trace = foreign(&path, vec![x(), times(vec![Some(1.5)])]).unwrap();
        assert_eq!(
            trace.columns(),
            [Column::new("x", "", Oracle::Said, Kind::I64)]
        );
        assert_eq!(
            (trace.time_s(), trace.cell(0, 0)),
            (&[1.5][..], Cell::I64(5))
        );
        let reason = |fields| foreign(&path, fields).unwrap_err().to_string();
        assert!(reason(vec![x()]).contains("not a trace: no column `time_s` of floats"));
        assert!(reason(vec![times(vec![None])]).contains("record 0 has no time"));
        assert!(reason(vec![times(vec![Some(0.0)]), short()]).contains("column `y` is Int32"));
        let twice = reason(vec![times(vec![Some(0.0)]), x(), x()]);
        assert!(twice.contains("two columns are called `x`"), "{twice}");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn csv_has_the_same_values() {
        let folder = folder("csv");
        let path = folder.join("a.csv");
        write_csv(&path, &every_kind()).unwrap();
        let wanted = "\
time_s,rate,balance,count,occluded,\"mode, \"\"said\"\"\",nothing
0.0,-0.0,-9223372036854775808,18446744073709551615,true,\"a, \"\"b\"\"\nc\",
0.1,,,,,,
0.2,NaN,,18446744073709551615,false,\"\",
1e300,0.1,-9223372036854775808,,true,hold,
";
        assert_eq!(fs::read_to_string(&path).unwrap(), wanted);
        fs::remove_dir_all(folder).unwrap();
    }
}
