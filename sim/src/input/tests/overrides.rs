//! Single values that are put over a file.

use super::*;

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
