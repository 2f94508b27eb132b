//! What a search must do: the same for one seed, count as it says, and find what is planted.

use std::sync::Arc;

use super::finds::{Since, group, smallest, still_breaks};
use super::*;
use crate::bench::Shipped;
use crate::canary::Wrong;
use crate::input::Document;
use crate::requirement::Requirements;

fn library(canary: Option<&str>) -> Library {
    let overrides = ["faults=[]", "run_max_h=8", "follow_up_h=0"].map(str::to_owned);
    let mut library = Library::shipped("first", &overrides)
        .expect("it ships")
        .expect("good");
    if let Some(canary) = canary {
        library.controllers = Arc::new(Wrong::of(canary).expect("a canary"));
    }
    library
}

fn place(library: &Library, id: &str) -> usize {
    let place = library.requirements.judged().position(|it| it.id == id);
    place.expect(id)
}

#[test]
fn one_seed_one_search_whatever_the_workers() {
    let library = library(Some("clock-back"));
    let wanted = [place(&library, "SR-03")];
    for method in [Method::Random, Method::Corpus, Method::Cmaes] {
        let on = |threads: usize, seed: u64| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            let quest = Quest {
                wanted: &wanted,
                method,
                budget: 25,
                seed,
                first_only: false,
                beyond: None,
            };
            let done = pool
                .expect("threads")
                .install(|| search(&library, &quest, &mut |_, _| {}));
            let finds: Vec<String> = done.finds.iter().map(|it| it.scenario.written()).collect();
            (done.runs, finds, done.fell, done.reached)
        };
        let one = on(1, 7);
        assert_eq!(one.0, 25);
        assert_eq!(one, on(3, 7), "{method:?}");
        assert_ne!(one.3, on(1, 8).3 + 1_000_000);
    }
}

#[test]
fn a_find_is_shrunk_kept_and_known_again() {
    let library = library(Some("clock-back"));
    let wanted = [place(&library, "SR-03")];
    let mut scenario = library.scenario.clone();
    let jump = "id = \"f1\"\nfrom_min = 301\nwhat = { wall_clock_jump = { ahead_s = -33333 } }";
    scenario.faults.push(toml::from_str(jump).expect("a fault"));
    let flown = flown(&Aim::new(&library, &wanted), &scenario).expect("a scenario");
    assert_eq!(flown.violated, [0]);
    assert!(flown.height < 0.0, "{}", flown.height);
    let find = |run: usize| Find {
        run,
        place: wanted[0],
        margin: -1.0,
        scenario: scenario.clone(),
    };
    let kept = smallest(&library, &[find(3), find(9)], 10, 200);
    let groups: Vec<&String> = kept.keys().collect();
    assert_eq!(groups, ["SR-03-wall-clock-jump"]);
    let shrunk = &kept["SR-03-wall-clock-jump"];
    assert_eq!(group("SR-03", &shrunk.scenario), "SR-03-wall-clock-jump");
    assert!(still_breaks(&library, &shrunk.scenario, "SR-03"));
    let mut sound = library.clone();
    sound.controllers = Arc::new(Shipped);
    assert!(!still_breaks(&sound, &shrunk.scenario, "SR-03"));
}

#[test]
fn new_known_fixed_and_returned_follow_one_another() {
    let mut since = Since::then(None, true);
    let mut told = vec![since];
    for breaks in [true, false, false, true, true] {
        since = Since::then(Some(since), breaks);
        told.push(since);
    }
    use Since::{Fixed, Known, New, Returned};
    assert_eq!(told, [New, Known, Fixed, Fixed, Returned, Known]);
}

#[test]
fn whatever_a_search_makes_can_be_flown_or_is_refused_and_defects_are_no_part_of_it() {
    let library = library(None);
    let space = Space::new(&library.scenario);
    let mut flies = 0;
    for run in 0..60 {
        let it = space.fresh(&library.scenario, &mut Dice::new(3, run));
        let defect =
            |fault: &crate::scenario::Fault| fault.what.acts() == crate::scenario::Acts::Defect;
        assert!(!it.faults.iter().any(defect));
        flies += u32::from(crate::study::variant::variant(&library, &it).is_ok());
    }
    assert!(flies > 20, "{flies} of 60");
}

#[test]
fn what_another_controller_breaks_as_well_is_no_find() {
    // A clock that is hidden from all alarms would be found at once: SR-60a is broken by nobody here, and SR-03
    // by the canary alone.
    let wrong = library(Some("clock-back"));
    let sound = library(None);
    let mut story = wrong.clone();
    let jump = "id = \"f1\"\nfrom_min = 301\nwhat = { wall_clock_jump = { ahead_s = -33333 } }";
    let jump = toml::from_str(jump).expect("a fault");
    story.scenario.faults.push(jump);
    let wanted = [place(&wrong, "SR-03")];
    let quest = |beyond| Quest {
        wanted: &wanted,
        method: Method::Random,
        budget: 1,
        seed: 1,
        first_only: true,
        beyond,
    };
    let found = |quest: &Quest<'_>| search(&story, quest, &mut |_, _| {}).finds.len();
    assert_eq!(found(&quest(None)), 1);
    assert_eq!(found(&quest(Some(&sound))), 1);
    assert_eq!(found(&quest(Some(&wrong))), 0);
}

