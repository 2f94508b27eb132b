//! `sim/docs/faults.md`: every kind of fault, from what the type and the tables say of it.

use std::fmt::Write;

use super::{FaultEntry, faults};
use crate::scenario::{Acts, Parameter};

const HEAD: &str = "# What can go wrong

Made from the code by `WEANBENCH_BLESS=1 cargo test -p weanbench faults_page`; do not edit. `weanbench list
faults` prints the same. How a fault is written into a scenario: [scenarios.md](scenarios.md).

A fault acts from `from_min` until `until_min`, or to the end. A fault of which the effect under *shows* is
never seen makes the run `vacuous`: it proves nothing. Instruments (flow, pressure, air, connector, drained_csf)
are fitted on P2 alone; a fault of one that is not fitted is refused when the file is read.

Engineering simulation only; never for clinical use.
";

/// The page.
#[must_use]
pub fn page() -> String {
    let mut page = HEAD.to_owned();
    for acts in Acts::ALL {
        let _ = write!(page, "\n## {}\n", heading(acts));
        for entry in faults().iter().filter(|entry| entry.known.acts == acts) {
            write_entry(&mut page, entry);
        }
    }
    page
}

const fn heading(acts: Acts) -> &'static str {
    match acts {
        Acts::Pump => "The pump",
        Acts::Line => "Reservoir, line and catheter",
        Acts::Sensor => "Measurements",
        Acts::Wire => "The link",
        Acts::Clock => "Clocks",
        Acts::Platform => "What the controller runs on",
        Acts::People => "People",
        Acts::Defect => "The controller's own word",
        Acts::BuiltIn => "There from the start",
    }
}

fn write_entry(page: &mut String, entry: &FaultEntry) {
    let known = entry.known;
    let hazards: Vec<&str> = entry.hazards().collect();
    let _ = write!(
        page,
        "\n### {}\n\n{}\n\nShows: {}. For {}.\n",
        known.name,
        known.text,
        known.shows,
        hazards.join(", ")
    );
    if !known.parameters.is_empty() {
        page.push_str("\n| parameter | unit | range | left out | |\n|---|---|---|---|---|\n");
    }
    for parameter in &known.parameters {
        let _ = writeln!(
            page,
            "| `{}` | {} | {} | {} | {} |",
            parameter.name,
            parameter.unit,
            parameter.range,
            left_out(parameter),
            parameter.text
        );
    }
    let _ = write!(page, "\n```toml\nwhat = {}\n```\n", entry.written);
}

fn left_out(parameter: &Parameter) -> String {
    match &parameter.default {
        None => "not possible".to_owned(),
        Some(serde_json::Value::Null) => "as below".to_owned(),
        Some(value) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_page_is_up_to_date() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/faults.md");
        if std::env::var_os("WEANBENCH_BLESS").is_some() {
            std::fs::write(&path, page()).expect("a writable tree");
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(page(), kept, "see the head of the page");
    }
}
