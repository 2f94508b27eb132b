//! What a controller has: orders it takes, modes it knows, alarms it raises.
//!
//! The shipped one has all of them. A foreign one may have fewer and say so; then it is not handed what it has no
//! key for, and a requirement that speaks of what it has not is not applicable: no breach, and no pass.

use core::fmt;

use crate::{Alarm, AlarmSet, Mode, OrderKind};

/// The orders, by their places in [`place`].
const ORDERS: u32 = 18;

/// What a controller has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Abilities {
    orders: u32,
    modes: u16,
    /// The alarms that it can raise.
    pub alarms: AlarmSet,
}

impl Abilities {
    /// Everything that there is.
    pub const ALL: Self = Self {
        orders: (1 << ORDERS) - 1,
        modes: (1 << Mode::ALL.len()) - 1,
        alarms: AlarmSet::from_bits(u64::MAX),
    };

    /// The same with these orders and no others; what an order carries does not matter.
    #[must_use]
    pub fn with_orders(self, orders: impl IntoIterator<Item = OrderKind>) -> Self {
        let orders = orders.into_iter().fold(0, |set, it| set | 1 << place(it));
        Self { orders, ..self }
    }

    /// The same with these modes and no others.
    #[must_use]
    pub fn with_modes(self, modes: impl IntoIterator<Item = Mode>) -> Self {
        let modes = modes.into_iter().fold(0, |set, it| set | bit(it));
        Self { modes, ..self }
    }

    /// The same with these alarms and no others.
    #[must_use]
    pub fn with_alarms(self, alarms: impl IntoIterator<Item = Alarm>) -> Self {
        let alarms = alarms.into_iter().collect();
        Self { alarms, ..self }
    }

    /// Whether it takes an order of this kind.
    #[must_use]
    pub const fn order(&self, order: OrderKind) -> bool {
        self.orders & (1 << place(order)) != 0
    }

    /// Whether it knows this mode.
    #[must_use]
    pub const fn mode(&self, mode: Mode) -> bool {
        self.modes & bit(mode) != 0
    }

    /// Whether it raises this alarm.
    #[must_use]
    pub const fn alarm(&self, alarm: Alarm) -> bool {
        self.alarms.contains(alarm)
    }

    /// What it has not: modes, then alarms.
    pub fn lacking(&self) -> impl Iterator<Item = Lack> + '_ {
        let modes = Mode::ALL.into_iter().filter(|mode| !self.mode(*mode));
        let alarms = Alarm::ALL.into_iter().filter(|alarm| !self.alarm(*alarm));
        modes.map(Lack::Mode).chain(alarms.map(Lack::Alarm))
    }
}

/// Something that a controller has not.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Lack {
    /// It is never in this mode.
    Mode(Mode),
    /// It never raises this alarm.
    Alarm(Alarm),
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mode(mode) => f.write_str(mode.name()),
            Self::Alarm(alarm) => write!(f, "{} {}", alarm.id(), alarm.name()),
        }
    }
}

impl fmt::Display for Abilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} of {ORDERS} orders, {} of {} modes, {} of {} alarms",
            self.orders.count_ones(),
            self.modes.count_ones(),
            Mode::ALL.len(),
            self.alarms.iter().count(),
            Alarm::ALL.len()
        )
    }
}

const fn bit(mode: Mode) -> u16 {
    match mode {
        Mode::Off => 1,
        Mode::Post => 1 << 1,
        Mode::Idle => 1 << 2,
        Mode::Prime => 1 << 3,
        Mode::Active => 1 << 4,
        Mode::Hold => 1 << 5,
        Mode::Fallback => 1 << 6,
        Mode::Paused => 1 << 7,
        Mode::Stopped => 1 << 8,
        Mode::Complete => 1 << 9,
    }
}

/// The place of an order among the orders.
const fn place(order: OrderKind) -> u32 {
    match order {
        OrderKind::Authorise(_) => 0,
        OrderKind::Start => 1,
        OrderKind::Pause => 2,
        OrderKind::Resume => 3,
        OrderKind::Stop => 4,
        OrderKind::HoldToRun => 5,
        OrderKind::SetConcentration(_) => 6,
        OrderKind::SkipDecrement => 7,
        OrderKind::ConfirmComplete => 8,
        OrderKind::FlagWithdrawal => 9,
        OrderKind::FlagOverdose => 10,
        OrderKind::Acknowledge(_) => 11,
        OrderKind::PauseAudio => 12,
        OrderKind::DeclareLine(_) => 13,
        OrderKind::EnterUnprimed(_) => 14,
        OrderKind::VolumeCheck(_) => 15,
        OrderKind::Refilled(_) => 16,
        OrderKind::CatheterOut => ORDERS - 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_away_is_lacking_and_nothing_else() {
        assert_eq!(Abilities::ALL.lacking().count(), 0);
        let few = Abilities::ALL
            .with_modes(Mode::ALL.into_iter().filter(|mode| *mode != Mode::Prime))
            .with_orders([OrderKind::Authorise(5.0), OrderKind::CatheterOut]);
        assert!(!few.mode(Mode::Prime) && few.mode(Mode::Off) && few.mode(Mode::Complete));
        assert!(few.order(OrderKind::Authorise(7.0)) && few.order(OrderKind::CatheterOut));
        assert!(!few.order(OrderKind::Start) && !few.order(OrderKind::Refilled(1.0)));
        assert_eq!(few.lacking().collect::<Vec<_>>(), [Lack::Mode(Mode::Prime)]);
        assert_eq!(
            few.to_string(),
            "2 of 18 orders, 9 of 10 modes, 44 of 44 alarms"
        );
        let alone = Mode::ALL.map(|mode| Abilities::ALL.with_modes([mode]));
        for (has, mode) in alone.iter().zip(Mode::ALL) {
            assert!(
                Mode::ALL
                    .into_iter()
                    .all(|other| has.mode(other) == (other == mode))
            );
        }
    }
}
