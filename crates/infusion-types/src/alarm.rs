//! The 44 alarms: names, priorities, and the panel that shows them.
//!
//! Alarms are levels: a set says what stands now, and whoever records derives the edges.
//!
//! The priority in force is that of the table or a higher one: by the alarm's own rule, or because nobody
//! has answered. High is one thing: the priority that is shown, and the call that goes beyond the bedside.
//! There is no second, hidden priority of the remote path.

use core::fmt;

use crate::StopCause;

/// Priorities in the words of IEC 60601-1-8.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Priority {
    /// Awareness.
    Low,
    /// Prompt response.
    Medium,
    /// Immediate response.
    High,
}

macro_rules! alarms {
    ($($variant:ident = $number:literal $id:literal $bit:literal, $name:literal, $priority:ident, $latching:literal, $holds:literal;)*) => {
        /// One alarm of the table.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[repr(u8)]
        pub enum Alarm {
            $(#[doc = concat!($id, " ", $name, ".")] $variant = $number,)*
        }

        impl Alarm {
            /// All of them, in the order of their numbers.
            pub const ALL: [Self; 44] = [$(Self::$variant),*];

            /// The number in the table, 1 to 44.
            #[must_use]
            #[inline]
            pub const fn number(self) -> u8 {
                match self { $(Self::$variant => $number),* }
            }

            /// The name in the table.
            #[must_use]
            #[inline]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// The identifier in the table, such as `AL-05`.
            #[must_use]
            #[inline]
            pub const fn id(self) -> &'static str {
                match self { $(Self::$variant => $id),* }
            }

            /// The priority in the table, before any escalation.
            #[must_use]
            #[inline]
            pub const fn priority(self) -> Priority {
                match self { $(Self::$variant => Priority::$priority),* }
            }

            /// Whether it stands until somebody acknowledges it.
            #[must_use]
            #[inline]
            pub const fn latching(self) -> bool {
                match self { $(Self::$variant => $latching),* }
            }

            const URGENT: u64 = 0 $(| if matches!(Priority::$priority, Priority::Low) { 0 } else { $bit })*;
            const HIGH: u64 = 0 $(| if matches!(Priority::$priority, Priority::High) { $bit } else { 0 })*;
            const HOLDING: u64 = 0 $(| if $holds { $bit } else { 0 })*;
            const LATCHING: u64 = 0 $(| if $latching { $bit } else { 0 })*;

            const fn bit(self) -> u64 {
                match self { $(Self::$variant => $bit),* }
            }

            /// Whether the wean holds while it stands.
            #[must_use]
            #[inline]
            pub const fn holds(self) -> bool {
                match self { $(Self::$variant => $holds),* }
            }
        }
    };
}

