//! Whole documents: what is refused, where, and in which words.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::diagnostic::code::*;
use super::*;

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Story {
    title: String,
    seed: u64,
    #[serde(default)]
    cohort: Option<Cohort>,
    #[serde(default)]
    faults: Vec<Fault>,
    #[serde(default)]
    sources: toml::Table,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Cohort {
    size: u8,
    dose_ug_per_day: f64,
    profile: Profile,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "kebab-case")]
enum Profile {
    PumpOnly,
    LineSensor,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Fault {
    id: String,
    from_min: u32,
    what: What,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
enum What {
    Occlude { resistance_times: u32 },
    Leak(Leak),
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Leak {
    patency_permille: u16,
}

const GOOD: &str = r#"title = "A kink"
seed = 7

[cohort]
size = 5
dose_ug_per_day = 400
profile = "pump-only"

[[faults]]
id = "kink"
from_min = 1_800
what.occlude.resistance_times = 10

[[faults]]
id = "drip"
from_min = 5

[faults.what.leak]
patency_permille = 500
"#;

fn read(text: &str) -> Result<Story, Vec<Diagnostic>> {
    Document::from_text("s.toml", text).decode()
}

/// Decodes and gives code, line and column of each complaint.
fn complaints(text: &str) -> Vec<(&'static str, usize, usize)> {
    let found = read(text).unwrap_err();
    for diagnostic in &found {
        assert!(!diagnostic.render(false).is_empty());
    }
    found
        .iter()
        .map(|d| (d.code, d.position.unwrap().line, d.position.unwrap().column))
        .collect()
}

/// The only complaint, on one line.
fn complaint(text: &str) -> String {
    let found = read(text).unwrap_err();
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].to_string()
}

fn with(from: &str, to: &str) -> String {
    assert_eq!(GOOD.matches(from).count(), 1, "{from}");
    GOOD.replace(from, to)
}

fn overridden(assignments: &[&str]) -> Result<Story, Vec<Diagnostic>> {
    let mut document = Document::from_text("s.toml", GOOD);
    for assignment in assignments {
        document
            .set(assignment)
            .map_err(|diagnostic| vec![diagnostic])?;
    }
    document.decode()
}

#[test]
fn a_good_file_is_good() {
    let story = read(GOOD).unwrap();
    assert_eq!(story.cohort.as_ref().unwrap().dose_ug_per_day, 400.0);
    assert_eq!(
        story.faults[1].what,
        What::Leak(Leak {
            patency_permille: 500
        })
    );
    assert_eq!(read(&GOOD.replace('\n', "\r\n")).unwrap(), story);
    assert_eq!(read(&format!("\u{feff}{GOOD}")).unwrap(), story);
}

#[test]
fn complaints_about_keys_and_choices_name_their_place() {
    let cases = [
        (
            with("size = 5", "sise = 5"),
            "s.toml:5:1: unknown key `sise` (did you mean `size`?)",
        ),
        (
            with("size = 5", ""),
            "s.toml:4:1: missing key `size` in `cohort`",
        ),
        (
            with("id = \"drip\"", ""),
            "s.toml:14:1: missing key `id` in `faults.1`",
        ),
        (
            with("pump-only", "pump-onyl"),
            "s.toml:7:11: unknown word `pump-onyl` (did you mean `pump-only`?)",
        ),
        (
            with("leak]", "leek]"),
            "s.toml:18:14: unknown word `leek` (did you mean `leak`?)",
        ),
        (
            with("resistance_times", "resistance"),
            "s.toml:12:14: unknown key `resistance` (did you mean `resistance_times`?)",
        ),
        (
            with("patency_permille", "patency_permill"),
            "s.toml:19:1: unknown key `patency_permill` (did you mean `patency_permille`?)",
        ),
        (
            with(
                "[faults.what.leak]",
                "what.occlude.resistance_times = 1\n[faults.what.leak]",
            ),
            "s.toml:18:1: exactly one choice is wanted here, found `leak` and `occlude`",
        ),
        (
            with("[faults.what.leak]\npatency_permille = 500", "what = 5"),
            "s.toml:18:8: expected a word or a table",
        ),
        (
            with("[faults.what.leak]\npatency_permille = 500", "what = {}"),
            "s.toml:18:8: exactly one choice is wanted here, found none",
        ),
        (
            with("id = \"drip\"", "id = \"drip\"\nid = \"drop\""),
            "s.toml:16:1: the key `id` is given twice",
        ),
    ];
    for (text, wanted) in &cases {
        assert_eq!(complaint(text), *wanted);
    }
}

#[test]
fn complaints_about_values_name_their_place() {
    let cases = [
        (
            with("size = 5", "size = 300"),
            "s.toml:5:8: `cohort.size` should be a whole number from 0 to 255, found integer `300`",
        ),
        (
            with("size = 5", "size = -1"),
            "s.toml:5:8: `cohort.size` should be a whole number from 0 to 255, found integer `-1`",
        ),
        (
            with("size = 5", "\tsize\t=\t\"5\""),
            "s.toml:5:9: `cohort.size` should be a whole number from 0 to 255, found string \"5\"",
        ),
        (
            with("= 400", "= 1e400"),
            "s.toml:6:19: `cohort.dose_ug_per_day` is 1e400, which is no finite number",
        ),
        (
            with("= 400", "= nan"),
            "s.toml:6:19: `cohort.dose_ug_per_day` is nan, which is no finite number",
        ),
        (
            with("= 400", "= -inf"),
            "s.toml:6:19: `cohort.dose_ug_per_day` is -inf, which is no finite number",
        ),
        (
            with("= 400", "= 1979-05-27"),
            "s.toml:6:19: `cohort.dose_ug_per_day` should be a number, found a date or time",
        ),
        (
            with("= 400", "= {}"),
            "s.toml:6:19: `cohort.dose_ug_per_day` should be a number, found a table",
        ),
        (
            with("= 400", "= [4]"),
            "s.toml:6:19: `cohort.dose_ug_per_day` should be a number, found an array",
        ),
        (
            with("= 400", "= true"),
            "s.toml:6:19: `cohort.dose_ug_per_day` should be a number, found boolean `true`",
        ),
        (
            with("seed = 7", "seed = 99999999999999999999999"),
            "s.toml:2:8: `seed` should be a whole number, not negative, found integer `99999999999999999999999`",
        ),
        (
            with("seed = 7", &format!("seed = {}", "9".repeat(50))),
            "s.toml:2:8: `seed` is no integer, or one too large to hold",
        ),
        (
            with("patency_permille = 500", "patency_permille = 70_000"),
            "s.toml:19:20: `faults.1.what.leak.patency_permille` should be a whole number from 0 to 65535, found integer `70000`",
        ),
    ];
    for (text, wanted) in &cases {
        assert_eq!(complaint(text), *wanted);
    }
}

#[test]
fn several_complaints_come_at_once() {
    let text = with("size = 5", "sise = 5").replace("id = \"drip\"", "idd = \"drip\"\nx = 1");
    let wanted = [
        (UNKNOWN_KEY, 5, 1),
        (UNKNOWN_KEY, 15, 1),
        (UNKNOWN_KEY, 16, 1),
    ];
    let mut found = complaints(&text);
    found.sort_by_key(|(_, line, _)| *line);
    assert_eq!(
        found,
        wanted[..],
        "and no missing key that an unknown one stands for"
    );
    let found = complaints("a = \nb = 1\nc = 2 2\nd = 'x\n");
    assert!(found.len() >= 3, "{found:?}");
    assert!(found.iter().all(|(code, _, _)| *code == SYNTAX));
}

#[test]
fn unknown_keys_have_an_end() {
    let many: String = (0..1_000).map(|n| format!("k{n} = 1\n")).collect();
    assert_eq!(complaints(&many).len(), 20);
}

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

#[test]
fn overrides_win_and_may_be_words() {
    let story = overridden(&[
        "seed=8",
        "seed = 9",
        "title=two words",
        "cohort.profile=line-sensor",
        "cohort.dose_ug_per_day=2.5e2",
        "faults.1.what={ occlude = { resistance_times = 3 } }",
        "\"faults\".0.id=\"a=b\"",
    ]);
    let story = story.unwrap();
    let cohort = story.cohort.unwrap();
    assert_eq!(
        (story.seed, &*story.title, cohort.dose_ug_per_day),
        (9, "two words", 250.0)
    );
    assert_eq!(cohort.profile, Profile::LineSensor);
    assert_eq!(
        story.faults[1].what,
        What::Occlude {
            resistance_times: 3
        }
    );
    assert_eq!(story.faults[0].id, "a=b");
}

#[test]
fn a_bad_override_is_the_place_of_its_error() {
    let cases = [
        (
            "cohort.sise=5",
            "--set cohort.sise=5:1:8: unknown key `sise` (did you mean `size`?)",
        ),
        (
            "cohort.size=900",
            "--set cohort.size=900:1:13: `cohort.size` should be a whole number from 0 to 255, found integer `900`",
        ),
        (
            "cohort.size = five",
            "--set cohort.size = five:1:15: `cohort.size` should be a whole number from 0 to 255, found string \"five\"",
        ),
        (
            "cohort={ size = 5, profile = \"pump-only\" }",
            "--set cohort={ size = 5, profile = \"pump-only\" }:1:8: missing key `dose_ug_per_day` in `cohort`",
        ),
        (
            "cohort={size=1,profil=2,dose_ug_per_day=1}",
            "--set cohort={size=1,profil=2,dose_ug_per_day=1}:1:16: unknown key `profil` (did you mean `profile`?)",
        ),
        (
            "faults.0.what.leak.patency_permille=5",
            "s.toml:12:1: exactly one choice is wanted here, found `leak` and `occlude`",
        ),
        (
            "seed=nan",
            "--set seed=nan:1:6: `seed` is nan, which is no finite number",
        ),
        (
            "faults.2.id=x",
            "--set faults.2.id=x:1:8: `2` is no place in an array of 2 (places count from 0; the last is 1)",
        ),
        (
            "faults.id=x",
            "--set faults.id=x:1:8: `id` is no place in an array of 2 (places count from 0; the last is 1)",
        ),
        (
            "title.x=1",
            "--set title.x=1:1:7: `x` is looked for in a value that is no table but string",
        ),
        (
            "seed",
            "--set seed:1:1: no `=` in the override (write `--set key=value`)",
        ),
        (
            "=5",
            "--set =5:1:1: an empty or half-quoted key in the override",
        ),
        (
            "a..b=5",
            "--set a..b=5:1:3: an empty or half-quoted key in the override",
        ),
        (
            "",
            "--set :1:1: no `=` in the override (write `--set key=value`)",
        ),
    ];
    for (assignment, wanted) in cases {
        let found = overridden(&["seed=8", assignment, "title=later"]).unwrap_err();
        assert_eq!(found[0].to_string(), wanted);
        assert!(!found[0].render(false).is_empty());
    }
    assert_eq!(overridden(&["seed=[1, 2"]).unwrap_err()[0].code, SYNTAX);
    assert_eq!(overridden(&["title="]).unwrap().title, "");
    let dots = format!("a{}=1", ".a".repeat(1_000));
    assert_eq!(overridden(&[&dots]).unwrap_err()[0].code, TOO_DEEP);
    let nested = format!("a={}", "[".repeat(60) + &"]".repeat(60));
    assert_eq!(overridden(&[&nested]).unwrap_err()[0].code, TOO_DEEP);
}

#[test]
fn an_override_does_not_hide_a_syntax_error() {
    let mut document = Document::from_text("s.toml", "a = \n");
    document.set("b=1").unwrap();
    let found = document.decode::<Story>().unwrap_err();
    assert_eq!((found[0].code, &*found[0].path), (SYNTAX, "s.toml"));
}

#[test]
fn checks_after_decoding_find_their_place() {
    let mut document = Document::from_text("s.toml", GOOD);
    document.set("faults.0.from_min=99").unwrap();
    let at = |key_path: &str| {
        let place = document.at(key_path);
        (place.path, place.position.line, place.position.column)
    };
    assert_eq!(at("faults.1.from_min"), ("s.toml".into(), 16, 12));
    assert_eq!(
        at("faults.0.from_min"),
        ("--set faults.0.from_min=99".into(), 1, 19)
    );
    assert_eq!(at("faults.1.what.leak"), ("s.toml".into(), 18, 1));
    assert_eq!(
        at("cohort.nothing.here"),
        ("s.toml".into(), 4, 1),
        "the nearest table above"
    );
    assert_eq!(at("nothing"), ("s.toml".into(), 1, 1));
    let help = Some("at least 10".to_owned());
    let refused = document.refuse("faults.1.from_min", OUT_OF_RANGE, "5 is too early", help);
    assert_eq!(
        refused.to_string(),
        "s.toml:16:12: 5 is too early (at least 10)"
    );
}

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
