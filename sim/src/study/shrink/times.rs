//! What can be made simpler of the times of a scenario: its end, and when things happen and how long they last.

use super::flight::ended;
use super::probe::Simpler;
use super::steps::{Now, named};
use crate::scenario::{Fault, Scenario};

/// Minutes that something can last, or begin at, when it is short.
const SHORT_MIN: [u32; 3] = [1, 10, 60];
/// So much of a longer time, eighths.
const EIGHTHS: [u32; 2] = [4, 7];
/// So much later a run may end than all that happens in it was moved: nurses look every four hours.
const ROUND_H: u32 = 4;

/// The run ends soon after the breach, and nobody looks on afterwards.
pub(super) fn cut(now: &Now<'_>) -> Vec<Simpler> {
    let scenario = now.scenario;
    let at_h = now.tried.breached_at_h.or(now.tried.worst_at_h);
    let Some(at_h) = at_h else {
        return Vec::new();
    };
    let least = libm::ceil((at_h + now.horizon_h).max(1.0)) as u32;
    let half = scenario.run_max_h.midpoint(least);
    let mut ends = vec![least, least + 1, least + 3, least + 12, half];
    ends.retain(|end| *end < scenario.run_max_h);
    if scenario.follow_up_h > 0 || scenario.follow_up_stop_h > 1 {
        ends.push(scenario.run_max_h);
    }
    let made = ends.into_iter().map(|end_h| {
        let it = ended(scenario, end_h);
        Simpler::new("the end of the run", format!("at hour {end_h}"), it)
    });
    made.collect()
}

