//! From conditions to what is signalled: latching, acknowledgement, audio, escalation.
//!
//! A latching alarm stands until somebody has acknowledged it *and* its cause has gone; every other
//! alarm stands exactly as long as its cause. No alarm clears another (SR-68, SR-69).

use core::time::Duration;

use infusion_types::{Alarm, AlarmPanel, AlarmSet, Timestamp};

/// SR-70.
const AUDIO_PAUSE: Duration = Duration::from_secs(120);

/// The panel and how it got there.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Alarms {
    panel: AlarmPanel,
    audio_until: Timestamp,
}

impl Alarms {
    pub(crate) const fn panel(&self) -> &AlarmPanel {
        &self.panel
    }

    pub(crate) const fn stands(&self, alarm: Alarm) -> bool {
        self.panel.active.contains(alarm)
    }

    /// Somebody has seen `alarm`. It says nothing about its cause.
    pub(crate) fn acknowledge(&mut self, alarm: Alarm) {
        if self.stands(alarm) {
            self.panel.acknowledged = self.panel.acknowledged.with(alarm, true);
        }
    }

    pub(crate) fn pause_audio(&mut self, now: Timestamp) {
        self.audio_until = now.after(AUDIO_PAUSE);
    }

    /// What stands once `condition` is what is wrong.
    pub(crate) fn update(&mut self, now: Timestamp, condition: AlarmSet, escalated: AlarmSet) {
        let before = self.panel;
        let gone_and_seen = before.acknowledged.without(condition);
        let latched = before
            .active
            .intersection(AlarmSet::LATCHING)
            .without(condition)
            .without(gone_and_seen);
        let active = condition.union(latched);
        if !active.without(before.active).is_empty() {
            self.audio_until = now;
        }
        self.panel = AlarmPanel {
            condition,
            active,
            latched,
            acknowledged: before.acknowledged.intersection(active),
            escalated: escalated.intersection(active),
            audio_paused: now < self.audio_until && !active.is_empty(),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LATCHES: Alarm = Alarm::WithdrawalSigns;
    const PASSES: Alarm = Alarm::ReservoirLow;

    fn set(alarms: &[Alarm]) -> AlarmSet {
        alarms.iter().copied().collect()
    }

    #[test]
    fn a_latching_alarm_needs_both_to_be_seen_and_to_be_gone() {
        let mut alarms = Alarms::default();
        let now = Timestamp::ZERO;
        alarms.update(now, set(&[LATCHES, PASSES]), AlarmSet::EMPTY);
        alarms.update(now, AlarmSet::EMPTY, AlarmSet::EMPTY);
        assert_eq!(alarms.panel().active, set(&[LATCHES]));
        assert_eq!(alarms.panel().latched, set(&[LATCHES]));
        alarms.acknowledge(LATCHES);
        alarms.update(now, AlarmSet::EMPTY, AlarmSet::EMPTY);
        assert!(alarms.panel().active.is_empty());
    }

    #[test]
    fn a_new_alarm_ends_the_silence() {
        let mut alarms = Alarms::default();
        alarms.update(Timestamp::ZERO, set(&[PASSES]), AlarmSet::EMPTY);
        alarms.pause_audio(Timestamp::ZERO);
        alarms.update(Timestamp::from_millis(1), set(&[PASSES]), AlarmSet::EMPTY);
        assert!(alarms.panel().audio_paused);
        alarms.update(
            Timestamp::from_millis(2),
            set(&[PASSES, LATCHES]),
            AlarmSet::EMPTY,
        );
        assert!(!alarms.panel().audio_paused);
    }

    proptest! {
        /// Whatever comes: a cause is always signalled, and acknowledging never hides one.
        #[test]
        fn no_cause_goes_unsignalled(turns in prop::collection::vec((any::<u64>(), 0_usize..44), 1..60)) {
            let mut alarms = Alarms::default();
            for (bits, seen) in turns {
                alarms.acknowledge(Alarm::ALL[seen]);
                let condition = AlarmSet::from_bits(bits);
                alarms.update(Timestamp::ZERO, condition, AlarmSet::EMPTY);
                prop_assert!(condition.without(alarms.panel().active).is_empty());
                let silent = alarms.panel().active.without(condition);
                prop_assert!(silent.without(AlarmSet::LATCHING).is_empty());
            }
        }
    }
}
