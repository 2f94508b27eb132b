//! What a shrinker must do: keep the same breach, end, and find what was planted.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::bench::Shipped;
use crate::canary::Wrong;
use crate::scenario::description;

fn library(overrides: &[&str]) -> Library {
    let overrides: Vec<String> = overrides.iter().map(|it| (*it).to_owned()).collect();
    let library = Library::shipped("first", &overrides).expect("it ships");
    library.unwrap_or_else(|complaints| panic!("{}", complaints[0].render(false)))
}

fn with(canary: &str, overrides: &[&str]) -> Library {
    let mut library = library(overrides);
    library.controllers = Arc::new(Wrong::of(canary).expect("a canary"));
    library
}

fn wish(requirement: &str) -> Wish<'_> {
    Wish {
        requirement: Some(requirement),
        patient: None,
        budget: 400,
    }
}

/// Three faults of which one lets a canary show, orders that do nothing to it, a patient of their own.
const CROWDED: &[&str] = &[
    "run_max_h=20",
    "faults=[{id=\"cold\",from_min=200,until_min=500,what={room_temperature={temperature_c=20.5}}},\
     {id=\"clock\",from_min=437,what={wall_clock_jump={ahead_s=-20000}}},\
     {id=\"leak\",from_min=300,until_min=420,what={leak={lost_permille=20}}}]",
    "orders=[{at_min=250,what=\"pause\"},{at_min=255,what=\"resume\"}]",
];

#[test]
fn of_a_crowded_story_the_planted_fault_is_left() {
    let library = with("clock-back", CROWDED);
    let shrunk = shrink(&library, &wish("SR-03")).expect("it is violated");
    let scenario = &shrunk.scenario;
    let kinds: Vec<&str> = scenario
        .faults
        .iter()
        .map(|fault| description(&fault.what).0.name.as_str())
        .collect();
    assert_eq!(kinds, ["wall_clock_jump"], "{}", scenario.written());
    assert!(scenario.orders.is_empty());
    // Two hours back is where it begins to show; the next milder number of the grid is not enough.
    let (_, given) = description(&scenario.faults[0].what);
    assert_eq!(given["ahead_s"], -7_200);
    assert!(scenario.patient.is_some_and(|one| one.number.is_none()));
    assert!(scenario.run_max_h <= 2, "{}", scenario.written());
    assert!(!shrunk.cut_short, "{} runs", shrunk.runs);
    assert!(
        shrunk
            .stands
            .iter()
            .any(|it| it.part == "`clock`" && !it.tried.fails())
    );
    assert!(
        scenario.about.contains("the clock on the wall jumps"),
        "{}",
        scenario.about
    );
    assert!(scenario.title.contains("SR-03"), "{}", scenario.title);

    // By itself, from its text, it fails; the shipped controller does as it says.
    let again = again(&library, scenario, "SR-03").expect("it answers");
    assert_eq!(
        (again.fails(), again.margin),
        (true, shrunk.after.margin.clone())
    );
    let mut sound = library;
    sound.controllers = Arc::new(Shipped);
    let sound = super::again(&sound, scenario, "SR-03").expect("it answers");
    assert!(!sound.fails());
}

#[test]
fn an_order_of_two_faults_is_kept() {
    let story = [
        "run_max_h=12",
        "faults=[{id=\"fever\",from_min=300,until_min=420,what={fever={above_c=0.3}}},\
         {id=\"key\",from_min=200,until_min=400,what=\"key_bounces\"}]",
        "orders=[{at_min=300,what=\"pause\"},{at_min=330,what=\"resume\"},{at_min=360,what=\"pause_audio\"}]",
    ];
    let shrunk = shrink(&with("pressed-twice", &story), &wish("WB-16")).expect("it is violated");
    let scenario = &shrunk.scenario;
    let ids: Vec<&str> = scenario.faults.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(ids, ["key"]);
    assert_eq!(scenario.orders.len(), 1, "{}", scenario.written());
}

