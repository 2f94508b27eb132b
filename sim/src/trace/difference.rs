//! The first record in which two traces differ, field by field.

use std::fmt;

use super::table::{Cell, Column, TIME_COLUMN, Trace};

/// What differs between two traces. At least one of the three parts is there.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Columns that only one has, or that differ in unit, oracle or kind.
    pub columns: Vec<ColumnDifference>,
    /// The first record that differs in a column that both have with the same kind.
    pub record: Option<RecordDifference>,
    /// The numbers of records, when they differ.
    pub lengths: Option<(usize, usize)>,
}

/// A column that is not the same in both.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ColumnDifference {
    /// Its name.
    pub name: String,
    /// The column in the first trace.
    pub a: Option<Column>,
    /// The column in the second trace.
    pub b: Option<Column>,
}

/// A record that is not the same in both.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordDifference {
    /// Its place, from zero.
    pub record: usize,
    /// Its time in the first trace, in seconds.
    pub time_s: f64,
    /// What differs.
    pub fields: Vec<FieldDifference>,
}

/// A value that is not the same in both.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FieldDifference {
    /// The column's name.
    pub name: String,
    /// The column's unit.
    pub unit: String,
    /// The value in the first trace; `None` for null.
    pub a: Option<String>,
    /// The value in the second trace; `None` for null.
    pub b: Option<String>,
}

/// Compares two traces; `None` if they have the same columns and the same records.
///
/// Columns are matched by name, in whatever order they stand. Floats are equal when their bits are.
/// What is said about the whole, [`Trace::meta`], is not compared.
#[must_use]
pub fn first_difference(a: &Trace, b: &Trace) -> Option<Difference> {
    let columns = column_differences(a, b);
    let record = record_difference(a, b);
    let lengths = (a.len() != b.len()).then_some((a.len(), b.len()));
    let is_same = columns.is_empty() && record.is_none() && lengths.is_none();
    (!is_same).then_some(Difference {
        columns,
        record,
        lengths,
    })
}

fn column_differences(a: &Trace, b: &Trace) -> Vec<ColumnDifference> {
    let of = |trace: &Trace, name: &str| trace.column(name).map(|at| trace.columns()[at].clone());
    let only_b = b
        .columns()
        .iter()
        .filter(|column| a.column(&column.name).is_none());
    a.columns()
        .iter()
        .chain(only_b)
        .map(|Column { name, .. }| ColumnDifference {
            name: name.clone(),
            a: of(a, name),
            b: of(b, name),
        })
        .filter(|column| column.a != column.b)
        .collect()
}

fn record_difference(a: &Trace, b: &Trace) -> Option<RecordDifference> {
    let shared: Vec<(usize, usize)> = a
        .columns()
        .iter()
        .enumerate()
        .filter_map(|(in_a, column)| Some((in_a, column, b.column(&column.name)?)))
        .filter(|(_, column, in_b)| column.kind == b.columns()[*in_b].kind)
        .map(|(in_a, _, in_b)| (in_a, in_b))
        .collect();
    let times = a.time_s().iter().zip(b.time_s());
    times.enumerate().find_map(|(record, (&time_a, &time_b))| {
        let time = field(TIME_COLUMN, "s", Cell::F64(time_a), Cell::F64(time_b));
        let others = shared.iter().filter_map(|&(in_a, in_b)| {
            let Column { name, unit, .. } = &a.columns()[in_a];
            field(name, unit, a.cell(record, in_a), b.cell(record, in_b))
        });
        let fields: Vec<FieldDifference> = time.into_iter().chain(others).collect();
        (!fields.is_empty()).then_some(RecordDifference {
            record,
            time_s: time_a,
            fields,
        })
    })
}

fn field(name: &str, unit: &str, a: Cell<'_>, b: Cell<'_>) -> Option<FieldDifference> {
    let shown = |cell: Cell<'_>| (cell != Cell::Null).then(|| cell.to_string());
    (a != b).then(|| FieldDifference {
        name: name.to_owned(),
        unit: unit.to_owned(),
        a: shown(a),
        b: shown(b),
    })
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = Vec::new();
        if let Some((a, b)) = self.lengths {
            lines.push(format!("records: {a} and {b}"));
        }
        if !self.columns.is_empty() {
            let rows = self.columns.iter().map(|column| {
                let [a, b] =
                    [&column.a, &column.b].map(|side| side.as_ref().map_or("-".into(), described));
                [column.name.clone(), a, b]
            });
            lines.extend(aligned(["column".into(), "a".into(), "b".into()], rows));
        }
        if let Some(record) = &self.record {
            lines.push(format!("record {} at {:?} s", record.record, record.time_s));
            let rows = record.fields.iter().map(|field| {
                let [a, b] = [&field.a, &field.b].map(|side| side.clone().unwrap_or("null".into()));
                [field.name.clone(), field.unit.clone(), a, b]
            });
            let head = ["field", "unit", "a", "b"].map(String::from);
            lines.extend(aligned(head, rows));
        }
        f.write_str(&lines.join("\n"))
    }
}

