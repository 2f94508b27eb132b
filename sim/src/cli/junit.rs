//! A campaign as a JUnit report: one suite for each controller, one test for each requirement.
//!
//! No time is in it: the same runs make the same report.

use quick_junit::{NonSuccessKind, Report, SerializeError, TestCase, TestCaseStatus, TestSuite};

use super::campaign_page::Told;
use crate::study::campaign::{Find, Held};

/// The report.
///
/// # Errors
/// What the writer says.
pub(super) fn report(told: &Told<'_>) -> Result<String, SerializeError> {
    let mut report = Report::new(told.name.as_str());
    for controller in &told.campaign.file.controllers {
        let mut suite = TestSuite::new(controller.as_str());
        let mine = || {
            let all = told.finds.find.iter();
            all.filter(|find| find.controller == *controller && find.state.is_met())
        };
        for held in &told.flown.tally.requirements {
            let found: Vec<&Find> = mine().filter(|find| find.what == held.id).collect();
            suite.add_test_case(test(told, &held.id, status(held, &found)));
        }
        let judged = &told.flown.tally.requirements;
        let is_requirement = |what: &str| judged.iter().any(|held| held.id == what);
        let mut verdicts: Vec<&str> = mine().map(|find| find.what.as_str()).collect();
        verdicts.retain(|what| !is_requirement(what));
        verdicts.dedup();
        for verdict in verdicts {
            let found: Vec<&Find> = mine().filter(|find| find.what == verdict).collect();
            suite.add_test_case(test(told, verdict, failure(&found)));
        }
        report.add_test_suite(suite);
    }
    report.to_string()
}

fn test(told: &Told<'_>, name: &str, status: TestCaseStatus) -> TestCase {
    let mut test = TestCase::new(name, status);
    test.set_classname(told.name.as_str());
    test
}

/// What was never armed has passed nothing.
fn status(held: &Held, found: &[&Find]) -> TestCaseStatus {
    if !found.is_empty() {
        failure(found)
    } else if held.armed == 0 {
        let mut status = TestCaseStatus::skipped();
        status.set_message("it never had anything to judge");
        status
    } else {
        TestCaseStatus::success()
    }
}

fn failure(found: &[&Find]) -> TestCaseStatus {
    let runs: u64 = found.iter().map(|find| find.runs).sum();
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_message(format!("in {runs} runs"));
    let lines = found.iter().map(|find| {
        let faults = find.faults.join(" + ");
        let margin = find.margin.map(|it| format!(" by {it} {}", find.unit));
        format!(
            "{}: {faults}{}, {} runs, case {}\n{}",
            find.state.name(),
            margin.unwrap_or_default(),
            find.runs,
            find.case,
            find.replay
        )
    });
    status.set_description(lines.collect::<Vec<String>>().join("\n"));
    status
}
