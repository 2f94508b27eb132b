//! A number as a broken sensor or a slip of the finger would give it.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Any `f64` at all. In a file: a number, or one of the words `nan`, `inf` and `-inf` in quotes.
///
/// TOML can write those without quotes, but a file of ours never means them by accident: everywhere
/// else they are refused.
#[derive(Clone, Copy, Debug)]
pub struct RawNumber(pub f64);

/// Equal when the bits are, so that a scenario with a NaN equals itself.
impl PartialEq for RawNumber {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_bits() == other.0.to_bits()
    }
}

const WORDS: [(&str, f64); 3] = [
    ("nan", f64::NAN),
    ("inf", f64::INFINITY),
    ("-inf", f64::NEG_INFINITY),
];

impl<'de> Deserialize<'de> for RawNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Visitor)
    }
}

struct Visitor;

impl de::Visitor<'_> for Visitor {
    type Value = RawNumber;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a number, or \"nan\", \"inf\" or \"-inf\"")
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<RawNumber, E> {
        Ok(RawNumber(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<RawNumber, E> {
        Ok(RawNumber(value as f64))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<RawNumber, E> {
        Ok(RawNumber(value as f64))
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<RawNumber, E> {
        let known = WORDS.into_iter().find(|(known, _)| *known == word);
        known
            .map(|(_, value)| RawNumber(value))
            .ok_or_else(|| E::invalid_value(de::Unexpected::Str(word), &self))
    }
}

impl Serialize for RawNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let word = WORDS
            .into_iter()
            .find(|(_, value)| RawNumber(*value) == *self);
        match word {
            Some((word, _)) => serializer.serialize_str(word),
            None => serializer.serialize_f64(self.0),
        }
    }
}

impl JsonSchema for RawNumber {
    fn schema_name() -> Cow<'static, str> {
        "RawNumber".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [{ "type": "number" }, { "enum": ["nan", "inf", "-inf"] }] })
    }
}
