//! Numbers, their key paths, and where they come from.

use std::collections::BTreeSet;

use super::*;

#[test]
fn numbers_have_key_paths() {
    let document = Document::from_text("s.toml", GOOD);
    let numbers = document.numbers();
    let paths: Vec<(&str, &str)> = numbers.iter().map(|n| (&*n.path, &*n.written)).collect();
    let wanted = [
        ("cohort.dose_ug_per_day", "400"),
        ("cohort.size", "5"),
        ("faults.0.from_min", "1800"),
        ("faults.0.what.occlude.resistance_times", "10"),
        ("faults.1.from_min", "5"),
        ("faults.1.what.leak.patency_permille", "500"),
        ("seed", "7"),
    ];
    assert_eq!(paths, wanted);
}

fn sources(table: &str) -> Vec<String> {
    let known = BTreeSet::from(["hwang-2019".to_owned(), "dvorak-2010".to_owned()]);
    let document = Document::from_text("s.toml", format!("{GOOD}\n[sources]\n{table}"));
    let found = document.check_sources(&known, &["seed"]);
    found.iter().map(ToString::to_string).collect()
}

#[test]
fn sourced_numbers_are_good() {
    let tie = "cohort = 'assumption'\n\"faults.1.from_min\" = 'assumption'\n\"faults.from_min\" = 'assumption'\n\"faults.0\" = 'assumption'\n\"faults.what\" = 'assumption'";
    assert_eq!(sources(tie), [""; 0]);
    let quoted = "cohort = \"hwang-2019\"\n\"faults.0\" = 'assumption'\n\"faults.1.what\" = 'dvorak-2010'\n\"faults.from_min\" = 'assumption: nobody knows'\n";
    assert_eq!(sources(quoted), [""; 0]);
    assert_eq!(
        sources(
            "cohort.size = 'hwang-2019'\ncohort.dose_ug_per_day = 'assumption'\nfaults = 'assumption'\nseed = 'assumption'"
        ),
        [""; 0]
    );
}

#[test]
fn unsourced_numbers_and_bad_sources_are_refused() {
    let good = "faults = 'assumption'\n";
    let cases = [
        (
            format!("{good}\"cohort.size\" = 'hwang-2019'"),
            "s.toml:6:19: the number `cohort.dose_ug_per_day` has no source (add `\"cohort.dose_ug_per_day\" = \"…\"` to [sources])",
        ),
        (
            format!("{good}cohort = 'hwang-2018'"),
            "s.toml:23:10: unknown source `hwang-2018` (did you mean `hwang-2019`?)",
        ),
        (
            format!("{good}cohort = 'assumption:'"),
            "s.toml:23:10: unknown source `assumption:` (did you mean `assumption`?)",
        ),
        (
            format!("{good}cohort = 'assumption'\nwean = 'hwang-2019'"),
            "s.toml:24:8: the source of `wean` stands for no number",
        ),
        (
            format!("{good}cohort = 'assumption'\n\"faults.7\" = 'hwang-2019'"),
            "s.toml:24:14: the source of `faults.7` stands for no number",
        ),
        (
            format!("{good}cohort = 'assumption'\n\"cohort.profile\" = 'hwang-2019'"),
            "s.toml:24:20: the source of `cohort.profile` stands for no number",
        ),
        (
            format!("{good}cohort = 'assumption'\nx = 5"),
            "s.toml:24:5: `x` is no source (write `\"key.path\" = \"slug\"` with a slug of the list of sources)",
        ),
        (
            format!("{good}cohort = 'assumption'\nx = ['hwang-2019']"),
            "s.toml:24:5: `x` is no source (write `\"key.path\" = \"slug\"` with a slug of the list of sources)",
        ),
        (
            format!("{good}cohort = 'assumption'\n\"\" = 'hwang-2019'"),
            "s.toml:24:6: `\"\"` is no source (write `\"key.path\" = \"slug\"` with a slug of the list of sources)",
        ),
        (
            String::new(),
            "s.toml:5:8: 6 numbers have no source; this is the first (add a table `[sources]` that says where each comes from)",
        ),
    ];
    for (table, wanted) in cases {
        assert_eq!(sources(&table), [wanted], "{table}");
    }
}

#[test]
fn a_number_given_by_an_override_needs_no_source() {
    let mut document = Document::from_text("s.toml", "title = 'a'\nseed = 1");
    document.set("cohort.size=5").unwrap();
    assert!(
        document
            .check_sources(&BTreeSet::new(), &["seed"])
            .is_empty()
    );
}