/// A scenario of `first` with these faults, under the shipped controller.
fn with_faults(library: &Library, faults: &[&str]) -> Scenario {
    let mut it = library.scenario.clone();
    let faults = faults.iter().map(|it| toml::from_str(it).expect("a fault"));
    it.faults.extend(faults);
    it
}

const SILENT: &str = "id = \"f1\"\nfrom_min = 200\nuntil_min = 230\nwhat = { link_loss = {} }";

#[test]
fn what_is_judged_alone_says_the_same_as_among_all_others() {
    let library = library(Some("clock-back"));
    let jump = "id = \"f2\"\nfrom_min = 301\nwhat = { wall_clock_jump = { ahead_s = -33333 } }";
    let scenario = with_faults(&library, &[SILENT, jump]);
    let all: Vec<usize> = (0..library.requirements.judged().count()).collect();
    let among = flown(&Aim::new(&library, &all), &scenario).expect("a scenario");
    assert!(among.violated.contains(&place(&library, "SR-03")));
    assert!(among.margins.iter().any(Option::is_none));
    for at in &all {
        let alone = flown(&Aim::new(&library, &[*at]), &scenario).expect("a scenario");
        assert_eq!(alone.margins, [among.margins[*at]]);
        assert_eq!(alone.violated.contains(&0), among.violated.contains(at));
        assert_eq!(alone.moments, among.moments);
    }
}

#[test]
fn a_condition_that_is_nearly_met_is_nearer_to_a_breach_than_one_that_is_not() {
    let library = library(None);
    let aim = Aim::new(&library, &[place(&library, "WB-08")]);
    let paused = |until: u32| {
        let mut it = library.scenario.clone();
        for (at_min, what) in [(200, "pause"), (until, "resume")] {
            let order = format!("at_min = {at_min}\nwhat = \"{what}\"");
            it.orders.push(toml::from_str(&order).expect("an order"));
        }
        flown(&aim, &it).expect("a scenario").height
    };
    // A pause is told from ten minutes on: before that there is nothing to judge.
    let (calm, short, longer, judged) = (
        flown(&aim, &library.scenario).expect("a scenario").height,
        paused(203),
        paused(207),
        paused(230),
    );
    assert!(judged > 0.0 && judged < 1.0, "{judged}");
    assert!(
        longer > 2.0 && longer < short && short < calm,
        "{longer} {short} {calm}"
    );
    assert!(calm <= 3.0);
}

#[test]
fn a_margin_that_only_a_narrow_range_breaks_is_found_in_fewer_runs_than_at_random() {
    let mine = r#"
[parameters]
least = { value = "29.2 ug/h", source = "a test" }
most = { value = "29.5 ug/h", source = "a test" }

[[requirement]]
id = "MINE"
text = "No plan is within a hundredth of 704 ug/day."
formula = "always (plan_ug_per_h <= least or plan_ug_per_h >= most)"
"#;
    let mine = Document::from_text("mine.toml", mine);
    let mut library = library(None);
    library.scenario.run_max_h = 3;
    library.requirements = Requirements::with([&mine]).unwrap_or_else(|it| {
        panic!("{}", it[0].render(false));
    });
    let wanted = [place(&library, "MINE")];
    let runs = |method| -> usize {
        let seeds = 1..=3;
        let each = seeds.map(|seed| {
            let quest = Quest {
                wanted: &wanted,
                method,
                budget: 400,
                seed,
                first_only: true,
                beyond: None,
            };
            let done = search(&library, &quest, &mut |_, _| {});
            done.finds.first().map_or(401, |find| find.run)
        });
        each.sum()
    };
    let (guided, random) = (runs(Method::Cmaes), runs(Method::Random));
    assert!(guided * 2 < random, "{guided} of {random}");
    assert!(guided < 3 * 200, "{guided}");
}

#[test]
fn a_run_knows_the_minute_in_which_there_was_something_to_judge() {
    let orders = r#"orders=[{at_min=240,what="stop"}]"#;
    let overrides = ["faults=[]", "run_max_h=8", "follow_up_h=0", orders].map(str::to_owned);
    let library = Library::shipped("first", &overrides).expect("it ships");
    let library = library.expect("good");
    // A stop is judged when it is ordered, and at no other time.
    let aim = Aim::new(&library, &[place(&library, "WB-04")]);
    let seen = flown(&aim, &library.scenario).expect("a scenario");
    assert_eq!((seen.nearest, seen.violated), (Some(240), vec![]));
    let mut quiet = library.scenario.clone();
    quiet.orders.clear();
    assert_eq!(flown(&aim, &quiet).expect("a scenario").nearest, None);
}
