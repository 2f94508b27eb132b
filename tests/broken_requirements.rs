//! Files of requirements that must be refused: where, with which code, and with a way out.
//!
//! `broken/requirements/expected.txt` holds what each of them is told first. To bless a change, as in
//! `determinism`.

use std::fmt::Write;

use weanbench::checking;

use crate::support::{root, stem, toml_files};

#[test]
fn every_broken_file_of_requirements_is_refused_at_the_right_place() {
    let mut told = String::new();
    for path in toml_files("tests/broken/requirements") {
        let complaints = checking::check(&path).expect_err(&format!("{}", path.display()));
        let first = complaints.first().expect("a refusal says why");
        let place = first
            .position
            .map_or("-".to_owned(), |at| format!("{}:{}", at.line, at.column));
        let help = first.help.as_deref().unwrap_or("-");
        let (name, code, message) = (stem(&path), first.code, &first.message);
        let _ = writeln!(told, "{name}\n    {place} {code}: {message}\n    {help}");
        assert!(!first.render(false).is_empty());
    }
    let expected = root().join("tests/broken/requirements/expected.txt");
    if std::env::var_os("WEANBENCH_BLESS").is_some() {
        std::fs::write(&expected, &told).expect("a writable tree");
    }
    let kept = std::fs::read_to_string(&expected).unwrap_or_default();
    assert_eq!(
        told, kept,
        "what is told has changed; see the head of this file"
    );
}
