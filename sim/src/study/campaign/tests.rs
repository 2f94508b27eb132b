//! What a campaign is before anything flies: cases, draws, and files that are refused.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::*;
use crate::catalogue::fault_name;
use crate::config::Library;
use crate::input::code;
use crate::scenario::{Acts, Fault, Range, description};
use crate::shipped::{self, Kind};
use crate::study::orders;

fn campaign(overrides: &[&str]) -> Campaign {
    shipped("swarm", overrides)
}

fn shipped(name: &str, overrides: &[&str]) -> Campaign {
    let overrides: Vec<String> = overrides.iter().map(|it| (*it).to_owned()).collect();
    let campaign = Campaign::shipped(name, &overrides).expect("it ships");
    campaign.unwrap_or_else(|complaints| panic!("{}", complaints[0].render(false)))
}

fn kinds(faults: &[Fault]) -> BTreeSet<&'static str> {
    faults.iter().map(|it| fault_name(&it.what)).collect()
}

#[test]
fn every_shipped_campaign_draws_scenarios_that_are_good_by_themselves() {
    for name in shipped::names(Kind::Campaign) {
        let campaign = shipped(name, &[]);
        let mut seen = BTreeSet::new();
        for number in 0..campaign.cases().min(100) {
            let case = campaign.case(number);
            assert!(
                !case.faults.is_empty() || !case.orders.is_empty(),
                "{name} {number}"
            );
            let text = toml::to_string(&case.scenario(&campaign)).expect("a scenario is TOML");
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../configs/scenarios");
            let library = Library::from_text("case.toml", &text, &folder, &[]);
            let library = library.unwrap_or_else(|it| panic!("{}\n{text}", it[0].render(false)));
            assert_eq!(library.scenario.faults, case.faults, "{name} {number}");
            assert_eq!(library.scenario.orders, case.orders, "{name} {number}");
            seen.extend(kinds(&case.faults));
        }
        assert!(seen.len() > 40, "{name} draws {} kinds", seen.len());
    }
}

#[test]
fn a_case_is_what_it_is_however_many_there_are_and_another_under_another_seed() {
    let (few, many) = (
        campaign(&["draws.cases=20"]),
        campaign(&["draws.cases=5000"]),
    );
    let other = campaign(&["seed=836"]);
    let mut moved = 0;
    for number in (0..20).rev() {
        let (one, two) = (few.case(number), many.case(number));
        assert_eq!(one.faults, two.faults, "{number}");
        assert_eq!(one.patient, two.patient);
        moved += u64::from(other.case(number).faults != one.faults);
    }
    assert_eq!(moved, 20);
    assert_ne!(few.identity(), many.identity());
    assert_eq!(few.identity(), campaign(&["draws.cases=20"]).identity());
}

#[test]
fn a_kind_that_is_taken_out_moves_no_draw_of_another() {
    let all = campaign(&["draws.cases=300"]);
    let cases: Vec<Vec<Fault>> = (0..300).map(|number| all.case(number).faults).collect();
    let (mut with, mut without) = (0, 0);
    for gone in ["air", "occlude", "link_loss", "wrong_drug", "stall", "late"] {
        assert!(
            crate::catalogue::faults()
                .iter()
                .any(|it| it.name() == gone),
            "{gone}"
        );
        let less = campaign(&["draws.cases=300", &format!("draws.without=[\"{gone}\"]")]);
        for (number, before) in (0..).zip(&cases) {
            let after = less.case(number).faults;
            if kinds(before).contains(gone) {
                with += 1;
                let kept = |fault: &&Fault| fault_name(&fault.what) != gone;
                for fault in before.iter().filter(kept) {
                    assert!(
                        after.contains(fault),
                        "case {number} without {gone} lost {}",
                        fault.id
                    );
                }
                assert!(!kinds(&after).contains(gone));
            } else {
                without += 1;
                assert_eq!(&after, before, "case {number} without {gone}");
            }
        }
    }
    assert!(with > 20 && without > 1_000, "{with} {without}");
}

