//! The table of risks: how bad a hazard is before and after, and how often.

use serde::Serialize;

use super::arms::ArmName;
use super::line::{Graded, Line};

/// One hazard, or pair, over all points and profiles.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Risk {
    /// The hazard's number, or the pair's name.
    pub name: String,
    /// Arm by arm, in the order of [`ArmName::ALL`]; none where it was not flown or no fault had an effect.
    pub arms: [Option<Graded>; ArmName::ALL.len()],
}

/// One row for each name, in the order of the lines.
#[must_use]
pub fn risks(lines: &[Line]) -> Vec<Risk> {
    let mut names: Vec<&str> = Vec::new();
    for line in lines {
        if !names.contains(&line.name.as_str()) {
            names.push(&line.name);
        }
    }
    let one = |name: &str| Risk {
        name: name.to_owned(),
        arms: ArmName::ALL.map(|arm| {
            let of = lines.iter().filter(|line| line.name == name);
            of.filter_map(|line| line.graded(arm)).reduce(Graded::and)
        }),
    };
    names.into_iter().map(one).collect()
}
