//! What a requirement presupposes of a controller, read off its formula.
//!
//! A controller that has no such alarm can never raise it, and is never in a mode that it does not know. So the
//! formula is worked out with all of that as false. What comes to the same whatever happens demands nothing of
//! this controller, or nothing that it could do; nor does one apply whose demand could only be met with alarms that
//! it has not. Neither is a breach, and neither is a pass.

use infusion_types::{Abilities, Alarm, Mode, OrderKind};
use temporal_logic::{Connective, Formula, Node};

use super::{Requirement, Requirements};
use crate::formula::{Term, Vocabulary};

/// Signals that are an order: without its key nobody can give it.
const ORDERS: [(&str, OrderKind); 4] = [
    ("orders_stop", OrderKind::Stop),
    ("stop_ordered", OrderKind::Stop),
    ("orders_resume", OrderKind::Resume),
    ("confirms", OrderKind::ConfirmComplete),
];

impl Requirements {
    /// Whether a requirement speaks of nothing that a controller has not.
    #[must_use]
    pub fn apply(&self, requirement: &Requirement, has: &Abilities) -> bool {
        let Some(formula) = requirement.formula().filter(|_| *has != Abilities::ALL) else {
            return true;
        };
        let reading = Reading {
            formula,
            vocabulary: self.vocabulary(),
            has,
        };
        reading.applies()
    }
}

struct Reading<'r> {
    formula: &'r Formula,
    vocabulary: &'r Vocabulary,
    has: &'r Abilities,
}

impl Reading<'_> {
    fn applies(&self) -> bool {
        let root = self.formula.root();
        let (gate, demand) = if let Node::Join(Connective::Implies, sides) = root {
            (self.known(&sides[0]), &sides[1])
        } else {
            (None, root)
        };
        // Nothing can arm it, or nothing is left open.
        if gate == Some(false) || (self.known(demand).is_some() && self.lacks_any()) {
            return false;
        }
        let mut alarms = Vec::new();
        self.wanted(demand, true, &mut alarms);
        alarms.is_empty() || alarms.iter().any(|alarm| self.has.alarm(*alarm))
    }

    fn lacks_any(&self) -> bool {
        (0..self.formula.atoms().len()).any(|atom| self.atom(atom).is_some())
    }

    fn terms(&self, atom: usize) -> impl Iterator<Item = Term> {
        let signals = self.formula.atoms()[atom].signals().into_iter();
        signals.map(|signal| self.vocabulary.term(signal))
    }

    /// What an atom always comes to, because the controller lacks what it speaks of.
    fn atom(&self, atom: usize) -> Option<bool> {
        for term in self.terms(atom) {
            if let Term::Alarm(alarm, _) = term
                && !self.has.alarm(alarm)
            {
                return Some(false);
            }
            let name = term.name();
            let order = ORDERS.iter().find(|(signal, _)| *signal == name);
            if order.is_some_and(|(_, order)| !self.has.order(*order)) {
                return Some(false);
            }
        }
        let mut words = self.formula.atom_text(atom).split_whitespace();
        let (Some("mode"), Some(compared), Some(word)) = (words.next(), words.next(), words.next())
        else {
            return None;
        };
        let mode = Mode::ALL.into_iter().find(|mode| mode.name() == word)?;
        (!self.has.mode(mode)).then_some(compared == "!=")
    }

    /// What a part of the formula always comes to; none if that is open.
    fn known(&self, node: &Node) -> Option<bool> {
        match node {
            Node::Atom(atom) => self.atom(*atom),
            Node::Not(of) => self.known(of).map(|known| !known),
            Node::Join(how, sides) => join(*how, self.known(&sides[0]), self.known(&sides[1])),
            // What never changes has no edge.
            Node::Edge { of, .. } => self.known(of).map(|_| false),
            Node::Window(_, _, of) | Node::Past(_, of) => self.known(of),
            Node::Until(_, sides) | Node::Since(_, sides) | Node::PastSince(sides) => {
                self.known(&sides[1]).filter(|known| !known)
            }
        }
    }

    /// The alarms that help to meet it.
    fn wanted(&self, node: &Node, wanted: bool, alarms: &mut Vec<Alarm>) {
        match node {
            Node::Atom(atom) => alarms.extend(self.terms(*atom).filter_map(|term| match term {
                Term::Alarm(alarm, _) => wanted.then_some(alarm),
                Term::Signal(_) | Term::Derived(..) => None,
            })),
            Node::Not(of) => self.wanted(of, !wanted, alarms),
            Node::Join(Connective::Implies, sides) => {
                self.wanted(&sides[0], !wanted, alarms);
                self.wanted(&sides[1], wanted, alarms);
            }
            Node::Join(_, sides)
            | Node::Until(_, sides)
            | Node::Since(_, sides)
            | Node::PastSince(sides) => {
                self.wanted(&sides[0], wanted, alarms);
                self.wanted(&sides[1], wanted, alarms);
            }
            Node::Edge { of, .. } | Node::Window(_, _, of) | Node::Past(_, of) => {
                self.wanted(of, wanted, alarms);
            }
        }
    }
}

