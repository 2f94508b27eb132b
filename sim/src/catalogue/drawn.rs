//! Faults at random, within the ranges that the type says: for whoever searches.

use serde_json::{Map, Value, json};

use super::FaultEntry;
use crate::scenario::{FaultKind, Parameter, Range};

/// What no measurement should be, and what is easily taken for one.
const ODD: [&str; 3] = ["nan", "inf", "-inf"];

impl FaultEntry {
    /// One of its kind. `uniform` gives numbers from 0 to 1, one or two for each parameter.
    ///
    /// # Panics
    /// Never: what is within its ranges can be read.
    pub fn drawn(&self, mut uniform: impl FnMut() -> f64) -> FaultKind {
        let drawn = self.with(|parameter| drawn(&parameter.range, &mut uniform));
        drawn.expect("it is within its ranges")
    }

    /// One of its kind, each parameter as `of` says.
    ///
    /// # Errors
    /// A value of another type than the parameter's.
    pub fn with(
        &self,
        mut of: impl FnMut(&Parameter) -> Value,
    ) -> Result<FaultKind, serde_json::Error> {
        let mut body = Map::new();
        for parameter in &self.known.parameters {
            body.insert(parameter.name.clone(), of(parameter));
        }
        // A kind whose parameters may all be left out is still a table in a file.
        let whole = if body.is_empty() {
            json!(self.name())
        } else {
            json!({ self.name(): body })
        };
        serde_json::from_value(whole)
    }
}

/// A value from a range.
pub fn drawn(range: &Range, uniform: &mut impl FnMut() -> f64) -> Value {
    match range {
        Range::Number { least, most, whole } => {
            let drawn = between(*least, *most, uniform());
            if *whole {
                json!(libm::round(drawn) as i64)
            } else {
                json!(drawn)
            }
        }
        Range::Raw => match pick(&[0, 1, 2, 3, 4, 5], uniform()) {
            0 => json!(pick(&ODD, uniform())),
            1 => json!(-1.0),
            2 => json!(1e30),
            3 => json!(0.0),
            4 => json!(between(-9.0, 9.0, uniform())),
            _ => json!(between(0.1, 1e5, uniform())),
        },
        Range::Words(words) => json!(pick(words, uniform())),
        Range::YesNo => json!(uniform() < 0.5),
    }
}

/// Over some orders of magnitude all of them are as likely.
#[must_use]
pub fn between(least: f64, most: f64, share: f64) -> f64 {
    let drawn = if least > 0.0 && most / least > 100.0 {
        least * libm::pow(most / least, share)
    } else {
        least + (most - least) * share
    };
    drawn.clamp(least, most)
}

/// From one to the other, every order of magnitude as likely.
#[must_use]
pub fn wide((least, most): (f64, f64), share: f64) -> f64 {
    least * libm::pow(most / least, share)
}

/// A number with three digits, so that people can read it.
#[must_use]
pub fn short(number: f64) -> f64 {
    format!("{number:.2e}").parse().unwrap_or(number)
}

fn pick<T: Clone>(from: &[T], share: f64) -> T {
    let place = (share * from.len() as f64) as usize;
    from[place.min(from.len() - 1)].clone()
}

#[cfg(test)]
mod tests {
    use super::super::faults;
    use super::*;
    use crate::scenario::description;

    #[test]
    fn whatever_is_drawn_is_of_its_kind_and_within_its_ranges() {
        for entry in faults() {
            for share in [0.0, 0.1, 0.35, 0.5, 0.77, 1.0] {
                let mut turn: f64 = share;
                let what = entry.drawn(|| {
                    turn = (turn * 7.0 + share).fract();
                    turn
                });
                let (known, given) = description(&what);
                assert_eq!(known.name, entry.name());
                for parameter in &known.parameters {
                    if let Range::Number { least, most, .. } = parameter.range
                        && let Some(value) = given.get(&parameter.name).and_then(Value::as_f64)
                    {
                        assert!((least..=most).contains(&value), "{what:?}");
                    }
                }
            }
        }
    }
}
