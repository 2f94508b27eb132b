//! The faults of a drawn case: which kinds, with which numbers, when and for how long.
//!
//! Each draw has an address of its own, (seed, case) and then the slot, the kind and the parameter. So a case is
//! what it is whichever cases are flown, and by whom; and a kind that is taken out moves nothing but the slots that
//! it held. A slot is won by the kind that comes first in a race in which heavy kinds are faster: the winner
//! of any of them is never changed by a loser that stays at home.

use serde_json::{Value, json};

use super::file::{Base, Draws};
use super::hands;
use crate::catalogue::{FaultEntry, between, drawn, faults, short};
use crate::config::Refused;
use crate::draw::{Draws as Addressed, Numbers, Purpose};
use crate::input::{Document, code, suggest};
use crate::scenario::{Acts, Fault, Range, Scripted};
use crate::study::complaints::{Complaints, of_faults};

/// Numbers that are tried for a fault before another kind is taken: some change nothing, or are refused.
const ATTEMPTS: u64 = 8;
/// How uneven the weights of kinds are: the standard deviation of their logarithm.
const UNEVEN: f64 = 1.5;

/// Draws the faults of cases.
#[derive(Clone, Debug)]
pub(super) struct Drawer {
    seed: u64,
    asked: Draws,
    kinds: Vec<Kind>,
}

/// A kind of fault that may be drawn.
#[derive(Clone, Debug)]
struct Kind {
    entry: &'static FaultEntry,
    /// The range of each parameter, in the order in which they are declared.
    ranges: Vec<Range>,
}

impl Drawer {
    /// Every kind that is asked for, with its ranges.
    pub(super) fn new(document: &Document, seed: u64, asked: &Draws) -> Result<Self, Refused> {
        let mut complaints = Complaints::new(document);
        let known: Vec<&str> = faults().iter().map(FaultEntry::name).collect();
        for (key, names) in [("kinds", &asked.kinds), ("without", &asked.without)] {
            for (index, name) in names.iter().enumerate() {
                if !known.contains(&name.as_str()) {
                    let message = format!("there is no fault `{name}`");
                    let key = format!("draws.{key}.{index}");
                    let help = suggest(name, &known);
                    complaints.refuse(&key, code::UNKNOWN_VARIANT, message, help);
                }
            }
        }
        let is_asked = |entry: &&FaultEntry| {
            let named = |names: &[String]| names.iter().any(|name| name == entry.name());
            let usual = asked.kinds.is_empty() && entry.known.acts != Acts::Defect;
            (usual || named(&asked.kinds)) && !named(&asked.without)
        };
        let mut kinds: Vec<Kind> = faults()
            .iter()
            .filter(is_asked)
            .map(|entry| Kind {
                entry,
                ranges: entry
                    .known
                    .parameters
                    .iter()
                    .map(|parameter| parameter.range.clone())
                    .collect(),
            })
            .collect();
        for (name, values) in &asked.ranges {
            if let Err((code, message, help)) = narrow(&mut kinds, name, values) {
                let key = format!("draws.ranges.\"{name}\"");
                complaints.refuse(&key, code, message, help);
            }
        }
        if kinds.is_empty() && asked.budget > 0 {
            let help = Some("name some, or leave `kinds` out".to_owned());
            let message = "no kind of fault is left to draw".to_owned();
            complaints.refuse("draws", code::WRONG_LENGTH, message, help);
        }
        complaints.done()?;
        Ok(Self {
            seed,
            asked: asked.clone(),
            kinds,
        })
    }

    /// The faults of case number `case` for a patient of a base.
    pub(super) fn faults(&self, case: u64, base: &Base, patient: u64) -> Vec<Fault> {
        let draws = Addressed::new(self.seed, case);
        let at = |name: &str| draws.at(Purpose::Campaign, name, 0);
        let budget = u64::from(self.asked.budget);
        let slots = at("count").within(budget.min(1), budget);
        let weights: Vec<(bool, f64)> = self
            .kinds
            .iter()
            .map(|kind| {
                let mut numbers = at(&format!("kind {}", kind.entry.name()));
                let is_on = numbers.happens(self.asked.on_permille);
                (is_on, libm::exp(UNEVEN * numbers.normal()))
            })
            .collect();
        let mut library = base.library.clone();
        let document = Document::from_text("", "");
        for slot in 1..=slots {
            let found = self.race(&draws, slot, &weights).find_map(|kind| {
                (0..ATTEMPTS).find_map(|attempt| {
                    let fault = self.fault(&draws, (slot, attempt), kind)?;
                    library.scenario.faults.push(fault);
                    if of_faults(&document, &library, patient).is_empty() {
                        return Some(());
                    }
                    library.scenario.faults.pop();
                    None
                })
            });
            if found.is_none() {
                break;
            }
        }
        library.scenario.faults
    }

    /// The orders of case number `case`, beside its faults.
    pub(super) fn orders(&self, case: u64, of: (&Base, u64), faults: &[Fault]) -> Vec<Scripted> {
        hands::orders((self.seed, &self.asked), case, of, faults)
    }