#[test]
fn what_is_smallest_stays_as_it_is_and_workers_do_not_matter() {
    let library = with("clock-back", CROWDED);
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let pool = pool.expect("threads");
        pool.install(|| shrink(&library, &wish("SR-03")))
            .expect("it is violated")
    };
    let (one, three) = (on(1), on(3));
    assert_eq!(one.scenario, three.scenario);
    assert_eq!((one.runs, &one.taken), (three.runs, &three.taken));

    let small = variant(&library, &one.scenario).expect("it has been flown");
    let again = shrink(&small, &wish("SR-03")).expect("it is violated");
    assert_eq!(again.scenario.written(), one.scenario.written());
}

#[test]
fn a_case_that_was_written_out_is_the_same_run() {
    for (profile, patient, hours) in [("P0", 3, 27), ("P1", 5, 27), ("P2", 2, 2)] {
        let overrides = [
            format!("profile=\"{profile}\""),
            format!("run_max_h={hours}"),
            "follow_up_h=1".to_owned(),
            "faults=[]".to_owned(),
        ];
        let library = Library::shipped("hwang-2019", &overrides)
            .expect("it ships")
            .expect("good");
        let wean = library.scenario.arms.iter().find(|arm| arm.oral.is_some());
        let case = Case::new(&library, wean.expect("a wean"), patient).expect("it fits");
        let written = drawn::written_out(&case);
        let text = written.written();
        assert!(
            text.contains("as_written = true") && text.contains("kinetics.v1_ml"),
            "{text}"
        );
        let again = variant(&library, &written)
            .unwrap_or_else(|complaints| panic!("{}\n{text}", complaints[0].render(false)));
        let again = Case::new(&again, &again.scenario.arms[0], patient).expect("it fits");
        assert_eq!(again.parameters(), case.parameters(), "{profile}");
        assert_eq!(again.device_spec(), case.device_spec(), "{profile}");
        let digest = |case: &Case<'_>| run_case(case).expect("it answers").digest.hex();
        assert_eq!(digest(&again), digest(&case), "{profile}");
    }
}

#[test]
fn what_is_not_violated_is_not_shrunk() {
    let calm = library(&["faults=[]", "run_max_h=3"]);
    let refused = |id: &str| shrink(&calm, &wish(id)).expect_err(id).to_string();
    assert_eq!(refused("SR-03"), "SR-03 is violated in none of 1 runs");
    assert_eq!(
        refused("no-such"),
        "no run is judged by a requirement `no-such`"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever else goes wrong beside it, what is left breaks the same requirement, by itself.
    #[test]
    fn the_same_requirement_stays_violated(
        at in 70_u32..500,
        back in 7_200_i32..86_000,
        others in proptest::collection::vec((0_usize..20, 60_u32..500, 1_u32..200), 0..3),
    ) {
        let mut library = with("clock-back", &["run_max_h=10", "faults=[]"]);
        let clock = format!("what = {{ wall_clock_jump = {{ ahead_s = -{back} }} }}");
        let mut all = vec![(clock, at, None)];
        let harmless = ["fever", "double", "swapped_scales", "sounder_dead"];
        for (kind, from, lasts) in others {
            let entries = crate::catalogue::faults();
            let name = harmless[kind % harmless.len()];
            let entry = entries.iter().find(|it| it.name() == name).expect(name);
            all.push((format!("what = {}", entry.written), from, Some(from + lasts)));
        }
        for (place, (what, from, until)) in all.into_iter().enumerate() {
            let until = until.map_or_else(String::new, |at| format!("until_min = {at}\n"));
            let text = format!("id = \"f{place}\"\nfrom_min = {from}\n{until}{what}");
            library.scenario.faults.push(toml::from_str(&text).expect(&text));
        }
        let shrunk = shrink(&library, &wish("SR-03")).expect("it is violated");
        prop_assert!(again(&library, &shrunk.scenario, "SR-03").expect("it answers").fails());
        prop_assert_eq!(shrunk.scenario.faults.len(), 1);
    }
}
