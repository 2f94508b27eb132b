//! What the schema knows of each fault: name, text, effect, parameters with units and ranges.
//!
//! Read once from the doc comments and attributes beside the fields, so that list, page, check and generator
//! cannot say anything else than the type.

use std::fmt;
use std::sync::LazyLock;

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

use super::FaultKind;
use super::kind::{Acts, name_of};

/// What a parameter may be.
#[derive(Clone, Debug, PartialEq)]
pub enum Range {
    /// A number between two.
    Number {
        /// The least.
        least: f64,
        /// The most.
        most: f64,
        /// Whole numbers only.
        whole: bool,
    },
    /// Any number at all, NaN and infinity too.
    Raw,
    /// One of these words.
    Words(Vec<String>),
    /// True or false.
    YesNo,
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number { least, most, .. } => {
                write!(f, "{} to {}", figure(*least), figure(*most))
            }
            Self::Raw => f.write_str("any number, \"nan\", \"inf\""),
            Self::Words(words) if words.len() > 20 => {
                let ends = (words.first(), words.last());
                let end = |word: Option<&String>| word.cloned().unwrap_or_default();
                write!(f, "{} to {}", end(ends.0), end(ends.1))
            }
            Self::Words(words) => f.write_str(&words.join(", ")),
            Self::YesNo => f.write_str("true, false"),
        }
    }
}

/// A number as people write it: in full up to a million, and by its exponent beyond.
fn figure(value: f64) -> String {
    if value.abs() >= 1e6 || (value != 0.0 && value.abs() < 1e-3) {
        format!("{value:e}")
    } else {
        value.to_string()
    }
}

/// A number or word that a fault takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its key.
    pub name: String,
    /// What it means.
    pub text: String,
    /// Its unit, as its key says; empty for none.
    pub unit: &'static str,
    /// What it may be.
    pub range: Range,
    /// What it is when it is left out; none when it must be given.
    pub default: Option<Value>,
}

/// A kind of fault.
#[derive(Clone, Debug, PartialEq)]
pub struct Described {
    /// The key under `what`.
    pub name: String,
    /// Where it acts.
    pub acts: Acts,
    /// What happens.
    pub text: String,
    /// What must be seen of it.
    pub shows: String,
    /// What it takes.
    pub parameters: Vec<Parameter>,
}

/// Ends of keys and the units that they stand for; the first that fits counts.
const UNITS: [(&str, &str); 20] = [
    ("permille_per_day", "permille/day"),
    ("permille_per_h", "permille/h"),
    ("ug_per_ml", "ug/mL"),
    ("ug_per_day", "ug/day"),
    ("ul_per_h", "uL/h"),
    ("ml_per_h", "mL/h"),
    ("per_s", "1/s"),
    ("permille", "permille"),
    ("times", "times"),
    ("kpa", "kPa"),
    ("ppm", "ppm"),
    ("min", "min"),
    ("ul", "uL"),
    ("ml", "mL"),
    ("cm", "cm"),
    ("ms", "ms"),
    ("gain", "times"),
    ("s", "s"),
    ("h", "h"),
    ("c", "degC"),
];

fn unit(key: &str) -> &'static str {
    let ends = |end: &str| key == end || key.ends_with(&format!("_{end}"));
    UNITS
        .iter()
        .find(|(end, _)| ends(end))
        .map_or("", |(_, unit)| unit)
}

/// Every kind of fault, place by place.
#[must_use]
pub fn described() -> &'static [Described] {
    static ALL: LazyLock<Vec<Described>> = LazyLock::new(|| {
        let settings = SchemaSettings::default().with(|settings| settings.inline_subschemas = true);
        let mut generator = settings.into_generator();
        let mut all = Vec::new();
        for acts in Acts::ALL {
            let schema = acts.schema(&mut generator);
            let choices = schema.get("oneOf").and_then(Value::as_array);
            all.extend(
                choices
                    .into_iter()
                    .flatten()
                    .filter_map(|it| choice(acts, it)),
            );
        }
        all
    });
    &ALL
}

