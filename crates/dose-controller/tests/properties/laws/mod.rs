//! The laws, each with its own books, and the books that several of them keep.

mod course;
mod dose;
mod flow;
mod link;
mod panel;

use core::time::Duration;

use infusion_types::{
    Action, Concentration, DailyDose, DoseRate, Mode, OrderKind, Send, Timestamp, User, door,
};

pub(crate) use course::{Distance, Interruptions, Stops};
pub(crate) use dose::{Limit, Possible, Slope};
pub(crate) use flow::{Orderly, Wild, Windows};
pub(crate) use link::{Numbers, Silence, Steady};
pub(crate) use panel::Panel;

use super::machine::Step;

/// The strongest drug that the turns know: its quantum is the widest.
const STRONGEST: u32 = 5_000;

fn commanded(step: &Step<'_>) -> Option<Action> {
    match step.decision.send {
        Send::Command(command) => Some(command.action),
        Send::Ping | Send::Quiet(_) => None,
    }
}

/// The plan of a session, which a self-test after a reset does not end.
#[derive(Clone, Copy, Debug, Default)]
struct Session {
    runs: bool,
    plan: DoseRate,
}

impl Session {
    fn see(&mut self, step: &Step<'_>) {
        if step.reset == Some(false) {
            *self = Self::default();
        }
        let mode = step.decision.mode;
        let booting = matches!(mode, Mode::Off | Mode::Post);
        self.runs = mode.is_therapy() || (booting && self.runs);
        if mode.is_therapy() {
            self.plan = step.decision.plan;
        } else if !self.runs {
            self.plan = DoseRate::ZERO;
        }
    }
}

/// Doses and drugs on which two users agreed.
#[derive(Clone, Debug, Default)]
struct Pairs {
    dose: Option<(DailyDose, User, Timestamp)>,
    drug: Option<(Concentration, User, Timestamp)>,
    doses: Vec<(Timestamp, DailyDose)>,
    drugs: Vec<Concentration>,
}

impl Pairs {
    fn see(&mut self, step: &Step<'_>) {
        if step.reset == Some(false) {
            *self = Self::default();
        }
        let within = step.protocol.timing().second_user_within;
        for order in step.orders {
            let fresh =
                |then: Timestamp, user: User| user != order.by && step.at.since(then) <= within;
            if let OrderKind::Authorise(raw) = order.what
                && let Ok(dose) = door::daily_dose_ug(raw)
            {
                let agrees = |(other, user, then)| other == dose && fresh(then, user);
                if self.dose.is_some_and(agrees) {
                    self.doses.push((step.at, dose));
                }
                self.dose = Some((dose, order.by, step.at));
            }
            if let OrderKind::SetConcentration(raw) = order.what
                && let Ok(drug) = door::concentration_ug_per_ml(raw)
            {
                let agrees = |(other, user, then)| other == drug && fresh(then, user);
                if self.drug.is_some_and(agrees) {
                    self.drugs.push(drug);
                }
                self.drug = Some((drug, order.by, step.at));
            }
        }
    }

    /// The most that was authorised within `time`.
    fn most(&self, now: Timestamp, time: Duration) -> Option<DoseRate> {
        let recent = self
            .doses
            .iter()
            .filter(|(then, _)| now.since(*then) <= time);
        recent.map(|(_, dose)| dose.rate()).max()
    }
}
