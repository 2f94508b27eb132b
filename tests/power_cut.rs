//! The supply dips at every state that is stored about a decrement, and anywhere within it: the rung is taken
//! once, nobody goes back to a default, and every requirement on dose and books holds.
//!
//! The decrement is the first of the shortest scenario, a day after the start. A state that is cut short leaves
//! the one before it; what was commanded meanwhile is read back from the pump.

use dose_controller::Controller;
use rayon::prelude::*;
use weanbench::bench::{Bench, Observer};
use weanbench::case::Case;
use weanbench::clock::SimTime;
use weanbench::config::Library;
use weanbench::judge::Judge;
use weanbench::record::Record;

/// From when on stored states are counted, hours: shortly before the first decrement.
const FROM_H: f64 = 1_483.0 / 60.0;
/// Until when, hours: its command has been read back long since.
const UNTIL_H: f64 = 1_500.0 / 60.0;
/// States that are stored from shortly before the decrement until after its read-back.
const WRITES: u32 = 8;
/// How much of a state arrives, thousandths.
const ARRIVES: [u32; 8] = [0, 1, 50, 333, 600, 900, 999, 1_000];

/// What was seen of a run: truth where there is one.
struct Flown {
    judge: Judge,
    /// Flows that the pump was set to, in their order, nL/h; 0 where it stood still.
    flows: Vec<u64>,
    /// Plans in their order, ng/h.
    plans: Vec<u64>,
    restarted: Option<SimTime>,
}

impl Observer for Flown {
    fn observe(&mut self, record: &Record<'_>) {
        self.judge.observe(record);
        let put = |list: &mut Vec<u64>, rate: u64| {
            if list.last() != Some(&rate) {
                list.push(rate);
            }
        };
        if let Some(truth) = record.truth {
            put(
                &mut self.flows,
                (truth.set_flow_ul_per_h * 1e3).round() as u64,
            );
        }
        // Until it has been through its self-test a controller plans nothing.
        if let Some(decision) = record.decision.filter(|it| it.mode.is_therapy()) {
            put(&mut self.plans, decision.plan.nanograms_per_hour());
        }
        if record.platform.is_some_and(|it| it.restarts > 0) {
            self.restarted = self.restarted.or(Some(record.at));
        }
    }
}

fn library(profile: &str, cut: Option<(u32, u32)>) -> Library {
    let faults = cut.map_or("[]".to_owned(), |(write, written)| {
        let what = format!("{{ power_cut = {{ write = {write}, written_permille = {written} }} }}");
        format!("[{{ id = \"cut\", from_min = 1483, what = {what} }}]")
    });
    let overrides = [
        format!("profile={profile}"),
        format!("faults={faults}"),
        "run_max_h=48".to_owned(),
    ];
    let library = Library::shipped("first", &overrides).expect("it ships");
    library.unwrap_or_else(|complaints| panic!("{}", complaints[0]))
}

/// Flies it, and says which requirements are violated.
fn flown(library: &Library) -> (Flown, Vec<String>) {
    let case = Case::new(library, &library.scenario.arms[0], 0).expect("checked");
    let mut flown = Flown {
        judge: Judge::new(&case),
        flows: Vec::new(),
        plans: Vec::new(),
        restarted: None,
    };
    let bench = Bench::new(&case, Controller::new);
    let ended = bench.run(&mut flown).expect("no stall");
    let judge = std::mem::replace(&mut flown.judge, Judge::new(&case));
    let findings = judge.finish(&case, &ended).findings;
    let violated = library.requirements.judged().zip(&findings);
    let violated = violated.filter(|(_, finding)| finding.violated());
    let violated = violated.map(|(requirement, _)| requirement.id.clone());
    (flown, violated.collect())
}

#[test]
fn a_power_cut_at_any_write_of_a_decrement_takes_the_rung_once() {
    let (undisturbed, _) = flown(&library("P1", None));
    let [start, rung] = undisturbed.plans[..] else {
        panic!("a start and a rung: {:?}", undisturbed.plans);
    };
    assert!(rung < start);
    let cases: Vec<(u32, u32)> = (1..=WRITES)
        .flat_map(|write| ARRIVES.map(|written| (write, written)))
        .collect();
    let results: Vec<(f64, Vec<String>)> = cases
        .par_iter()
        .map(|&(write, written)| {
            let (flown, mut wrong) = flown(&library("P1", Some((write, written))));
            if flown.plans != undisturbed.plans {
                wrong.push(format!("plans {:?}", flown.plans));
            }
            if flown.flows != undisturbed.flows {
                wrong.push(format!("flows {:?}", flown.flows));
            }
            let at = flown.restarted.map_or(f64::NAN, SimTime::hours);
            let what = format!("write {write}, {written} in 1000, restarted at {at:.3} h");
            (
                at,
                wrong
                    .into_iter()
                    .map(|it| format!("{what}: {it}"))
                    .collect(),
            )
        })
        .collect();
    let wrong: Vec<&String> = results.iter().flat_map(|(_, wrong)| wrong).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    // Every write about the decrement has been met: each run restarted, and the last one long after it.
    assert!(results.iter().all(|(at, _)| *at >= FROM_H));
    let last = results.iter().map(|(at, _)| *at).fold(FROM_H, f64::max);
    assert!(last > UNTIL_H, "{last} h");
}
