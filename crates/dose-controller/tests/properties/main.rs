//! Laws that hold whatever the outside world does, one test for each.
//!
//! A world of turns (time, people, pump, resets) meets a controller; the reference knows what time it is
//! and nothing of rates. A law looks on from outside and keeps books of its own.
//!
//! By default there are few enough cases to be run at every change. For a night, give each law its number:
//! `PROPTEST_CASES=20000 cargo test -p dose-controller --release --test properties`. A case that fails is
//! kept by its seed in `main.regressions`; a seed whose law has other turns since then is another case.

#[path = "../support/mod.rs"]
mod support;

mod laws;
mod machine;
mod memory;
mod trouble;
mod turns;

use laws::{
    Distance, Interruptions, Limit, Numbers, Orderly, Panel, Possible, Silence, Slope, Steady,
    Stops, Wild, Windows,
};
use machine::Machine;
use proptest::test_runner::{Config, FileFailurePersistence};
use proptest_state_machine::prop_state_machine;

/// As many cases as the environment wants for a long run, or `usual`.
fn config(usual: u32) -> Config {
    let wanted = std::env::var("PROPTEST_CASES").ok();
    let wanted = wanted.map(|cases| cases.parse().expect("a number of cases"));
    Config {
        cases: wanted.unwrap_or(usual),
        max_shrink_iters: 2_000,
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..Config::default()
    }
}

prop_state_machine! {
    #![proptest_config(config(400))]

    /// SR-01, SR-03: no rate above the limit, no rise that two users did not ask for.
    #[test]
    fn never_above_the_limit(sequential 1..16 => Machine<Limit>);

    /// SR-04: half of the plan of any moment is left a day later.
    #[test]
    fn never_abrupt(sequential 1..16 => Machine<Slope>);

    /// SR-05, SR-06, SR-07, SR-37: decrements are far apart, and each has its grounds.
    #[test]
    fn decrements_keep_their_distance(sequential 1..16 => Machine<Distance>);

    /// SR-11, SR-17, SR-18: the pump can do what it is told, and it is the plan.
    #[test]
    fn every_rate_is_the_plan_and_possible(sequential 1..16 => Machine<Possible>);

    /// SR-12, SR-35, SR-37: nothing is stopped without a cause.
    #[test]
    fn every_stop_has_a_cause(sequential 1..16 => Machine<Stops>);

    /// SR-14, SR-15, SR-16: nothing is caught up, and gaps and ends have their rules.
    #[test]
    fn interruptions_are_not_made_up_for(sequential 1..16 => Machine<Interruptions>);

    /// SR-68, SR-69, SR-70, SR-71, SR-73: the panel hides nothing, and nothing waits for ever.
    #[test]
    fn the_panel_hides_nothing(sequential 1..16 => Machine<Panel>);

    /// SR-19: a wild number changes nothing that leaves.
    #[test]
    fn wild_numbers_change_nothing(sequential 1..16 => Machine<Wild>);

    /// SR-27, SR-44: the windows are what was planned, and hold what was given.
    #[test]
    fn windows_survive_everything(sequential 1..16 => Machine<Windows>);

    /// SR-30: without a report that counts no alarm that needs one comes or goes, and no rung is taken.
    #[test]
    fn a_silence_says_nothing(sequential 1..16 => Machine<Silence>);

    /// SR-21, SR-22, SR-28: numbers rise, are tried three times, and nothing new leaves unread but a stop.
    #[test]
    fn each_number_is_one_command(sequential 1..16 => Machine<Numbers>);

    /// SR-03, SR-56: people and rungs move the plan, and nothing else does.
    #[test]
    fn the_plan_is_steady(sequential 1..16 => Machine<Steady>);

    /// The modes move as drawn, the controller asks to be woken, and nothing is left to chance.
    #[test]
    fn one_function_of_time_and_inputs(sequential 1..16 => Machine<Orderly>);
}