#[test]
fn budgets_ranges_and_times_are_kept() {
    let narrow = campaign(&[
        "draws.cases=400",
        "draws.kinds=[\"occlude\", \"sensor_bias\", \"stall\"]",
        "draws.ranges={ \"occlude.resistance_times\" = [1e3, 1e5], \"sensor_bias.sensor\" = [\"battery\"] }",
        "draws.from_min=[100, 200]",
        "draws.lasts_min=[10, 20]",
    ]);
    let mut counts = BTreeMap::new();
    let mut twice = 0;
    for number in 0..400 {
        let case = narrow.case(number);
        *counts.entry(case.faults.len()).or_insert(0) += 1;
        twice += usize::from(kinds(&case.faults).len() < case.faults.len());
        for fault in &case.faults {
            assert!((100..=200).contains(&fault.from_min), "{fault:?}");
            let lasts = fault.until_min.map(|until| until - fault.from_min);
            assert!(lasts.is_none_or(|it| (10..=20).contains(&it)), "{fault:?}");
            let (known, given) = description(&fault.what);
            match known.name.as_str() {
                "occlude" => {
                    let times = given["resistance_times"].as_f64().expect("a number");
                    assert!((1e3..=1e5).contains(&times), "{times}");
                }
                "sensor_bias" => assert_eq!(given["sensor"], "battery"),
                "stall" => {}
                other => panic!("{other} was not asked for"),
            }
        }
    }
    assert_eq!(counts.keys().copied().collect::<Vec<_>>(), [1, 2, 3]);
    assert!(counts.values().all(|it| *it > 80), "{counts:?}");
    // The same thing twice, and not always: that is what uneven weights are for.
    assert!((100..300).contains(&twice), "{twice}");
}