alarms! {
    OverDelivery = 1 "AL-01" 0x1, "OVER_DELIVERY", High, true, false;
    FreeFlow = 2 "AL-02" 0x2, "FREE_FLOW", High, true, false;
    ReverseFlow = 3 "AL-03" 0x4, "REVERSE_FLOW", High, true, false;
    OverdoseSigns = 4 "AL-04" 0x8, "OVERDOSE_SIGNS", High, true, false;
    WithdrawalSigns = 5 "AL-05" 0x10, "WITHDRAWAL_SIGNS", High, true, true;
    DoseDeficit50 = 6 "AL-06" 0x20, "DOSE_DEFICIT_50", High, true, false;
    DoseDeficit20 = 7 "AL-07" 0x40, "DOSE_DEFICIT_20", Medium, false, false;
    DoseDeficit10 = 8 "AL-08" 0x80, "DOSE_DEFICIT_10", Low, false, false;
    OcclusionDownstream = 9 "AL-09" 0x100, "OCCLUSION_DOWNSTREAM", Medium, false, false;
    OcclusionUpstream = 10 "AL-10" 0x200, "OCCLUSION_UPSTREAM", Medium, false, false;
    AirInLine = 11 "AL-11" 0x400, "AIR_IN_LINE", Low, false, false;
    LineDisconnect = 12 "AL-12" 0x800, "LINE_DISCONNECT", High, true, false;
    MotorStall = 13 "AL-13" 0x1000, "MOTOR_STALL", Medium, true, false;
    ReservoirLow = 14 "AL-14" 0x2000, "RESERVOIR_LOW", Low, false, false;
    ReservoirVeryLow = 15 "AL-15" 0x4000, "RESERVOIR_VERY_LOW", Medium, false, false;
    ReservoirEmpty = 16 "AL-16" 0x8000, "RESERVOIR_EMPTY", Medium, true, false;
    ReservoirDiscrepancy = 17 "AL-17" 0x10000, "RESERVOIR_DISCREPANCY", Medium, true, false;
    ConcentrationMismatch = 18 "AL-18" 0x20000, "CONCENTRATION_MISMATCH", High, true, false;
    BridgeIncomplete = 19 "AL-19" 0x40000, "BRIDGE_INCOMPLETE", Low, false, false;
    LimitClamped = 20 "AL-20" 0x80000, "LIMIT_CLAMPED", Low, false, false;
    CommandUncertain = 21 "AL-21" 0x100000, "COMMAND_UNCERTAIN", Medium, true, true;
    LinkLost = 22 "AL-22" 0x200000, "LINK_LOST", Low, false, false;
    LinkLostLong = 23 "AL-23" 0x400000, "LINK_LOST_LONG", Medium, false, false;
    SecurityEvent = 24 "AL-24" 0x800000, "SECURITY_EVENT", Medium, true, true;
    ObservationOverdue = 25 "AL-25" 0x1000000, "OBS_OVERDUE", Low, false, false;
    ObservationMissing = 26 "AL-26" 0x2000000, "OBS_MISSING", Medium, false, true;
    ObservationInconsistent = 27 "AL-27" 0x4000000, "OBS_INCONSISTENT", Low, false, true;
    SensorFault = 28 "AL-28" 0x8000000, "SENSOR_FAULT", Medium, true, true;
    ClockFault = 29 "AL-29" 0x10000000, "CLOCK_FAULT", Low, true, true;
    BatteryLow = 30 "AL-30" 0x20000000, "BATTERY_LOW", Medium, false, false;
    BatteryCritical = 31 "AL-31" 0x40000000, "BATTERY_CRITICAL", High, true, false;
    MainsLost = 32 "AL-32" 0x80000000, "MAINS_LOST", Low, false, false;
    SelfTestFail = 33 "AL-33" 0x100000000, "SELF_TEST_FAIL", Medium, true, true;
    ControllerFault = 34 "AL-34" 0x200000000, "CONTROLLER_FAULT", Medium, true, false;
    PlanCorrupt = 35 "AL-35" 0x400000000, "PLAN_CORRUPT", Medium, true, true;
    LogFail = 36 "AL-36" 0x800000000, "LOG_FAIL", Low, true, false;
    ProgramMismatch = 37 "AL-37" 0x1000000000, "PUMP_PROGRAM_MISMATCH", Medium, true, false;
    PausedLong = 38 "AL-38" 0x2000000000, "PAUSED_LONG", Low, false, false;
    StartRequired = 39 "AL-39" 0x4000000000, "START_REQUIRED", Low, false, false;
    DwellTime = 40 "AL-40" 0x8000000000, "DWELL_TIME", Low, false, false;
    CsfOverdrainage = 41 "AL-41" 0x10000000000, "CSF_OVERDRAINAGE", High, true, false;
    TemperatureOutOfRange = 42 "AL-42" 0x20000000000, "TEMP_OUT_OF_RANGE", Low, false, false;
    RestartNeedsAuthorisation = 43 "AL-43" 0x40000000000, "RESTART_NEEDS_AUTHORISATION", Low, false, false;
    AudioFail = 44 "AL-44" 0x80000000000, "AUDIO_FAIL", Medium, true, false;
}

impl Alarm {
    /// The stop that this alarm causes, if it is of the STOP set (SR-12).
    #[must_use]
    #[inline]
    pub fn stops(self) -> Option<StopCause> {
        let rows = [
            (Self::OverdoseSigns, StopCause::OverdoseSigns),
            (Self::OverDelivery, StopCause::OverDelivery),
            (Self::FreeFlow, StopCause::FreeFlow),
            (Self::ReverseFlow, StopCause::ReverseFlow),
            (Self::LineDisconnect, StopCause::Disconnected),
            (
                Self::ConcentrationMismatch,
                StopCause::ConcentrationMismatch,
            ),
            (Self::CsfOverdrainage, StopCause::CsfOverdrainage),
            (Self::OcclusionDownstream, StopCause::OcclusionDownstream),
            (Self::OcclusionUpstream, StopCause::OcclusionUpstream),
        ];
        rows.into_iter()
            .find(|(alarm, _)| *alarm == self)
            .map(|(_, cause)| cause)
    }
}