/// What is known of a fault.
#[must_use]
pub fn of(what: &FaultKind) -> (&'static Described, Map<String, Value>) {
    let (name, given) = match serde_json::to_value(what) {
        Ok(Value::Object(map)) => map.into_iter().next().unwrap_or_default(),
        Ok(Value::String(word)) => (word, Value::Null),
        Ok(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_)) | Err(_) => {
            Default::default()
        }
    };
    let known = described().iter().find(|it| it.name == name);
    let given = given.as_object().cloned().unwrap_or_default();
    (known.expect("every fault is described"), given)
}

fn text(schema: &Value, key: &str) -> String {
    let text = schema.get(key).and_then(Value::as_str);
    text.unwrap_or_default().replace('\n', " ")
}

fn choice(acts: Acts, choice: &Value) -> Option<Described> {
    let name = name_of(choice)?;
    let body = choice.get("properties").and_then(|it| it.get(&name));
    let body = body.unwrap_or(&Value::Null);
    let required = body.get("required").and_then(Value::as_array);
    let must = |key: &str| required.is_some_and(|keys| keys.iter().any(|it| it == key));
    let properties = body.get("properties").and_then(Value::as_object);
    let parameters = properties
        .into_iter()
        .flatten()
        .map(|(key, schema)| Parameter {
            name: key.clone(),
            text: text(schema, "description"),
            unit: unit(key),
            range: range(schema),
            default: (!must(key)).then(|| schema.get("default").cloned().unwrap_or_default()),
        });
    Some(Described {
        acts,
        text: text(choice, "description"),
        shows: text(choice, "x-shows"),
        parameters: parameters.collect(),
        name,
    })
}

fn range(schema: &Value) -> Range {
    let number = |key: &str| schema.get(key).and_then(Value::as_f64);
    let kind = schema.get("type");
    let is = |name: &str| {
        kind.is_some_and(|kind| {
            let among = |kinds: &Vec<Value>| kinds.iter().any(|it| it == name);
            kind == name || kind.as_array().is_some_and(among)
        })
    };
    if is("boolean") {
        return Range::YesNo;
    }
    if let (Some(least), Some(most)) = (number("minimum"), number("maximum")) {
        let whole = is("integer");
        return Range::Number { least, most, whole };
    }
    let words = words(schema);
    if words.is_empty() {
        Range::Raw
    } else {
        Range::Words(words)
    }
}

/// The words of a closed list, documented one by one or not.
fn words(schema: &Value) -> Vec<String> {
    let list = |key: &str| {
        schema
            .get(key)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    };
    let plain = list("enum").filter_map(Value::as_str);
    let documented = list("oneOf").filter_map(|it| it.get("const")?.as_str());
    plain.chain(documented).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_says_what_it_is_what_it_shows_and_what_it_takes() {
        assert!(described().len() > 90);
        for kind in described() {
            assert!(!kind.text.is_empty(), "{}", kind.name);
            assert!(!kind.shows.is_empty(), "{} must show something", kind.name);
            for parameter in &kind.parameters {
                let name = format!("{}.{}", kind.name, parameter.name);
                assert!(!parameter.text.is_empty(), "{name}");
                if let Range::Number { least, most, .. } = parameter.range {
                    assert!(least < most && most < 1e15, "{name}: {least} to {most}");
                    let no_unit =
                        ["offset", "copy", "bit", "write"].contains(&parameter.name.as_str());
                    assert_eq!(parameter.unit.is_empty(), no_unit, "{name} has no unit");
                }
            }
        }
        let mut names: Vec<&str> = described().iter().map(|it| it.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), described().len(), "one name for two faults");
    }

    #[test]
    fn ranges_are_read_from_the_type() {
        let occlude = described().iter().find(|it| it.name == "occlude");
        let occlude = occlude.expect("it is there");
        assert_eq!(occlude.parameters[1].range.to_string(), "2 to 1e12");
        assert_eq!(occlude.parameters[1].unit, "times");
        assert_eq!(occlude.parameters[0].range.to_string(), "0 to 86400");
        assert_eq!(occlude.parameters[0].default, Some(0.into()));
    }
}