#[test]
fn orders_are_drawn_beside_faults_and_move_none() {
    let hands = shipped("hands", &[]);
    let silent = shipped("hands", &["draws.orders=0"]);
    let alone = shipped("hands", &["draws.budget=0"]);
    let mut counts = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut near = 0;
    for number in 0..300 {
        let case = hands.case(number);
        assert_eq!(case.faults, silent.case(number).faults, "{number}");
        assert!(silent.case(number).orders.is_empty(), "{number}");
        assert_eq!(case.library().scenario.orders, case.orders, "{number}");
        counts.insert(case.orders.len());
        assert!(case.orders.is_sorted_by_key(|it| it.at_min), "{number}");
        assert!(case.orders.iter().all(|it| it.at_min < 120 * 60));
        let begins = case.faults.first().map_or(0, |fault| fault.from_min);
        let soon = |at: u32| (begins..=begins + 240).contains(&at);
        near += case.orders.iter().filter(|it| soon(it.at_min)).count();
        seen.extend(case.orders.iter().map(|it| orders::name(&it.what)));
        assert_eq!(
            case.replay("builtin")
                .contains("--set 'orders=[{ at_min = "),
            !case.orders.is_empty(),
            "{}",
            case.replay("builtin")
        );
        let of_people = alone.case(number);
        assert!(of_people.faults.is_empty(), "{number}");
        assert!((1..=4).contains(&of_people.orders.len()), "{number}");
    }
    assert_eq!(counts.into_iter().collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    let kinds = orders::DONE.iter().chain(&orders::SAID);
    assert!(kinds.clone().all(|kind| seen.contains(kind)), "{seen:?}");
    // Spread over four days, hardly one in twenty would be within four hours after the fault has begun.
    assert!(near > 100, "{near}");
}

#[test]
fn a_case_in_which_nothing_happens_is_refused() {
    for (set, said) in [
        ("draws.budget=0", "must be between 1 and 8"),
        ("draws.orders=9", "must be between 0 and 8"),
    ] {
        let overrides = [set.to_owned()];
        let refused = Campaign::shipped("swarm", &overrides).expect("it ships");
        let refused = refused.expect_err("nothing would be drawn");
        assert!(refused[0].render(false).contains(said), "{set}");
    }
}

#[test]
fn what_is_switched_off_in_a_case_does_not_occur_in_it() {
    // With one kind in a thousand switched on, hardly any case has two that are: those that are off come
    // last, and one of them only where all are off.
    let three = campaign(&["draws.cases=200", "draws.on_permille=20"]);
    let all = campaign(&["draws.cases=200", "draws.on_permille=1000"]);
    let different = |campaign: &Campaign| -> usize {
        let each = (0..200).map(|number| kinds(&campaign.case(number).faults).len());
        each.sum()
    };
    let (few, many) = (different(&three), different(&all));
    assert!(few * 10 < many * 9, "{few} of {many}");
    // No defect of the controller is drawn unless it is named.
    let drawn = (0..200).flat_map(|number| all.case(number).faults);
    assert!(drawn.into_iter().all(|it| it.what.acts() != Acts::Defect));
    campaign(&["draws.kinds=[\"wrong_rate\"]"]);
}

#[test]
fn numbers_have_three_digits_and_stay_in_their_ranges() {
    let range = Range::Number {
        least: 0.123_456,
        most: 9_876.5,
        whole: false,
    };
    let short = |value: f64| rounded(&range, value.into()).as_f64();
    assert_eq!(short(0.123_457), Some(0.123_456));
    assert_eq!(short(1.234_567), Some(1.23));
    assert_eq!(short(9_876.4), Some(9_876.5));
    assert_eq!(short(1_234.5), Some(1_230.0));
}

const SETS: &str = r#"
schema = 1
title = "two sets"
seed = 3
scenarios = ["first", "hwang-2019"]
profiles = ["P1", "P2"]
patients = 3
controllers = ["builtin", "canary:x"]
run_max_h = 10
follow_up_h = 0

[[set]]
name = "healthy"
faults = []

[[set]]
name = "blind"
faults = [{ id = "s", from_min = 100, what = { sensor_silent = { sensor = "flow" } } }]
"#;

#[test]
fn sets_are_flown_with_everything_and_left_out_where_nobody_has_the_sensor() {
    let campaign = Campaign::from_text("x.toml", SETS, Path::new(""), &[]);
    let campaign = campaign.unwrap_or_else(|it| panic!("{}", it[0].render(false)));
    // Two scenarios, three patients: on P1 one set, on P2 both.
    assert_eq!(
        (campaign.cases(), campaign.runs(), campaign.skipped()),
        (18, 36, 6)
    );
    let mut seen = BTreeSet::new();
    for number in 0..campaign.cases() {
        let case = campaign.case(number);
        let least = case.library().scenario.explant.drug_ug_per_ml;
        assert!(least > 0 && case.library().scenario.arms.len() == 1);
        let set = case.set.expect("a set");
        assert!(set == "healthy" || format!("{:?}", case.base.profile) == "P2");
        assert!(seen.insert((
            case.base.short.clone(),
            case.base.profile,
            case.patient,
            set.to_owned()
        )));
    }
    // Whoever has several arms says which one was flown.
    let last = campaign.case(17);
    assert!(
        last.replay("builtin").contains("--arm externalised-wean"),
        "{}",
        last.replay("builtin")
    );
    assert!(last.replay("canary:x").ends_with("--controller canary:x"));
}

/// What is put in place of what, and with which code it is refused.
const BROKEN: &[(&str, &str, &str)] = &[
    ("schema = 1", "schema = 2", code::INVALID_VALUE),
    ("seed = 835", "sede = 835", code::UNKNOWN_KEY),
    ("patients = 20", "patients = 0", code::OUT_OF_RANGE),
    (
        "scenarios = [\"first\"]",
        "scenarios = [\"frist\"]",
        code::NOT_FOUND,
    ),
    (
        "scenarios = [\"first\"]",
        "scenarios = []",
        code::WRONG_LENGTH,
    ),
    (
        "profiles = [\"P0\", ",
        "profiles = [\"P1\", ",
        code::INVALID_VALUE,
    ),
    ("run_max_h = 96", "run_max_h = 0", code::OUT_OF_RANGE),
    ("run_max_h = 96", "run_max_h = 72", code::OUT_OF_RANGE),
    (
        "\"not_detectable\"",
        "\"undetectable\"",
        code::UNKNOWN_VARIANT,
    ),
    (
        "[draws]",
        "[[set]]\nname = \"a\"\nfaults = []\n[draws]",
        code::NOT_EXACTLY_ONE,
    ),
    ("budget = 3", "budget = 9", code::OUT_OF_RANGE),
    ("budget = 3", "budgets = 3", code::UNKNOWN_KEY),
    ("on_permille = 500", "on_permille = 0", code::OUT_OF_RANGE),
    ("from_min = [45, ", "from_min = [4400, ", code::OUT_OF_RANGE),
    ("lasts_min = [5, ", "lasts_min = [0, ", code::OUT_OF_RANGE),
    (
        "budget = 3",
        "budget = 3\nkinds = [\"oclude\"]",
        code::UNKNOWN_VARIANT,
    ),
    (
        "budget = 3",
        "budget = 3\nkinds = [\"stall\"]\nwithout = [\"stall\"]",
        code::WRONG_LENGTH,
    ),
    (
        "budget = 3",
        "budget = 3\nranges = { \"occlude.resistance\" = [1, 2] }",
        code::UNKNOWN_KEY,
    ),
    (
        "budget = 3",
        "budget = 3\nranges = { \"occlude.resistance_times\" = [1, 5] }",
        code::OUT_OF_RANGE,
    ),
    (
        "budget = 3",
        "budget = 3\nranges = { \"sensor_bias.sensor\" = [\"nose\"] }",
        code::OUT_OF_RANGE,
    ),
    (
        "budget = 3",
        "budget = 3\nkinds = [\"sensor_silent\"]\nranges = { \"sensor_silent.sensor\" = [\"flow\"] }",
        code::INVALID_VALUE,
    ),
];

#[test]
fn what_is_wrong_in_a_file_is_told_where_it_stands() {
    let good = shipped::text(Kind::Campaign, "swarm").expect("it ships");
    for (from, to, code) in BROKEN {
        let text = good.replacen(from, to, 1);
        assert_ne!(text, good, "{from}");
        let found = Campaign::from_text("swarm.toml", &text, Path::new(""), &[]).expect_err(to);
        let first = &found[0];
        assert_eq!(first.code, *code, "{to}: {first}");
        let line = first.position.expect("a place").line;
        let (at, more) = (
            good.find(from).expect("it is there"),
            to.matches('\n').count(),
        );
        let wanted = good[..at].matches('\n').count() + 1;
        let lines = wanted..=wanted + more;
        // What is about the whole of the draws stands at their head.
        let head = good.lines().position(|it| it == "[draws]").expect("a head") + 1;
        let after = good
            .lines()
            .position(|it| it.starts_with("from_min"))
            .expect("it is there")
            + 1;
        let fine = lines.contains(&line) || line == head || line == head + more || line == after;
        assert!(fine || first.code == code::NOT_EXACTLY_ONE, "{to}: {first}");
    }
}

#[test]
fn nobody_flies_into_a_folder_that_another_flies_into() {
    let base = std::env::temp_dir().join(format!("weanbench-lock-{}", std::process::id()));
    let manifest = || Manifest::of(&campaign(&[]), "code");
    let mine = Folder::open(&base, manifest(), false).expect("it is free");
    let refused = Folder::open(&base, manifest(), true).expect_err("it is taken");
    assert!(matches!(refused, FolderError::InUse { .. }), "{refused}");
    assert!(refused.to_string().contains("choose another `--out`"));
    Folder::of_shard(&base, manifest()).expect("to look is free");
    drop(mine);
    Folder::open(&base, manifest(), true).expect("it is free again");
    std::fs::remove_dir_all(base).expect("it was made");
}
