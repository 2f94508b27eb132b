//! What is said of a file that can be read and is wrong: code, line and column.

use super::*;

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
