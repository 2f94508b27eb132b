//! Whether a run ended as it should: as its scenario expects, or else in an acceptable way.

use super::cohort::Run;
use crate::config::Library;
use crate::judge::Judged;
use crate::requirement::{Requirement, Requirements};
use crate::scenario::Expect;

/// In what a run is otherwise than it should be, if it is.
///
/// A verdict tells of one thing alone, and harm or a fault without effect comes before a violated requirement. So one that
/// is violated is always told: unless the scenario names it, or asks for no verdict; and the user's own in any case.
pub(super) fn complaint(library: &Library, run: &Run) -> Option<String> {
    let judged = match &run.judged {
        Ok(judged) => judged,
        Err(stalled) => return Some(stalled.to_string()),
    };
    let requirements = &library.requirements;
    let controlled = !judged.findings.is_empty();
    let Some(expect) = library.scenario.expect.as_ref().filter(|_| controlled) else {
        return (!judged.verdict.acceptable()).then(|| reason(requirements, judged));
    };
    let unexpected = |it: &Requirement| {
        it.is_own || (expect.verdict.is_some() && !expect.violates.contains(&it.id))
    };
    otherwise(requirements, expect, judged).or_else(|| breached(requirements, judged, unexpected))
}

fn otherwise(requirements: &Requirements, expect: &Expect, judged: &Judged) -> Option<String> {
    let (verdict, reason) = (judged.verdict_as_shipped, reason(requirements, judged));
    if let Some(expected) = expect.verdict.filter(|expected| *expected != verdict) {
        let detail = if reason == verdict.name() {
            String::new()
        } else {
            format!(": {reason}")
        };
        return Some(format!("expected {expected}, got {verdict}{detail}"));
    }
    let mut named = expect.holds.iter().chain(&expect.violates);
    if let Some(unknown) = named.find(|id| requirements.get(id).is_none()) {
        return Some(format!("there is no requirement {unknown}"));
    }
    let must_hold = |it: &Requirement| expect.holds.contains(&it.id);
    if let Some(breached) = breached(requirements, judged, must_hold) {
        return Some(breached);
    }
    let kept = |id: &&String| breached(requirements, judged, |it| it.id == **id).is_none();
    if let Some(kept) = expect.violates.iter().find(kept) {
        return Some(format!("{kept} was expected to be violated and is not"));
    }
    let stood = |name: &String| judged.alarms.iter().any(|alarm| alarm.id() == name);
    if let Some(missing) = expect.alarms.iter().find(|name| !stood(name)) {
        return Some(format!("{missing} was expected and never stood"));
    }
    if let Some(unwanted) = expect.no_alarms.iter().find(|name| stood(name)) {
        return Some(format!("{unwanted} stood and should not have"));
    }
    let completed = judged.outcome.completed_h.is_some();
    let as_expected = expect
        .completes
        .is_none_or(|completes| completes == completed);
    (!as_expected).then(|| {
        let word = if completed { "is" } else { "is not" };
        format!("the wean {word} complete at the end, and the scenario expects otherwise")
    })
}

/// What a verdict rests on.
fn reason(requirements: &Requirements, judged: &Judged) -> String {
    if let Some(breached) = breached(requirements, judged, |_| true) {
        return breached;
    }
    if !judged.idle_faults.is_empty() {
        return format!("without effect: {}", judged.idle_faults.join(", "));
    }
    judged.verdict.to_string()
}

/// The violated requirements of a kind, if there are any.
fn breached(
    requirements: &Requirements,
    judged: &Judged,
    is_meant: impl Fn(&Requirement) -> bool,
) -> Option<String> {
    let breached: Vec<String> = requirements
        .judged()
        .zip(&judged.findings)
        .filter(|(requirement, finding)| finding.violated() && is_meant(requirement))
        .map(|(requirement, finding)| {
            let margin = finding.margin.unwrap_or_default();
            let at = finding.worst_at_h.unwrap_or_default();
            match requirement.unit_of(finding) {
                "" => format!("{} at {at:.2} h", requirement.id),
                unit => format!("{} by {} {unit} at {at:.2} h", requirement.id, -margin),
            }
        })
        .collect();
    (!breached.is_empty()).then(|| format!("violated {}", breached.join(", ")))
}
