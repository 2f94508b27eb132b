//! A controller is held to what it has declared: the same at every door.

use std::borrow::Cow;

use infusion_types::{Abilities, Decision, Order, Timestamp};

/// The orders that a controller has keys for; the others never reach it.
pub(crate) fn taken<'a>(has: &Abilities, orders: &'a [Order]) -> Cow<'a, [Order]> {
    if orders.iter().all(|order| has.order(order.what)) {
        return Cow::Borrowed(orders);
    }
    let taken = orders.iter().filter(|order| has.order(order.what));
    Cow::Owned(taken.copied().collect())
}

/// What a decision at `now` says that this controller cannot say, and a next one that is not later.
pub(crate) fn beyond(
    has: &Abilities,
    now: Timestamp,
    decision: &Decision,
    next: Timestamp,
) -> Option<String> {
    let stray = decision.alarms.active.without(has.alarms);
    if let Some(alarm) = stray.iter().next() {
        let id = alarm.id();
        return Some(format!("it signals {id}, which it has not declared"));
    }
    if !has.mode(decision.mode) {
        let mode = decision.mode.name();
        return Some(format!("it is in {mode}, which it has not declared"));
    }
    let (next, now) = (next.millis(), now.millis());
    (next <= now).then(|| format!("its `next` is {next} ms, and it is {now} ms"))
}