/// Minutes before `from`, the fewest first: short ones, then parts of it in whole hours.
fn before(from: u32) -> Vec<u32> {
    let parts = EIGHTHS.map(|eighths| from / 8 * eighths / 60 * 60);
    let last = [from.saturating_sub(60), from.saturating_sub(10)];
    let round = |last: u32| last / 10 * 10;
    let mut all: Vec<u32> = parts
        .into_iter()
        .chain(SHORT_MIN)
        .chain(last.map(round))
        .chain([0])
        .filter(|at| *at < from)
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn moved(fault: &mut Fault, by: u32) {
    if !fault.what.only_at_start() {
        fault.from_min -= by;
        fault.until_min = fault.until_min.map(|until| until - by);
    }
}

/// Everything that is left happens by so much earlier, and the run ends by so much earlier; what begins before
/// `first` is left out, but for what is there from the start.
fn moved_up(now: &Now<'_>, first: u32, at: u32) -> Scenario {
    let mut it = now.scenario.clone();
    let by = first - at;
    let stays = |fault: &Fault| fault.what.only_at_start() || fault.from_min >= first;
    it.faults.retain(stays);
    it.orders.retain(|order| order.at_min >= first);
    for fault in &mut it.faults {
        moved(fault, by);
    }
    for order in &mut it.orders {
        order.at_min -= by;
    }
    let end_h = (it.run_max_h * 60).saturating_sub(by).div_ceil(60) + ROUND_H;
    ended(&it, end_h.min(it.run_max_h))
}

/// When faults that can be moved begin, and orders are given, the first first.
fn beginnings(scenario: &Scenario) -> Vec<u32> {
    let free = |fault: &&Fault| !fault.what.only_at_start();
    let faults = scenario.faults.iter().filter(free);
    let times = faults.map(|fault| fault.from_min);
    let mut times: Vec<u32> = times
        .chain(scenario.orders.iter().map(|order| order.at_min))
        .collect();
    times.sort_unstable();
    times.dedup();
    times
}

/// Only the last that happens, the last two, and so on, in the first hours or at the same time of the first day:
/// where that fails, all else is cheap from there on.
pub(super) fn last_ones(now: &Now<'_>) -> Vec<Simpler> {
    const DAY_MIN: u32 = 24 * 60;
    let mut made = Vec::new();
    for first in beginnings(now.scenario).into_iter().rev() {
        for at in [60, first % DAY_MIN] {
            if at < first {
                let part = format!("what begins from {first} min on");
                let change = format!("alone, at {at} min");
                made.push(Simpler::new(part, change, moved_up(now, first, at)));
            }
        }
    }
    made
}

/// Everything that happens begins earlier, in the same order, and the run ends as much earlier.
pub(super) fn all_earlier(now: &Now<'_>) -> Vec<Simpler> {
    let Some(first) = beginnings(now.scenario).first().copied() else {
        return Vec::new();
    };
    let made = before(first).into_iter().map(|at| {
        let it = moved_up(now, first, at);
        Simpler::new("the first event", format!("at {at} min"), it)
    });
    made.collect()
}

/// Each fault and order begins earlier by itself.
pub(super) fn earlier(now: &Now<'_>) -> Vec<Simpler> {
    let mut made = Vec::new();
    for (place, fault) in now.scenario.faults.iter().enumerate() {
        if fault.what.only_at_start() {
            continue;
        }
        for at in before(fault.from_min) {
            let mut it = now.scenario.clone();
            moved(&mut it.faults[place], fault.from_min - at);
            let part = format!("the beginning of {}", named(fault));
            made.push(Simpler::new(part, format!("at {at} min"), it));
        }
    }
    for (place, order) in now.scenario.orders.iter().enumerate() {
        for at in before(order.at_min) {
            let mut it = now.scenario.clone();
            it.orders[place].at_min = at;
            let part = format!("the order at {} min", order.at_min);
            made.push(Simpler::new(part, format!("at {at} min"), it));
        }
    }
    made
}

/// Each fault lasts less long.
pub(super) fn shorter(now: &Now<'_>) -> Vec<Simpler> {
    let mut made = Vec::new();
    for (place, fault) in now.scenario.faults.iter().enumerate() {
        let Some(until) = fault.until_min else {
            continue;
        };
        let lasts = until - fault.from_min;
        for minutes in before(lasts).into_iter().filter(|minutes| *minutes > 0) {
            let mut it = now.scenario.clone();
            it.faults[place].until_min = Some(fault.from_min + minutes);
            let part = format!("the length of {}", named(fault));
            made.push(Simpler::new(part, format!("{minutes} min"), it));
        }
    }
    made
}

/// How round a time is.
fn roundness(minutes: u32) -> usize {
    let grids = [60, 30, 10, 5];
    let grid = grids.iter().position(|grid| minutes.is_multiple_of(*grid));
    grids.len() - grid.unwrap_or(grids.len())
}

/// Times that are rounder, the roundest first: just earlier and just later ones.
fn rounded(minutes: u32) -> Vec<u32> {
    let grids = [60, 30, 10, 5].into_iter();
    let both = grids.flat_map(|grid| [minutes / grid * grid, minutes.div_ceil(grid) * grid]);
    let mut all: Vec<u32> = both
        .filter(|it| roundness(*it) > roundness(minutes))
        .collect();
    all.dedup();
    all
}

/// Times that are rounder.
pub(super) fn rounder(now: &Now<'_>) -> Vec<Simpler> {
    let mut made = Vec::new();
    for (place, fault) in now.scenario.faults.iter().enumerate() {
        for at in rounded(fault.from_min) {
            if fault.until_min.is_some_and(|until| until <= at) {
                continue;
            }
            let mut it = now.scenario.clone();
            it.faults[place].from_min = at;
            let part = format!("the beginning of {}", named(fault));
            made.push(Simpler::new(part, format!("at {at} min"), it));
        }
        let lasts = fault.until_min.map(|until| until - fault.from_min);
        for minutes in lasts.map_or_else(Vec::new, rounded) {
            let mut it = now.scenario.clone();
            it.faults[place].until_min = Some(fault.from_min + minutes);
            if minutes > 0 {
                let part = format!("the length of {}", named(fault));
                made.push(Simpler::new(part, format!("{minutes} min"), it));
            }
        }
    }
    for (place, order) in now.scenario.orders.iter().enumerate() {
        for at in rounded(order.at_min) {
            let mut it = now.scenario.clone();
            it.orders[place].at_min = at;
            let part = format!("the order at {} min", order.at_min);
            made.push(Simpler::new(part, format!("at {at} min"), it));
        }
    }
    made
}