fn described(column: &Column) -> String {
    let unit = if column.unit.is_empty() {
        "no unit"
    } else {
        &column.unit
    };
    format!("{}, {unit}, {}", column.kind, column.oracle)
}

/// Rows under a head, each cell as wide as the widest of its column.
fn aligned<const N: usize>(
    head: [String; N],
    rows: impl Iterator<Item = [String; N]>,
) -> Vec<String> {
    let rows: Vec<[String; N]> = std::iter::once(head).chain(rows).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: [usize; N] = std::array::from_fn(|column| width(column).unwrap_or(0));
    rows.iter()
        .map(|row| {
            let cells: Vec<String> = row
                .iter()
                .zip(widths)
                .map(|(cell, width)| format!("{cell:width$}"))
                .collect();
            format!("  {}", cells.join("  ").trim_end())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::{Kind, Oracle};
    use super::*;

    fn trace(columns: &[(&str, &str, Kind)], records: &[(f64, &[Cell<'_>])]) -> Trace {
        let columns = columns
            .iter()
            .map(|(name, unit, kind)| Column::new(*name, *unit, Oracle::Truth, *kind))
            .collect();
        let mut trace = Trace::new(columns, BTreeMap::new()).unwrap();
        for (time_s, cells) in records {
            trace.push(*time_s, cells);
        }
        trace
    }

    const RATE: (&str, &str, Kind) = ("rate", "ug/h", Kind::F64);
    const MODE: (&str, &str, Kind) = ("mode", "", Kind::Text);

    #[test]
    fn equal_traces_do_not_differ_whatever_the_order_of_columns() {
        let a = trace(
            &[RATE, MODE],
            &[(0.0, &[Cell::F64(f64::NAN), Cell::Text("x")])],
        );
        let mut b = trace(
            &[MODE, RATE],
            &[(0.0, &[Cell::Text("x"), Cell::F64(f64::NAN)])],
        );
        b.meta.insert("seed".into(), "7".into());
        assert_eq!(first_difference(&a, &b), None);
    }

    #[test]
    fn the_first_record_that_differs_is_told_field_by_field() {
        let same: (f64, &[Cell<'_>]) = (0.0, &[Cell::F64(1.0), Cell::Null]);
        let a = trace(
            &[RATE, MODE],
            &[same, (0.5, &[Cell::F64(0.0), Cell::Null]), same],
        );
        let b = trace(
            &[RATE, MODE],
            &[
                same,
                (0.5, &[Cell::F64(-0.0), Cell::Text("hold")]),
                (9.0, same.1),
            ],
        );
        let difference = first_difference(&a, &b).unwrap();
        let wanted = "\
record 1 at 0.5 s
  field  unit  a     b
  rate   ug/h  0.0   -0.0
  mode         null  hold";
        assert_eq!(difference.to_string(), wanted);
        assert_eq!(difference.record.unwrap().record, 1);
        assert!(difference.columns.is_empty() && difference.lengths.is_none());
    }

    #[test]
    fn times_count_too() {
        let a = trace(&[RATE], &[(0.5, &[Cell::Null])]);
        let b = trace(&[RATE], &[(0.6, &[Cell::Null])]);
        let fields = first_difference(&a, &b).unwrap().record.unwrap().fields;
        assert_eq!((&*fields[0].name, fields.len()), (TIME_COLUMN, 1));
    }

    #[test]
    fn columns_and_lengths_are_told_beside_the_record() {
        let a = trace(&[RATE, MODE], &[(0.0, &[Cell::F64(1.0), Cell::Null])]);
        let volume = ("volume", "nl", Kind::U64);
        let b = trace(&[("rate", "ng/h", Kind::F64), volume], &[]);
        let difference = first_difference(&a, &b).unwrap();
        let wanted = "\
records: 1 and 0
  column  a                    b
  rate    f64, ug/h, truth     f64, ng/h, truth
  mode    text, no unit, truth  -
  volume  -                    u64, nl, truth";
        let squeezed = |text: &str| {
            text.split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert_eq!(squeezed(&difference.to_string()), squeezed(wanted));
        assert_eq!(
            (difference.record, difference.lengths),
            (None, Some((1, 0)))
        );
    }

    #[test]
    fn columns_of_different_kinds_are_not_compared() {
        let a = trace(&[("n", "", Kind::I64)], &[(0.0, &[Cell::I64(1)])]);
        let b = trace(&[("n", "", Kind::U64)], &[(0.0, &[Cell::U64(1)])]);
        let difference = first_difference(&a, &b).unwrap();
        assert_eq!((difference.columns.len(), difference.record), (1, None));
    }
}
