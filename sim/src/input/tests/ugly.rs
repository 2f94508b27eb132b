//! Files that are none, or that cannot be read.

use std::collections::BTreeSet;

use super::*;

#[test]
fn ugly_files_are_refused_and_never_panic() {
    let deep = |open: &str, close: &str, times: usize| {
        format!("title = {}{}", open.repeat(times), close.repeat(times))
    };
    let dots = format!("a{} = 1", ".a".repeat(100_000));
    let headers = format!("[a{}]", ".\"a b\"".repeat(100_000));
    let worst = format!(
        "[{0}]\n{0} = {1}1{2}",
        ["a"; 16].join("."),
        format!("{{{}=", ["a"; 16].join(".")).repeat(70),
        "}".repeat(70),
    );
    let cases: &[(&str, (&str, usize, usize))] = &[
        ("", (MISSING_KEY, 1, 1)),
        ("\u{feff}", (MISSING_KEY, 1, 1)),
        ("\r\n\r\n", (MISSING_KEY, 1, 1)),
        ("[cohort", (SYNTAX, 1, 8)),
        ("title = \"a\nseed = 1", (SYNTAX, 1, 11)),
        ("title = \"\"\"a\nseed = 1", (SYNTAX, 2, 9)),
        ("äöü = 1", (SYNTAX, 1, 1)),
        ("\"äöü\" = 1", (UNKNOWN_KEY, 1, 1)),
        ("title = 'ä' x", (SYNTAX, 1, 13)),
        ("\t\ttitle 5", (SYNTAX, 1, 9)),
        ("title = 'a'\r\nseed = 1\r\nx = 1\r\n", (UNKNOWN_KEY, 3, 1)),
        ("title = 'a'\rseed = 1", (SYNTAX, 1, 13)),
        ("title = \u{0}", (SYNTAX, 1, 9)),
        ("= 1", (SYNTAX, 1, 1)),
        ("[]\n", (SYNTAX, 1, 2)),
        ("[[]]\n", (SYNTAX, 1, 3)),
        ("[a]\n[a]\n", (DUPLICATE_KEY, 2, 2)),
        ("a.b = 1\na = 2\n", (DUPLICATE_KEY, 2, 1)),
        ("seed = 0x", (OUT_OF_RANGE, 1, 8)),
        ("seed = 2026-13-45", (SYNTAX, 1, 8)),
        (&dots, (TOO_DEEP, 1, 34)),
        (&headers, (TOO_DEEP, 1, 99)),
        (&worst, (TOO_DEEP, 0, 0)),
        (&deep("[", "]", 60), (TOO_DEEP, 0, 0)),
        (&deep("[", "]", 100_000), (SYNTAX, 0, 0)),
        (&deep("{a=", "}", 100_000), (SYNTAX, 0, 0)),
        (&deep("[", "", 100_000), (SYNTAX, 0, 0)),
    ];
    for (text, (code, line, column)) in cases {
        let found = complaints(text);
        let shown: String = text.chars().take(40).collect();
        assert_eq!(found[0].0, *code, "{shown:?} {found:?}");
        if *line > 0 {
            assert_eq!(found[0], (*code, *line, *column), "{shown:?} {found:?}");
        }
    }
}

#[test]
fn many_dots_in_a_text_are_no_depth() {
    let text = format!(
        "title = \"{} {}\"\nseed = 1",
        "...".repeat(50),
        "a. ".repeat(10)
    );
    assert!(read(&text).is_ok());
    let text = format!("seed = 1 # {}\ntitle = 'it''s'", "1, 2. ".repeat(50));
    assert_eq!(complaints(&text)[0].0, SYNTAX, "of another kind than depth");
}

#[test]
fn random_edits_never_panic() {
    let alphabet = "[]{}=.,\"'#\n\r\t \\-+_0eE9ax:T\u{0}äé😀";
    let letters: Vec<char> = alphabet.chars().collect();
    let mut state: u64 = 1;
    let mut draw = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(state >> 33).unwrap() % below
    };
    for _ in 0..3_000 {
        let mut text: Vec<char> = GOOD.chars().collect();
        for _ in 0..=draw(4) {
            let at = draw(text.len());
            match draw(3) {
                0 => text[at] = letters[draw(letters.len())],
                1 => text.insert(at, letters[draw(letters.len())]),
                _ => drop(text.drain(at..(at + draw(20)).min(text.len()))),
            }
        }
        let text: String = text.into_iter().collect();
        let document = Document::from_text("s.toml", &*text);
        for diagnostic in document.decode::<Story>().err().unwrap_or_default() {
            assert!(!diagnostic.render(true).is_empty());
        }
        let _ = document.check_sources(&BTreeSet::new(), &[]);
        let _ = document.clone().set(&text);
    }
}

#[test]
fn reading_a_file_can_fail_in_words() {
    let folder = std::env::temp_dir().join(format!("weanbench-input-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let code_of = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        std::fs::write(&path, bytes).unwrap();
        Document::read(&path).map_err(|found| {
            assert!(!found[0].render(false).is_empty());
            (found[0].code, found[0].position.map(|p| (p.line, p.column)))
        })
    };
    assert_eq!(code_of("good.toml", GOOD.as_bytes()).unwrap().text(), GOOD);
    assert_eq!(
        code_of("bom.toml", b"\xef\xbb\xbfa = 1").unwrap().text(),
        "a = 1"
    );
    assert_eq!(
        code_of("latin.toml", b"a = 1\nb = '\xe4'").unwrap_err(),
        (NOT_UTF8, Some((2, 6)))
    );
    assert_eq!(
        code_of("utf16.toml", b"\xff\xfea\0").unwrap_err(),
        (NOT_UTF8, Some((1, 1)))
    );
    assert_eq!(
        code_of("cut.toml", b"a = '\xc3").unwrap_err(),
        (NOT_UTF8, Some((1, 6)))
    );
    assert_eq!(
        code_of("nul.toml", b"a = 1\n\0").unwrap_err(),
        (NOT_TEXT, Some((2, 1)))
    );
    let large = vec![b'#'; 4 * 1024 * 1024 + 1];
    assert_eq!(
        code_of("large.toml", &large).unwrap_err(),
        (TOO_LARGE, None)
    );
    assert!(code_of("limit.toml", &large[1..]).is_ok());
    assert_eq!(Document::read(&folder).unwrap_err()[0].code, IS_DIRECTORY);
    let missing = Document::read(folder.join("goood.toml"))
        .unwrap_err()
        .remove(0);
    assert_eq!(missing.code, NOT_FOUND);
    assert!(missing.help.unwrap().ends_with("good.toml`?"));
    std::fs::remove_dir_all(&folder).unwrap();
}
