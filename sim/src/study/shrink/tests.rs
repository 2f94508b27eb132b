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

/// Every judged requirement of a scenario, by the short way and by the long one. Where the short way ends early, the
/// scenario that ends there must come to the same by the long one. Returns how many were flown, ended early, and
/// were excused.
fn short_and_long(library: &Library, scenario: &Scenario) -> (usize, usize, usize) {
    let long = |scenario: &Scenario| {
        let library = variant(library, scenario).expect("a scenario");
        let patient = patients(&library)[0];
        let case = Case::new(&library, &library.scenario.arms[0], patient).expect("it fits");
        let judged = run_case(&case).expect("it answers");
        let count = library.requirements.judged().count();
        let told = (0..count).map(|place| probe::tried(&library, &judged, place));
        told.collect::<Vec<_>>()
    };
    let whole = long(scenario);
    let mut ended_at = std::collections::BTreeMap::new();
    let (mut early, mut excused) = (0, 0);
    for (place, all) in whole.iter().enumerate() {
        // Of those that hold a few are enough.
        if all.came != Came::Violated && all.came != Came::NotDetectable && place % 16 != 0 {
            continue;
        }
        let alone = crate::requirement::Alone::new(&library.requirements, place);
        let short = flight::flown(library, scenario, &alone, &|| false).expect("never given up");
        excused += usize::from(short.tried.came == Came::NotDetectable);
        let Some(end_h) = short.ends_h else {
            assert_eq!(&short.tried, all, "{place}: {}", scenario.written());
            continue;
        };
        early += 1;
        let shorter = flight::ended(scenario, end_h);
        let cut = ended_at.entry(end_h).or_insert_with(|| long(&shorter));
        assert!(short.tried.fails());
        assert_eq!(short.tried, cut[place], "{place}: {}", shorter.written());
    }
    (whole.len(), early, excused)
}

/// A story of an hour's grid on which faults, orders, an excuse and an end of the wean fall together.
#[test]
fn the_short_way_says_what_the_long_one_does() {
    let kink = "faults=[{id=\"kink\",from_min=120,until_min=900,what={occlude={resistance_times=1e7}}},\
        {id=\"late\",from_min=660,what={link_loss={}}}]";
    let gain = "faults=[{id=\"gain\",from_min=60,what={pump_gain={gain=3.0}}}]";
    let jump = "faults=[{id=\"jump\",from_min=299,what={wall_clock_jump={ahead_s=-7200}}},\
        {id=\"at\",from_min=300,until_min=360,what=\"key_bounces\"}]";
    let cases = [
        ("clock-back", "P1", jump),
        ("clock-back", "P1", kink),
        ("SR-15", "P0", kink),
        ("SR-15", "P1", gain),
        ("SR-15", "P0", gain),
    ];
    let each = cases.map(|(canary, profile, list)| {
        let profile = format!("profile=\"{profile}\"");
        let library = with(canary, &[list, "run_max_h=17", "follow_up_h=1", &profile]);
        let (_, ended, not) = short_and_long(&library, &library.scenario.clone());
        (ended, not)
    });
    let early: usize = each.iter().map(|(ended, _)| ended).sum();
    let excused: usize = each.iter().map(|(_, not)| not).sum();
    assert!(early > 4 && excused > 0, "{early} early, {excused} excused");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever goes wrong, the short way to an answer gives the answer of the long one.
    #[test]
    fn no_answer_depends_on_how_far_a_candidate_was_flown(
        canary in proptest::sample::select(vec!["clock-back", "SR-15", "SR-03", "SR-26a", "second-restart"]),
        profile in proptest::sample::select(vec!["P0", "P1"]),
        hours in 3_u32..11,
        list in proptest::collection::vec((0_usize..400, 0_u32..40, 1_u32..40), 1..4),
    ) {
        let profile = format!("profile=\"{profile}\"");
        let end = format!("run_max_h={hours}");
        let mut library = with(canary, &["faults=[]", "follow_up_h=1", &end, &profile]);
        let entries = crate::catalogue::faults();
        for (kind, from, lasts) in list {
            let entry = &entries[kind % entries.len()];
            let what = entry.example;
            let (from, until) = (from * 15, (from + lasts) * 15);
            if what.only_at_start() || !what.fits(library.scenario.profile) || from >= hours * 60 {
                continue;
            }
            let fault = crate::scenario::Fault {
                id: format!("f{}", library.scenario.faults.len()),
                from_min: from,
                until_min: (until % 30 == 0).then_some(until),
                what,
            };
            library.scenario.faults.push(fault);
        }
        let scenario = library.scenario.clone();
        prop_assume!(variant(&library, &scenario).is_ok());
        let (compared, ..) = short_and_long(&library, &scenario);
        prop_assert!(compared > 0);
    }
}
