//! What sources and tests cite exists, and a test that cites a requirement asserts something.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use weanbench::requirement::Requirements;
use weanbench::tables;

use crate::support::root;

/// Rust files and configuration below a folder, but what is built.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).expect("a folder of the project");
    for path in entries.map(|entry| entry.expect("readable").path()) {
        let name = path
            .file_name()
            .and_then(|it| it.to_str())
            .unwrap_or_default();
        // What is broken on purpose is no text to be read.
        if path.is_dir() && !["target", "broken"].contains(&name) && !name.starts_with('.') {
            files(&path, found);
        } else if [".rs", ".toml", ".md"]
            .iter()
            .any(|end| name.ends_with(end))
        {
            found.push(path);
        }
    }
}

fn all_files() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for folder in ["crates", "sim", "tests", "configs"] {
        files(&root().join(folder), &mut found);
    }
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("text");
        (path, text)
    };
    found.into_iter().map(read).collect()
}

/// Every `XX-12` of a text, without the letter of a part.
fn cited<'t>(text: &'t str, prefix: &'static str) -> impl Iterator<Item = &'t str> {
    text.match_indices(prefix).filter_map(move |(at, _)| {
        let id = text.get(at..at + prefix.len() + 2)?;
        let digits = id[prefix.len()..].chars().all(|it| it.is_ascii_digit());
        let alone = !text[..at].ends_with(|it: char| it.is_ascii_alphanumeric());
        (digits && alone).then_some(id)
    })
}

#[test]
fn every_id_that_is_cited_exists() {
    let whole = |id: &String| {
        id.trim_end_matches(|it: char| it.is_ascii_lowercase())
            .to_owned()
    };
    let requirements = Requirements::shipped();
    let mut known: BTreeSet<String> = requirements.all().iter().map(|it| whole(&it.id)).collect();
    known.extend(tables::hazards().iter().map(|hazard| hazard.id.clone()));
    known.extend(tables::alarms().iter().map(|alarm| alarm.id.clone()));
    for (path, text) in all_files() {
        for prefix in ["SR-", "HZ-", "AL-", "WB-"] {
            for id in cited(&text, prefix) {
                assert!(
                    known.contains(id),
                    "{} cites {id}, which nothing is",
                    path.display()
                );
            }
        }
    }
}

/// The functions behind `#[test]`, each with the comments above it.
fn tests(text: &str) -> impl Iterator<Item = &str> {
    text.split("#[test]").skip(1).map(|rest| {
        let end = rest
            .find("\n}\n")
            .into_iter()
            .chain(rest.find("\n    }\n"))
            .min();
        &rest[..end.unwrap_or(rest.len())]
    })
}

#[test]
fn a_test_that_cites_a_requirement_asserts_something() {
    let mut seen = 0;
    for (path, text) in all_files() {
        for test in tests(&text) {
            let named = test.contains("fn sr_") || cited(test, "SR-").next().is_some();
            if named {
                seen += 1;
                // A sequence of turns is judged by its machine.
                let asserts = ["assert", "expect(", "panic!", "unwrap_err", "sequential"];
                let asserts = asserts.iter().any(|word| test.contains(word));
                let head = test
                    .lines()
                    .find(|line| line.contains("fn "))
                    .unwrap_or_default();
                assert!(asserts, "{}: {head} asserts nothing", path.display());
            }
        }
    }
    assert!(seen > 5, "only {seen} tests cite a requirement");
}
