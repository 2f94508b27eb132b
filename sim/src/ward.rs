//! What is wrong with the people, as numbers. Their rules are in the ward's file; this is what departs from
//! them for a while, and what of it has shown.

use infusion_types::Order;

/// How people depart from their rules.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ward {
    /// Nobody looks at the patient, and nobody weighs.
    pub nurse_away: bool,
    /// Nobody answers an alarm or a question.
    pub nobody_answers: bool,
    /// Alarms are acknowledged, and nothing else is done.
    pub acknowledges_only: bool,
    /// Another alarm is acknowledged than the one that is meant.
    pub acknowledges_another: bool,
    /// Nobody presses start, though all is ready.
    pub nobody_starts: bool,
    /// Nobody confirms the end.
    pub nobody_confirms: bool,
    /// Share of the signs of withdrawal that other drugs hide, thousandths.
    pub masked_permille: u32,
    /// Fever and a fast heart that have another cause, °C above what the patient shows.
    pub fever_c: f64,
    /// Tone and spasms change places on the sheet.
    pub scales_swapped: bool,
    /// The numbers of the sheet before are handed in again.
    pub old_sheet: bool,
    /// Whoever authorises enters this dose, µg/day.
    pub dose_ug_per_day: Option<f64>,
    /// And in multiples of what was meant.
    pub dose_times: f64,
    /// So often each order is entered: once, twice where a key bounces, not at all where it is dead.
    pub presses: u8,
}

impl Ward {
    /// Everybody keeps to the rules.
    pub const ATTENTIVE: Self = Self {
        nurse_away: false,
        nobody_answers: false,
        acknowledges_only: false,
        acknowledges_another: false,
        nobody_starts: false,
        nobody_confirms: false,
        masked_permille: 0,
        fever_c: 0.0,
        scales_swapped: false,
        old_sheet: false,
        dose_ug_per_day: None,
        dose_times: 1.0,
        presses: 1,
    };

    /// The dose that is entered by somebody who means `ug_per_day`.
    #[must_use]
    pub fn entered(&self, ug_per_day: f64) -> f64 {
        self.dose_ug_per_day.unwrap_or(ug_per_day) * self.dose_times
    }

    /// Passes orders through the keys.
    pub fn press(&self, orders: &mut Vec<Order>, departed: &mut Departures) {
        if orders.is_empty() || self.presses == 1 {
            return;
        }
        let meant = std::mem::take(orders);
        for order in &meant {
            orders.extend(std::iter::repeat_n(*order, usize::from(self.presses)));
        }
        departed.note_if(orders.len() > meant.len(), Departure::Bounced);
        departed.note_if(orders.len() < meant.len(), Departure::KeyDead);
    }
}

/// A way in which people have departed from their rules.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub enum Departure {
    /// A round or a weighing was missed.
    RoundMissed,
    /// An alarm or a question was left.
    Left,
    /// A question was left, or a dose not started, though its alarm was acknowledged.
    OnlyAcknowledged,
    /// Another alarm was acknowledged than was meant.
    OtherAcknowledged,
    /// A start was left.
    StartLeft,
    /// The question for the end was left.
    EndLeft,
    /// A sign was hidden.
    Hidden,
    /// A sign was added.
    Feverish,
    /// Scales were swapped, and it showed.
    Swapped,
    /// An old sheet was handed in, and another one was due.
    Old,
    /// Another dose was entered than was meant.
    DoseChanged,
    /// An order was given twice.
    Bounced,
    /// An order was lost.
    KeyDead,
}

impl Departure {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::RoundMissed,
        Self::Left,
        Self::OnlyAcknowledged,
        Self::OtherAcknowledged,
        Self::StartLeft,
        Self::EndLeft,
        Self::Hidden,
        Self::Feverish,
        Self::Swapped,
        Self::Old,
        Self::DoseChanged,
        Self::Bounced,
        Self::KeyDead,
    ];
}

/// A set of them.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Departures(u32);

impl Departures {
    /// Notes one.
    pub const fn note(&mut self, what: Departure) {
        self.0 |= 1 << what as u8;
    }

    /// Notes one where it shows.
    pub const fn note_if(&mut self, shows: bool, what: Departure) {
        self.0 |= (shows as u32) << what as u8;
    }

    /// Whether one is among them.
    #[must_use]
    pub const fn has(self, what: Departure) -> bool {
        self.0 >> what as u8 & 1 == 1
    }

    /// Both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

#[cfg(test)]
mod tests {
    use infusion_types::{OrderKind, User};

    use super::*;

    #[test]
    fn keys_give_orders_once_twice_or_not_at_all() {
        let order = Order {
            by: User(1),
            what: OrderKind::Pause,
        };
        for (presses, shows) in [
            (0, Some(Departure::KeyDead)),
            (1, None),
            (2, Some(Departure::Bounced)),
        ] {
            let ward = Ward {
                presses,
                ..Ward::ATTENTIVE
            };
            let (mut orders, mut departed) = (vec![order], Departures::default());
            ward.press(&mut orders, &mut departed);
            assert_eq!(orders.len(), usize::from(presses));
            assert_eq!(departed.is_empty(), shows.is_none());
            assert!(shows.is_none_or(|what| departed.has(what)));
        }
    }
}
