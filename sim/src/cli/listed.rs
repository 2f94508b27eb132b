//! `weanbench list requirements`: a paragraph each, because formulas do not fit into columns.

use serde_json::{Value, json};

use super::console::{Trouble, faint, heading, out, out_json};
use super::figures;
use super::table::terminal_width;
use crate::NOTICE;
use crate::requirement::{HoldsUnder, Means, Parameter, Requirement, Requirements};
use crate::verdict::Exit;

/// Before the text of a requirement, and before what judges it.
const INDENT: [&str; 2] = ["    ", "      "];
/// What is to be said below all.
const BELOW: &str = "Each head says the oracle and the unit of the margin; a formula without one has 1 for yes and -1 for no.\n\
    Numbers that formulas name, with their sources, and all else are in the document of --json.";

/// Prints them.
pub(super) fn tell(requirements: &Requirements, as_json: bool) -> Result<Exit, Trouble> {
    if as_json {
        out_json(&document(requirements))?;
    } else {
        let width = usize::from(terminal_width());
        let each = requirements.all().iter().map(|it| drawn(it, width));
        let mut parts: Vec<String> = each.collect();
        parts.push(faint(BELOW));
        out(&parts.join("\n\n"))?;
    }
    Ok(Exit::Good)
}

/// What judges it, in words.
fn judged_by(requirement: &Requirement) -> String {
    match &requirement.means {
        Means::Formula(formula) => formula.text().to_owned(),
        Means::Pair(pair) => format!("pair: {}", json!(pair).as_str().unwrap_or_default()),
        Means::Exception(why) => format!("exception: {why}"),
        Means::Gap(missing, _) => format!("gap: {missing}"),
    }
}

fn drawn(requirement: &Requirement, width: usize) -> String {
    let oracle = json!(requirement.oracle);
    let mut head = vec![
        heading(&requirement.id),
        oracle.as_str().unwrap_or_default().to_owned(),
    ];
    let unit = requirement.unit();
    head.extend((!unit.is_empty()).then(|| figures::unit(unit)));
    head.extend(match requirement.holds_under {
        HoldsUnder::Any => None,
        HoldsUnder::NoFault => Some("without faults".to_owned()),
        HoldsUnder::SingleFault => Some("with a single fault".to_owned()),
    });
    head.extend(requirement.is_own.then(|| "your own".to_owned()));
    let mut lines = vec![head.join("  ")];
    lines.extend(wrapped(&requirement.text, INDENT[0], width));
    let says = wrapped(&judged_by(requirement), INDENT[1], width);
    lines.extend(says.into_iter().map(faint));
    lines.join("\n")
}

/// The words in lines of at most so many characters.
fn wrapped(text: &str, indent: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) | None => lines.push(format!("{indent}{word}")),
        }
    }
    lines
}

fn document(requirements: &Requirements) -> Value {
    let row = |requirement: &Requirement| {
        json!({
            "id": requirement.id,
            "oracle": requirement.oracle,
            "holds_under": requirement.holds_under,
            "unit": figures::unit(requirement.unit()),
            "text": requirement.text,
            "kind": requirement.kind(),
            "judged_by": judged_by(requirement),
            "hazards": requirement.hazards,
            "source": requirement.source,
            "own": requirement.is_own,
        })
    };
    let parameter = |parameter: &Parameter| {
        json!({
            "name": parameter.name,
            "value": parameter.value,
            "unit": parameter.unit,
            "source": parameter.source,
        })
    };
    let rows = requirements.all().iter().map(row);
    let parameters = requirements.parameters().iter().map(parameter);
    json!({
        "requirements": rows.collect::<Value>(),
        "parameters": parameters.collect::<Value>(),
        "notice": NOTICE,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_no_longer_than_they_may_be() {
        let lines = wrapped("the plan falls  below half", "  ", 12);
        assert_eq!(lines, ["  the plan", "  falls", "  below half"]);
        for requirement in Requirements::shipped().all() {
            let drawn = anstream::adapter::strip_str(&drawn(requirement, 100)).to_string();
            let longest = drawn.lines().map(|line| line.chars().count()).max();
            assert!(longest <= Some(100), "{drawn}");
        }
    }
}
