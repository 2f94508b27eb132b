//! Every shipped story ends as it says, and together they arm every requirement.

use std::collections::BTreeMap;

use weanbench::requirement::Requirements;
use weanbench::shipped::{self, Kind};

use crate::support::{assert_as_expected, read, root, run, stem, toml_files};

/// The paper's cohort, small: its figures are judged in `paper`.
const SMALL: &[&str] = &["cohort.size=3"];

fn overrides(name: &str) -> &'static [&'static str] {
    if name == "hwang-2019" { SMALL } else { &[] }
}

#[test]
fn every_story_ends_as_it_says_and_arms_are_full() {
    let mut armed: BTreeMap<String, u64> = BTreeMap::new();
    for path in toml_files("configs/scenarios") {
        let library = read(&path, overrides(&stem(&path)));
        let runs = run(&library);
        assert_as_expected(&path, &library, &runs);
        for judged in runs.iter().filter_map(|run| run.judged.as_ref().ok()) {
            for (requirement, finding) in library.requirements.judged().zip(&judged.findings) {
                let breached = library.scenario.faults.is_empty() && finding.violated();
                assert!(
                    !breached,
                    "{}: {} {finding:?}",
                    path.display(),
                    requirement.id
                );
                *armed.entry(requirement.id.clone()).or_default() += finding.armed;
            }
        }
    }
    let requirements = Requirements::shipped();
    let never = |id: &str| armed.get(id).is_none_or(|times| *times == 0);
    let vacuous: Vec<&str> = requirements
        .judged()
        .map(|requirement| requirement.id.as_str())
        .filter(|id| never(id))
        .collect();
    assert!(
        vacuous.is_empty(),
        "no story gives these anything to judge: {}",
        vacuous.join(", ")
    );
}

#[test]
fn every_story_ships_and_expects_something() {
    let mut on_disk: Vec<String> = toml_files("configs/scenarios")
        .iter()
        .map(|it| stem(it))
        .collect();
    on_disk.sort_unstable();
    let mut shipped: Vec<&str> = shipped::names(Kind::Scenario).collect();
    shipped.sort_unstable();
    assert_eq!(on_disk, shipped);
    for path in toml_files("configs/scenarios")
        .iter()
        .filter(|path| stem(path) != "hwang-2019")
    {
        let library = read(path, &[]);
        assert!(
            library.scenario.expect.is_some(),
            "{} expects nothing",
            path.display()
        );
    }
}

#[test]
fn drug_is_conserved_in_every_record_of_every_story() {
    use weanbench::bench::{Bench, Observer};
    use weanbench::case::Case;
    use weanbench::record::Record;

    struct Balance(f64);
    impl Observer for Balance {
        fn observe(&mut self, record: &Record<'_>) {
            if let Some(truth) = record.truth {
                self.0 = self.0.max(truth.balance_error_ug().abs());
            }
        }
    }
    for path in toml_files("configs/scenarios") {
        let library = read(&path, overrides(&stem(&path)));
        let patient = weanbench::study::cohort::patients(&library)[0];
        let case = Case::new(&library, &library.scenario.arms[0], patient).expect("checked");
        let mut balance = Balance(0.0);
        Bench::new(&case, dose_controller::Controller::new)
            .run(&mut balance)
            .expect("no stall");
        assert!(balance.0 <= 1e-6, "{}: {} µg", path.display(), balance.0);
    }
}

#[test]
fn the_shortest_scenario_is_twenty_lines() {
    let text = std::fs::read_to_string(root().join("configs/scenarios/first.toml")).expect("first");
    assert!(text.lines().count() <= 20, "{} lines", text.lines().count());
}
