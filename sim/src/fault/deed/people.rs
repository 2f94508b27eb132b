//! Faults of the people.

use infusion_types::{Order, OrderKind, User};

use crate::fault::Event;
use crate::scenario::{Doing, PeopleFault, StrangersOrder};
use crate::ward::Ward;

/// The dose that a stranger would like, µg/day, and the drug, µg/mL.
const STRANGE: (f64, f64) = (100.0, 2_000.0);

pub(super) fn act(what: &PeopleFault, ward: &mut Ward) -> Option<Event> {
    match *what {
        PeopleFault::NurseAway => ward.nurse_away = true,
        PeopleFault::Unattended => ward.nobody_answers = true,
        PeopleFault::AcknowledgesOnly => ward.acknowledges_only = true,
        PeopleFault::AcknowledgesAnother => ward.acknowledges_another = true,
        PeopleFault::NobodyStarts => ward.nobody_starts = true,
        PeopleFault::NobodyConfirms => ward.nobody_confirms = true,
        PeopleFault::SwappedScales => ward.scales_swapped = true,
        PeopleFault::OldSheet => ward.old_sheet = true,
        PeopleFault::Masked { hidden_permille } => {
            ward.masked_permille = (ward.masked_permille + hidden_permille).min(1_000);
        }
        PeopleFault::Fever { above_c } => ward.fever_c += above_c,
        PeopleFault::UnitSlip { dose_times } => ward.dose_times *= dose_times,
        PeopleFault::KeyBounces => ward.presses = 2,
        PeopleFault::KeyDead => ward.presses = 0,
        // Edited on the sheet.
        PeopleFault::Mistype { .. } => {}
        PeopleFault::WrongDose { ug_per_day } => {
            ward.dose_ug_per_day = Some(ug_per_day.0);
            return Some(Event::Does(Doing::Authorise { ug_per_day }));
        }
        PeopleFault::Pause | PeopleFault::ModeFlap { .. } => {
            return Some(Event::Does(Doing::Pause));
        }
        PeopleFault::RefillUnbridged {
            drug_ug_per_ml,
            volume_ml,
        } => {
            return Some(Event::Does(Doing::Refill {
                drug_ug_per_ml,
                volume_ml,
            }));
        }
        PeopleFault::LineOpened => return Some(Event::LineOpened),
        PeopleFault::ConfirmsEarly => return Some(order(User(1), OrderKind::ConfirmComplete)),
        PeopleFault::Tamper { order: wanted } => {
            return Some(order(User::STRANGER, stranger(wanted)));
        }
    }
    None
}

const fn order(by: User, what: OrderKind) -> Event {
    Event::Orders(Order { by, what })
}

const fn stranger(order: StrangersOrder) -> OrderKind {
    match order {
        StrangersOrder::Authorise => OrderKind::Authorise(STRANGE.0),
        StrangersOrder::Start => OrderKind::Start,
        StrangersOrder::Pause => OrderKind::Pause,
        StrangersOrder::Resume => OrderKind::Resume,
        StrangersOrder::Stop => OrderKind::Stop,
        StrangersOrder::SkipDecrement => OrderKind::SkipDecrement,
        StrangersOrder::SetConcentration => OrderKind::SetConcentration(STRANGE.1),
        StrangersOrder::ConfirmComplete => OrderKind::ConfirmComplete,
    }
}
