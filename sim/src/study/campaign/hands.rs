//! The orders of a drawn case: what people do and say, and when.
//!
//! Each has an address of its own, as faults have: how many there are moves none of them. Half of them come near
//! something else that happens, since what is right at any other moment is often wrong beside a fault.

use super::file::{Base, Draws};
use crate::catalogue::wide;
use crate::draw::{Draws as Addressed, Numbers, Purpose};
use crate::input::Document;
use crate::scenario::{Fault, Scripted};
use crate::study::complaints::of_faults;
use crate::study::orders::{self, DONE, SAID};

/// How near an order comes to something else, minutes.
const NEAR_MIN: (f64, f64) = (1.0, 240.0);
/// Of a thousand, how many come near something else.
const NEAR_PERMILLE: u32 = 500;
/// Of those, how many come after it.
const AFTER_PERMILLE: u32 = 750;

/// The orders of case number `case` for a patient of a base, beside these faults; in the order of their times.
pub(super) fn orders(
    (seed, asked): (u64, &Draws),
    case: u64,
    (base, patient): (&Base, u64),
    faults: &[Fault],
) -> Vec<Scripted> {
    let most = u64::from(asked.orders);
    if most == 0 {
        return Vec::new();
    }
    let draws = Addressed::new(seed, case);
    let at = |name: &str, slot: u64| draws.at(Purpose::Campaign, name, slot);
    // Somebody does something where nothing breaks.
    let least = u64::from(faults.is_empty());
    let mut library = base.library.clone();
    library.scenario.faults = faults.to_vec();
    let document = Document::from_text("", "");
    let dose = base.library.scenario.patient;
    let dose = dose.and_then(|one| one.start_dose_ug_per_day);
    let last_min = base.library.scenario.run_max_h.saturating_mul(60);
    let last_min = last_min.saturating_sub(1);
    let mut drawn: Vec<Scripted> = Vec::new();
    for slot in 1..=at("orders", 0).within(least, most) {
        let mut numbers = at("order", slot);
        let kinds = (DONE.len() + SAID.len()) as u64;
        let kind = numbers.within(0, kinds - 1) as usize;
        let at_min = minute(asked, faults, &drawn, &mut numbers).min(last_min);
        let what = match kind.checked_sub(DONE.len()) {
            None => orders::done(kind, dose, || numbers.uniform()),
            Some(kind) => orders::said(kind, dose, || numbers.uniform()),
        };
        let what = orders::rounded(what);
        library.scenario.orders.push(Scripted { at_min, what });
        if of_faults(&document, &library, patient).is_empty() {
            drawn.push(Scripted { at_min, what });
        } else {
            library.scenario.orders.pop();
        }
    }
    drawn.sort_by_key(|it| it.at_min);
    drawn
}

fn minute(asked: &Draws, faults: &[Fault], drawn: &[Scripted], numbers: &mut Numbers) -> u32 {
    let ends = faults
        .iter()
        .flat_map(|it| [Some(it.from_min), it.until_min]);
    let others = ends.flatten().chain(drawn.iter().map(|it| it.at_min));
    let others: Vec<u32> = others.collect();
    let is_near = numbers.happens(NEAR_PERMILLE);
    let is_after = numbers.happens(AFTER_PERMILLE);
    let off = wide(NEAR_MIN, numbers.uniform()) as u32;
    let [earliest, latest] = asked.from_min.map(u64::from);
    let anywhere = numbers.within(earliest, latest);
    let place = (numbers.uniform() * others.len() as f64) as usize;
    match others.get(place).filter(|_| is_near) {
        Some(other) if is_after => other.saturating_add(off),
        Some(other) => other.saturating_sub(off),
        None => u32::try_from(anywhere).unwrap_or(u32::MAX),
    }
}
