//! Files that must be refused: where, with which code, and with a way out.
//!
//! `broken/expected.txt` holds what each of them is told first. To bless a change, as in `determinism`.

use std::fmt::Write;

use weanbench::config::Library;

use crate::support::{root, stem, toml_files};

#[test]
fn every_broken_file_is_refused_at_the_right_place() {
    let mut told = String::new();
    for path in toml_files("tests/broken") {
        let complaints = Library::read(&path, &[]).expect_err(&format!("{}", path.display()));
        let first = complaints.first().expect("a refusal says why");
        let place = first
            .position
            .map_or("-".to_owned(), |at| format!("{}:{}", at.line, at.column));
        let help = first.help.as_deref().unwrap_or("-");
        let _ = writeln!(
            told,
            "{}\n    {place} {}: {}\n    {help}",
            stem(&path),
            first.code,
            first.message
        );
        assert!(!first.render(false).is_empty());
    }
    let expected = root().join("tests/broken/expected.txt");
    if std::env::var_os("WEANBENCH_BLESS").is_some() {
        std::fs::write(&expected, &told).expect("a writable tree");
    }
    let kept = std::fs::read_to_string(&expected).unwrap_or_default();
    assert_eq!(
        told, kept,
        "what is told has changed; see the head of this file"
    );
}

#[test]
fn an_override_is_blamed_and_not_the_file() {
    let path = root().join("configs/scenarios/first.toml");
    for (set, code) in [
        ("sede=3", "unknown-key"),
        ("seed=\"x\"", "wrong-type"),
        ("patient.number=-1", "out-of-range"),
        ("patient.start_dose_ug_per_day=1e9", "out-of-range"),
        ("=3", "bad-override"),
        ("seed", "bad-override"),
    ] {
        let complaints = Library::read(&path, &[set.to_owned()]).expect_err(set);
        assert!(
            complaints[0].path.starts_with("--set"),
            "{set}: {}",
            complaints[0]
        );
        assert_eq!(complaints[0].code, code, "{set}: {}", complaints[0]);
    }
}
