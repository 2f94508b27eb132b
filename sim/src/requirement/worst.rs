//! What stood at the moment of a requirement's worst margin: the case is run again and looked at there.

use super::monitors::moment;
use super::{Finding, Requirement, Requirements};
use crate::bench::{Observer, Stalled};
use crate::case::Case;
use crate::formula::Term;
use crate::history::History;
use crate::record::Record;
use crate::recording::observed;
use temporal_logic::{Time, Value};

/// The signals of a formula at one moment: name and value, with its unit.
pub type WorstMoment = Vec<(String, String)>;

/// The signals that a requirement reads, at the moment of its worst margin.
///
/// # Errors
/// [`Stalled`], from the controller.
pub fn worst_moment(
    case: &Case<'_>,
    requirements: &Requirements,
    requirement: &Requirement,
    finding: &Finding,
) -> Result<WorstMoment, Stalled> {
    let (Some(formula), Some(at_h)) = (requirement.formula(), finding.worst_at_h) else {
        return Ok(Vec::new());
    };
    let terms = formula.signals().into_iter();
    let mut looking = Looking {
        history: History::new(case.limits()),
        until: Time::from_millis(libm::round(at_h * 3.6e6) as i64),
        seen: terms
            .map(|signal| (requirements.vocabulary().term(signal), None))
            .collect(),
        at: None,
    };
    observed(case, &mut looking)?;
    let told = looking.seen.into_iter();
    Ok(told
        .filter_map(|(term, value)| Some((term.name(), term.shown(value?))))
        .collect())
}

struct Looking {
    history: History,
    until: Time,
    seen: Vec<(Term, Option<Value>)>,
    at: Option<Time>,
}

impl Observer for Looking {
    fn observe(&mut self, record: &Record<'_>) {
        let at = moment(record.at, self.at);
        self.at = Some(at);
        if record.decision.is_none() || at > self.until {
            return;
        }
        self.history.learn(record);
        for (term, value) in &mut self.seen {
            *value = term.read(record, &self.history).or(*value);
        }
    }
}