/// A set of alarms.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "u64", into = "u64")
)]
pub struct AlarmSet(u64);

/// Bits that stand for no alarm of the table.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NoSuchAlarm;

impl fmt::Display for NoSuchAlarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an alarm beyond the table")
    }
}

impl TryFrom<u64> for AlarmSet {
    type Error = NoSuchAlarm;

    fn try_from(bits: u64) -> Result<Self, Self::Error> {
        let set = Self::from_bits(bits);
        if set.bits() == bits {
            Ok(set)
        } else {
            Err(NoSuchAlarm)
        }
    }
}

impl From<AlarmSet> for u64 {
    fn from(set: AlarmSet) -> Self {
        set.0
    }
}

impl AlarmSet {
    /// No alarm.
    pub const EMPTY: Self = Self(0);
    /// The alarms whose table priority is medium or high.
    pub const URGENT: Self = Self(Alarm::URGENT);
    /// The alarms whose table priority is high.
    pub const HIGH: Self = Self(Alarm::HIGH);
    /// The alarms of the STOP set. AL-11 is not among them: it stops only above its second limit.
    pub const STOPPING: Self = Self(0x10000020b0f);
    /// The alarms that hold the wean.
    pub const HOLDING: Self = Self(Alarm::HOLDING);
    /// The alarms that stand until they are acknowledged.
    pub const LATCHING: Self = Self(Alarm::LATCHING);

    /// The set as bits: bit `n - 1` is alarm number `n`.
    #[must_use]
    #[inline]
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// The set from its bits; bits beyond the table are dropped.
    #[must_use]
    #[inline]
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits & ((1 << 44) - 1))
    }

    /// Whether nothing is in it.
    #[must_use]
    #[inline]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether `alarm` is in it.
    #[must_use]
    #[inline]
    pub const fn contains(self, alarm: Alarm) -> bool {
        self.0 & alarm.bit() != 0
    }

    /// The set with `alarm`, or without it.
    #[must_use]
    #[inline]
    pub const fn with(self, alarm: Alarm, present: bool) -> Self {
        if present {
            Self(self.0 | alarm.bit())
        } else {
            Self(self.0 & !alarm.bit())
        }
    }

    /// What is in either.
    #[must_use]
    #[inline]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in both.
    #[must_use]
    #[inline]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What is here and not in `other`.
    #[must_use]
    #[inline]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Its members, in the order of their numbers. An empty set costs nothing.
    #[inline]
    pub fn iter(self) -> impl Iterator<Item = Alarm> {
        let mut left = self.0;
        core::iter::from_fn(move || {
            let index = usize::try_from(left.trailing_zeros()).ok()?;
            left &= left.wrapping_sub(1);
            Alarm::ALL.get(index).copied()
        })
    }
}

impl FromIterator<Alarm> for AlarmSet {
    fn from_iter<I: IntoIterator<Item = Alarm>>(alarms: I) -> Self {
        alarms
            .into_iter()
            .fold(Self::EMPTY, |set, alarm| set.with(alarm, true))
    }
}

/// What stands, alarm by alarm.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct AlarmPanel {
    /// The cause is there now.
    pub condition: AlarmSet,
    /// Signalled: the cause is there, or it was and the alarm latches.
    pub active: AlarmSet,
    /// Signalled although the cause has gone, until somebody acknowledges it.
    pub latched: AlarmSet,
    /// Somebody has seen it at the priority that it has by its own rule. Raised by that, it is unseen again.
    pub acknowledged: AlarmSet,
    /// Stands above its priority in the table: by its own rule, or because nobody has answered.
    pub escalated: AlarmSet,
    /// Of those, what stands at high priority.
    pub raised_to_high: AlarmSet,
    /// Heard now: what nobody has acknowledged, low ones for a while and then again and again.
    pub sounding: AlarmSet,
    /// The sound is off for a moment.
    pub audio_paused: bool,
}