/// What two sides that may be open come to.
fn join(how: Connective, left: Option<bool>, right: Option<bool>) -> Option<bool> {
    let either = |left: Option<bool>, right: Option<bool>| match (left, right) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        (None, _) | (_, None) => None,
    };
    let not = |side: Option<bool>| side.map(|known| !known);
    match how {
        Connective::Or => either(left, right),
        Connective::And => not(either(not(left), not(right))),
        Connective::Implies => either(not(left), right),
        Connective::Iff => Some(left? == right?),
        Connective::Xor => Some(left? != right?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applies(id: &str, has: &Abilities) -> bool {
        let all = Requirements::shipped();
        all.apply(all.get(id).expect("it ships"), has)
    }

    fn without(alarms: &[Alarm], modes: &[Mode]) -> Abilities {
        let mut has = Abilities::ALL;
        for alarm in alarms {
            has.alarms = has.alarms.with(*alarm, false);
        }
        has.with_modes(Mode::ALL.into_iter().filter(|mode| !modes.contains(mode)))
    }

    #[test]
    fn whoever_has_everything_is_judged_by_everything() {
        let all = Requirements::shipped();
        assert!(all.all().iter().all(|it| all.apply(it, &Abilities::ALL)));
    }

    #[test]
    fn a_demand_for_an_alarm_that_there_is_not_does_not_apply() {
        let has = without(
            &[Alarm::DoseDeficit10, Alarm::PausedLong, Alarm::DwellTime],
            &[],
        );
        for id in ["SR-10a", "WB-08", "SR-78a", "SR-78b"] {
            assert!(!applies(id, &has), "{id}");
        }
        for id in ["SR-10b", "SR-39", "SR-05", "WB-04", "SR-67"] {
            assert!(applies(id, &has), "{id}");
        }
    }

    #[test]
    fn an_alarm_that_can_stand_in_for_another_is_demanded() {
        assert!(applies("SR-19a", &without(&[Alarm::SensorFault], &[])));
        let neither = without(&[Alarm::SensorFault, Alarm::LimitClamped], &[]);
        assert!(!applies("SR-19a", &neither));
        // Not to signal it is a condition that is always met.
        assert!(applies("SR-19b", &without(&[Alarm::ProgramMismatch], &[])));
    }

    #[test]
    fn what_nothing_can_arm_does_not_apply() {
        assert!(!applies("SR-60b", &without(&[Alarm::ClockFault], &[])));
        assert!(!applies("SR-49", &without(&[], &[Mode::Prime])));
        assert!(!applies("WB-19", &without(&[], &[Mode::Complete])));
        assert!(!applies("WB-05", &without(&[], &[Mode::Active])));
        assert!(applies("SR-55b", &without(&[], &[Mode::Off])));
        assert!(applies("WB-03", &without(&[], &[Mode::Fallback])));
        let keyless = Abilities::ALL.with_orders([OrderKind::Start]);
        assert!(!applies("WB-04", &keyless) && applies("SR-05", &keyless));
    }
}
