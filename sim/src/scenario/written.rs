//! A scenario as a person would write it: read again, it is the same scenario.

use std::fmt::Write;

use toml::{Table, Value};

use super::Scenario;

/// Keys that come first, in this order; all others follow by their names, tables after values.
const FIRST: [&str; 28] = [
    "schema",
    "title",
    "about",
    "seed",
    "protocol",
    "device",
    "profile",
    "patients",
    "people",
    "run_max_h",
    "follow_up_h",
    "follow_up_stop_h",
    "cohort",
    "patient",
    "explant",
    "adjust",
    "id",
    "from_min",
    "until_min",
    "at_min",
    "what",
    "name",
    "infusion",
    "arms",
    "faults",
    "orders",
    "expect",
    "sources",
];

impl Scenario {
    /// The text of a file that says the same.
    ///
    /// # Panics
    /// Never: a scenario is a table, which property tests try.
    #[must_use]
    pub fn written(&self) -> String {
        let table = Table::try_from(self).expect("a scenario is a table");
        let mut text = String::new();
        section(&mut text, "", &table);
        text.trim_start().to_owned()
    }
}

fn rank(key: &str) -> usize {
    let place = FIRST.iter().position(|it| *it == key);
    place.unwrap_or(FIRST.len())
}

/// Values first, then what has a header of its own.
fn section(text: &mut String, path: &str, table: &Table) {
    let mut entries: Vec<(&String, &Value)> = table.iter().collect();
    entries.sort_by_key(|(key, value)| (has_header(path, key, value), rank(key)));
    for (key, value) in entries {
        let inner = if path.is_empty() {
            key.clone()
        } else {
            format!("{path}.{key}")
        };
        match value {
            _ if !has_header(path, key, value) => {
                put(text, &format!("{} = {}\n", quoted(key), shown(value)));
            }
            Value::Table(table) => {
                if table.values().any(|value| !value.is_table()) || table.is_empty() {
                    put(text, &format!("\n[{inner}]\n"));
                }
                section(text, &inner, table);
            }
            Value::Array(tables) => {
                for table in tables.iter().filter_map(Value::as_table) {
                    put(text, &format!("\n[[{inner}]]\n"));
                    section(text, &inner, table);
                }
            }
            Value::String(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::Boolean(_)
            | Value::Datetime(_) => {}
        }
    }
}

fn put(text: &mut String, what: &str) {
    // Nothing is written but to memory.
    let _ = text.write_str(what);
}

/// Whether a value has a header of its own: tables at the top, and those under `adjust`.
fn has_header(path: &str, key: &str, value: &Value) -> bool {
    let rows = |values: &Vec<Value>| !values.is_empty() && values.iter().all(Value::is_table);
    match value {
        Value::Table(_) => path.is_empty() || (path == "adjust" && !key.is_empty()),
        Value::Array(values) => path.is_empty() && rows(values),
        Value::String(_)
        | Value::Integer(_)
        | Value::Float(_)
        | Value::Boolean(_)
        | Value::Datetime(_) => false,
    }
}

/// A text of several lines stands on lines of its own.
fn shown(value: &Value) -> String {
    let plain = |text: &str| {
        let odd = |letter: char| letter == '\\' || (letter.is_control() && letter != '\n');
        !text.contains(odd) && !text.contains("\"\"\"") && !text.ends_with('"')
    };
    match value {
        Value::String(text) if text.contains('\n') && plain(text) => {
            format!("\"\"\"\n{text}\"\"\"")
        }
        Value::String(_)
        | Value::Integer(_)
        | Value::Float(_)
        | Value::Boolean(_)
        | Value::Datetime(_)
        | Value::Array(_)
        | Value::Table(_) => value.to_string(),
    }
}

fn quoted(key: &str) -> String {
    let bare = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
    if !key.is_empty() && key.chars().all(bare) {
        key.to_owned()
    } else {
        Value::String(key.to_owned()).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Library;
    use crate::input::Document;
    use crate::shipped::{self, Kind};

    fn read(text: &str) -> Scenario {
        let document = Document::from_text("s.toml", text);
        document.decode().unwrap_or_else(|complaints| {
            panic!("{}\n{text}", complaints[0].render(false));
        })
    }

    #[test]
    fn every_shipped_scenario_is_read_as_it_was_written() {
        for name in shipped::names(Kind::Scenario) {
            let library = Library::shipped(name, &[]).expect("it ships").expect(name);
            let text = library.scenario.written();
            assert_eq!(read(&text), library.scenario, "{text}");
        }
    }

    #[test]
    fn odd_texts_and_keys_are_kept() {
        let library = Library::shipped("first", &[])
            .expect("it ships")
            .expect("it is good");
        let mut scenario = library.scenario;
        for about in [
            "a \"b\"", "a\nb\"", "a\\\nb", "\"\"\"\n", "a\r\nb", "ä\n", "",
        ] {
            scenario.about = about.to_owned();
            let key = "kinetics.\"v 1\"".to_owned();
            scenario.adjust.patients.insert(key, Value::Float(1e-300));
            assert_eq!(read(&scenario.written()), scenario, "{about:?}");
        }
    }

    #[test]
    fn what_people_look_for_comes_first() {
        let library = Library::shipped("kink-and-release", &[]).expect("it ships");
        let text = library.expect("it is good").scenario.written();
        let place = |what: &str| text.find(what).unwrap_or_else(|| panic!("{what}: {text}"));
        let order = [
            "schema",
            "title",
            "[patient]",
            "[[faults]]",
            "[expect]",
            "[sources]",
        ];
        let places = order.map(place);
        assert!(places.is_sorted(), "{text}");
        assert!(text.contains("what = { occlude = { "), "{text}");
    }
}