impl AlarmPanel {
    /// The priority in force of `alarm`, or none if it does not stand.
    #[must_use]
    #[inline]
    pub fn priority(&self, alarm: Alarm) -> Option<Priority> {
        if !self.active.contains(alarm) {
            None
        } else if self.high().contains(alarm) {
            Some(Priority::High)
        } else if self.urgent().contains(alarm) {
            Some(Priority::Medium)
        } else {
            Some(Priority::Low)
        }
    }

    /// The highest priority that stands: the one that is shown and heard.
    #[must_use]
    #[inline]
    pub const fn highest(&self) -> Option<Priority> {
        if self.active.is_empty() {
            None
        } else if !self.high().is_empty() {
            Some(Priority::High)
        } else if !self.urgent().is_empty() {
            Some(Priority::Medium)
        } else {
            Some(Priority::Low)
        }
    }

    /// What stands at medium or high priority.
    #[must_use]
    #[inline]
    pub const fn urgent(&self) -> AlarmSet {
        self.active
            .intersection(AlarmSet::URGENT.union(self.escalated))
    }

    /// Whether the same stands and was seen as on `other`: what must not be lost with the power.
    #[must_use]
    #[inline]
    pub fn stands_like(&self, other: &Self) -> bool {
        self.active == other.active
            && self.acknowledged == other.acknowledged
            && self.escalated == other.escalated
    }

    /// What stands at high priority, and is called beyond the bedside.
    #[must_use]
    #[inline]
    pub const fn high(&self) -> AlarmSet {
        let one_up_from_medium = self.escalated.intersection(AlarmSet::URGENT);
        let raised = self.raised_to_high.union(one_up_from_medium);
        self.active.intersection(AlarmSet::HIGH.union(raised))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_run_from_1_to_44() {
        for (index, alarm) in Alarm::ALL.into_iter().enumerate() {
            assert_eq!(usize::from(alarm.number()), index + 1);
            assert_eq!(alarm.id()[3..].parse(), Ok(alarm.number()));
        }
    }

    #[test]
    fn a_set_gives_back_its_members_in_order() {
        let members = [Alarm::OverDelivery, Alarm::SensorFault, Alarm::AudioFail];
        let set: AlarmSet = members.into_iter().collect();
        assert!(set.iter().eq(members));
        assert_eq!(AlarmSet::EMPTY.iter().count(), 0);
        assert_eq!(AlarmSet::from_bits(u64::MAX).iter().count(), 44);
    }

    #[test]
    fn masks_agree_with_the_table() {
        for alarm in Alarm::ALL {
            assert_eq!(
                AlarmSet::URGENT.contains(alarm),
                alarm.priority() > Priority::Low
            );
            assert_eq!(
                AlarmSet::HIGH.contains(alarm),
                alarm.priority() == Priority::High
            );
            assert_eq!(AlarmSet::STOPPING.contains(alarm), alarm.stops().is_some());
            assert_eq!(AlarmSet::HOLDING.contains(alarm), alarm.holds());
            assert_eq!(AlarmSet::LATCHING.contains(alarm), alarm.latching());
        }
    }

    #[test]
    fn an_escalated_alarm_stands_one_higher() {
        let only = AlarmSet::EMPTY.with(Alarm::DwellTime, true);
        let panel = AlarmPanel {
            active: only,
            escalated: only,
            ..AlarmPanel::default()
        };
        assert_eq!(panel.highest(), Some(Priority::Medium));
        assert_eq!(panel.urgent(), only);
        assert_eq!(panel.priority(Alarm::FreeFlow), None);
    }

    #[test]
    fn every_priority_is_the_tables_or_one_that_it_was_raised_to() {
        for alarm in Alarm::ALL {
            let only = AlarmSet::EMPTY.with(alarm, true);
            let raised = |escalated, raised_to_high| {
                let panel = AlarmPanel {
                    active: only,
                    escalated,
                    raised_to_high,
                    ..AlarmPanel::default()
                };
                assert_eq!(panel.highest(), panel.priority(alarm));
                panel.highest()
            };
            let one_up = match alarm.priority() {
                Priority::Low => Priority::Medium,
                Priority::Medium | Priority::High => Priority::High,
            };
            let none = AlarmSet::EMPTY;
            assert_eq!(raised(none, none), Some(alarm.priority()));
            assert_eq!(raised(only, none), Some(one_up));
            assert_eq!(raised(only, only), Some(Priority::High));
        }
    }
}