    /// Kinds in the order in which they arrive; those that are switched off come last.
    fn race(
        &self,
        draws: &Addressed,
        slot: u64,
        weights: &[(bool, f64)],
    ) -> impl Iterator<Item = &Kind> {
        let mut runners: Vec<(bool, f64, &Kind)> = self
            .kinds
            .iter()
            .zip(weights)
            .map(|(kind, (is_on, weight))| {
                let name = format!("slot {}", kind.entry.name());
                let mut numbers = draws.at(Purpose::Campaign, &name, slot);
                (!is_on, -libm::log(numbers.uniform()) / weight, kind)
            })
            .collect();
        runners.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        runners.into_iter().map(|(.., kind)| kind)
    }

    /// A fault of a kind; none where its numbers cannot be read, which no declared range allows.
    fn fault(&self, draws: &Addressed, (slot, attempt): (u64, u64), kind: &Kind) -> Option<Fault> {
        let id = format!("{}-{slot}", kind.entry.name());
        let mut ranges = kind.ranges.iter();
        let what = kind.entry.with(|parameter| {
            let range = ranges.next().unwrap_or(&parameter.range);
            let name = format!("{id} {}", parameter.name);
            let mut numbers = draws.at(Purpose::Campaign, &name, attempt);
            rounded(range, drawn(range, &mut || numbers.uniform()))
        });
        let what = what.ok()?;
        let mut times = draws.at(Purpose::Campaign, &format!("{id} times"), attempt);
        let (from_min, lasts_min) = self.times(&mut times);
        let from_min = if what.only_at_start() { 0 } else { from_min };
        let lasts_min = lasts_min.filter(|_| !what.is_built_in());
        Some(Fault {
            id,
            from_min,
            until_min: lasts_min.map(|lasts| from_min.saturating_add(lasts)),
            what,
        })
    }

    /// When a fault begins, and how long it lasts unless it stays, minutes.
    fn times(&self, numbers: &mut Numbers) -> (u32, Option<u32>) {
        let asked = &self.asked;
        let [earliest, latest] = asked.from_min.map(u64::from);
        let from_min = numbers.within(earliest, latest);
        let [least, most] = asked.lasts_min.map(f64::from);
        let lasts_min = libm::round(between(least, most, numbers.uniform()));
        let stays = numbers.happens(asked.stays_permille);
        let whole = |minutes: u64| u32::try_from(minutes).unwrap_or(u32::MAX);
        (whole(from_min), (!stays).then_some(lasts_min as u32))
    }
}

/// Puts a narrower range in the place of the declared one.
fn narrow(
    kinds: &mut [Kind],
    name: &str,
    values: &[toml::Value],
) -> Result<(), (&'static str, String, Option<String>)> {
    let names: Vec<String> = kinds
        .iter()
        .flat_map(|kind| {
            let parameters = kind.entry.known.parameters.iter();
            parameters.map(|it| format!("{}.{}", kind.entry.name(), it.name))
        })
        .collect();
    let place = kinds.iter().enumerate().find_map(|(at, kind)| {
        let rest = name.strip_prefix(kind.entry.name())?.strip_prefix('.')?;
        let mut parameters = kind.entry.known.parameters.iter();
        Some((at, parameters.position(|it| it.name == rest)?))
    });
    let Some((kind, parameter)) = place else {
        let message = format!("no fault that is drawn has a parameter `{name}`");
        return Err((code::UNKNOWN_KEY, message, suggest(name, &names)));
    };
    let range = &mut kinds[kind].ranges[parameter];
    let declared = format!("declared is {range}");
    let refused = |message: String| Err((code::OUT_OF_RANGE, message, Some(declared)));
    let number = |value: &toml::Value| value.as_float().or(value.as_integer().map(|it| it as f64));
    *range = match range {
        Range::Number { least, most, whole } => {
            let numbers: Vec<Option<f64>> = values.iter().map(number).collect();
            let &[Some(from), Some(to)] = numbers.as_slice() else {
                return refused(format!("`{name}` takes two numbers, least and most"));
            };
            if from > to || from < *least || to > *most {
                return refused(format!("{from} to {to} is no part of what `{name}` may be"));
            }
            Range::Number {
                least: from,
                most: to,
                whole: *whole,
            }
        }
        Range::Words(known) => {
            let words = values.iter().map(toml::Value::as_str);
            let words: Option<Vec<&str>> = words.collect();
            let words = words.unwrap_or_default();
            let fits = |word: &&str| known.iter().any(|it| it == word);
            if words.is_empty() || !words.iter().all(fits) {
                return refused(format!("`{name}` takes some of its words"));
            }
            Range::Words(words.into_iter().map(str::to_owned).collect())
        }
        Range::Raw | Range::YesNo => {
            return refused(format!("the range of `{name}` cannot be made narrower"));
        }
    };
    Ok(())
}

/// A number with three digits, so that people can read it, and within its range all the same.
pub(in crate::study) fn rounded(range: &Range, value: Value) -> Value {
    match (range, value.as_f64()) {
        (Range::Number { least, most, whole }, Some(number)) => {
            let short = short(number).clamp(*least, *most);
            if *whole {
                json!(libm::round(short) as i64)
            } else {
                json!(short)
            }
        }
        (Range::Raw, Some(number)) => json!(short(number)),
        (Range::Words(_) | Range::YesNo, _) | (_, None) => value,
    }
}
