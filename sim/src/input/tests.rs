//! Whole documents: what is refused, where, and in which words.

mod complaints;
mod overrides;
mod sources;
mod ugly;

use serde::Deserialize;

use super::diagnostic::code::*;
use super::*;

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Story {
    title: String,
    seed: u64,
    #[serde(default)]
    cohort: Option<Cohort>,
    #[serde(default)]
    faults: Vec<Fault>,
    #[serde(default)]
    sources: toml::Table,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Cohort {
    size: u8,
    dose_ug_per_day: f64,
    profile: Profile,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "kebab-case")]
enum Profile {
    PumpOnly,
    LineSensor,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Fault {
    id: String,
    from_min: u32,
    what: What,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
enum What {
    Occlude { resistance_times: u32 },
    Leak(Leak),
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Leak {
    patency_permille: u16,
}

const GOOD: &str = r#"title = "A kink"
seed = 7

[cohort]
size = 5
dose_ug_per_day = 400
profile = "pump-only"

[[faults]]
id = "kink"
from_min = 1_800
what.occlude.resistance_times = 10

[[faults]]
id = "drip"
from_min = 5

[faults.what.leak]
patency_permille = 500
"#;

fn read(text: &str) -> Result<Story, Vec<Diagnostic>> {
    Document::from_text("s.toml", text).decode()
}

/// Decodes and gives code, line and column of each complaint.
fn complaints(text: &str) -> Vec<(&'static str, usize, usize)> {
    let found = read(text).unwrap_err();
    for diagnostic in &found {
        assert!(!diagnostic.render(false).is_empty());
    }
    found
        .iter()
        .map(|d| (d.code, d.position.unwrap().line, d.position.unwrap().column))
        .collect()
}

/// The only complaint, on one line.
fn complaint(text: &str) -> String {
    let found = read(text).unwrap_err();
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].to_string()
}

fn with(from: &str, to: &str) -> String {
    assert_eq!(GOOD.matches(from).count(), 1, "{from}");
    GOOD.replace(from, to)
}

fn overridden(assignments: &[&str]) -> Result<Story, Vec<Diagnostic>> {
    let mut document = Document::from_text("s.toml", GOOD);
    for assignment in assignments {
        document
            .set(assignment)
            .map_err(|diagnostic| vec![diagnostic])?;
    }
    document.decode()
}

#[test]
fn a_good_file_is_good() {
    let story = read(GOOD).unwrap();
    assert_eq!(story.cohort.as_ref().unwrap().dose_ug_per_day, 400.0);
    assert_eq!(
        story.faults[1].what,
        What::Leak(Leak {
            patency_permille: 500
        })
    );
    assert_eq!(read(&GOOD.replace('\n', "\r\n")).unwrap(), story);
    assert_eq!(read(&format!("\u{feff}{GOOD}")).unwrap(), story);
}
