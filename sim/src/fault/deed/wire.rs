//! Faults of the link.

use crate::fault::World;
use crate::link::{Forgery, Wire};
use crate::scenario::{ForgeryName, WayName, WireFault};

pub(super) fn act(what: &WireFault, world: &mut World) {
    match *what {
        WireFault::LinkLoss {
            direction,
            lost_permille,
        } => each(world, direction, |way| {
            add(&mut way.lost_permille, lost_permille);
        }),
        WireFault::Delay {
            direction,
            delay_ms,
        } => each(world, direction, |way| way.delay_ms += u64::from(delay_ms)),
        WireFault::Double {
            direction,
            doubled_permille,
        } => each(world, direction, |way| {
            add(&mut way.doubled_permille, doubled_permille);
        }),
        WireFault::Swap {
            direction,
            swapped_permille,
        } => each(world, direction, |way| {
            add(&mut way.swapped_permille, swapped_permille);
        }),
        WireFault::Flip {
            direction,
            flipped_permille,
        } => each(world, direction, |way| {
            add(&mut way.flipped_permille, flipped_permille);
        }),
        WireFault::Cut {
            direction,
            cut_permille,
        } => each(world, direction, |way| {
            add(&mut way.cut_permille, cut_permille);
        }),
        WireFault::Freeze { direction } => each(world, direction, |way| way.frozen = true),
        WireFault::ReadBackLoss => world.up.read_back_lost = true,
        WireFault::Replay { age_s } => world.down.replayed_ms = Some(u64::from(age_s) * 1_000),
        WireFault::Forge { seal, rate_times } => {
            world.down.forged = Some(forgery(seal));
            world.down.forged_rate_times = rate_times;
        }
        WireFault::Flood {
            direction,
            frames_per_s,
        } => each(world, direction, |way| way.flood_per_s += frames_per_s),
    }
}

fn each(world: &mut World, direction: WayName, change: impl Fn(&mut Wire)) {
    match direction {
        WayName::Both => {
            change(&mut world.up);
            change(&mut world.down);
        }
        WayName::Up => change(&mut world.up),
        WayName::Down => change(&mut world.down),
    }
}

/// Two faults of one kind are as likely together as they are one by one, up to certainty.
fn add(chance: &mut u32, permille: u32) {
    *chance = (*chance + permille).min(1_000);
}

const fn forgery(name: ForgeryName) -> Forgery {
    match name {
        ForgeryName::BadSeal => Forgery::BadSeal,
        ForgeryName::OldSession => Forgery::OldSession,
        ForgeryName::StolenKey => Forgery::StolenKey,
    }
}
