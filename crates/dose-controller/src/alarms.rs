//! From conditions to what is signalled: latching, acknowledgement, priority in force, sound.
//!
//! A latching alarm stands until somebody has acknowledged it *and* its cause has gone; every other
//! alarm stands exactly as long as its cause. No alarm clears another (SR-68, SR-69).
//!
//! ```text
//!   low --- its own rule ---> medium --- its own rule, or nobody answers for 15 min ---> high
//! ```
//!
//! An acknowledgement is of a priority: it takes back what was raised because nobody answered, and it
//! lapses when the alarm's own rule raises it. Low alarms are not raised by time alone.

use core::time::Duration;

use infusion_types::{Alarm, AlarmPanel, AlarmSet, Timestamp};

/// SR-70.
const AUDIO_PAUSE: Duration = Duration::from_secs(120);
/// A medium alarm that nobody has acknowledged for so long is high (SR-71).
const UNANSWERED: Duration = Duration::from_secs(900);
/// A low alarm sounds so long, when it begins and at every reminder.
const LOW_SOUNDS: Duration = Duration::from_secs(60);
/// From one reminder to the next: 15 min at most, an audio pause and a cycle of a minute included (SR-71).
const REMINDER: Duration = Duration::from_secs(720);

const COUNT: usize = Alarm::ALL.len();

/// What stands above the table by the alarms' own rules.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Raised {
    /// One priority above.
    pub(crate) by_one: AlarmSet,
    /// High, from low.
    pub(crate) to_high: AlarmSet,
}

impl Raised {
    fn within(self, active: AlarmSet) -> Self {
        Self {
            by_one: self.by_one.union(self.to_high).intersection(active),
            to_high: self.to_high.intersection(active),
        }
    }

    /// What was raised since `before`.
    fn anew(self, before: Self) -> AlarmSet {
        let by_one = self.by_one.without(before.by_one);
        by_one.union(self.to_high.without(before.to_high))
    }

    /// What of `active` is high with these.
    fn high(self, active: AlarmSet) -> AlarmSet {
        let from_medium = self.by_one.intersection(AlarmSet::URGENT);
        active.intersection(AlarmSet::HIGH.union(from_medium).union(self.to_high))
    }
}

/// The panel and how it got there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Alarms {
    panel: AlarmPanel,
    raised: Raised,
    unanswered: AlarmSet,
    audio_until: Timestamp,
    /// When each began, or was raised; of a low one also when it was last sounded again.
    #[cfg_attr(feature = "serde", serde(with = "crate::arrays"))]
    called: [Timestamp; COUNT],
}

impl Default for Alarms {
    fn default() -> Self {
        Self {
            panel: AlarmPanel::default(),
            raised: Raised::default(),
            unanswered: AlarmSet::EMPTY,
            audio_until: Timestamp::ZERO,
            called: [Timestamp::ZERO; COUNT],
        }
    }
}

impl Alarms {
    pub(crate) const fn panel(&self) -> &AlarmPanel {
        &self.panel
    }

    pub(crate) const fn stands(&self, alarm: Alarm) -> bool {
        self.panel.active.contains(alarm)
    }

    /// Whether every call lies before `now`, and a silence not too far after it.
    pub(crate) fn is_past(&self, now: Timestamp) -> bool {
        let called = self.called.iter().all(|at| *at <= now);
        called && self.audio_until <= now.after(AUDIO_PAUSE)
    }

    /// Whether the panel shows what a panel can show.
    pub(crate) fn is_sound(&self) -> bool {
        let panel = &self.panel;
        let within = |part: AlarmSet, whole: AlarmSet| part.without(whole).is_empty();
        within(panel.condition, panel.active)
            && panel.latched == panel.active.without(panel.condition)
            && within(panel.latched, AlarmSet::LATCHING)
            && within(panel.acknowledged, panel.active)
            && within(panel.raised_to_high, panel.escalated)
            && within(panel.escalated, panel.active)
            && within(self.raised.by_one, panel.escalated)
            && within(self.raised.to_high, self.raised.by_one)
            && within(self.unanswered, panel.escalated)
            && within(panel.sounding, panel.active.without(panel.acknowledged))
    }

    /// Somebody has seen `alarm`. It says nothing about its cause.
    pub(crate) fn acknowledge(&mut self, alarm: Alarm) {
        if self.stands(alarm) {
            self.panel.acknowledged = self.panel.acknowledged.with(alarm, true);
        }
    }

    /// Silence for a moment. While it lasts it cannot be drawn out: it always ends (SR-70).
    pub(crate) fn pause_audio(&mut self, now: Timestamp) {
        if !self.panel.audio_paused {
            self.audio_until = now.after(AUDIO_PAUSE);
        }
    }

    /// When time alone changes the panel next; never when nothing waits.
    pub(crate) fn due(&self, now: Timestamp) -> Timestamp {
        let medium = self.panel.urgent().without(self.panel.high());
        let waiting = medium.without(self.panel.acknowledged);
        let answers = waiting
            .iter()
            .map(|alarm| self.called(alarm).after(UNANSWERED));
        let sound = core::iter::once(self.audio_until).filter(|_| self.panel.audio_paused);
        let later = answers.chain(sound).filter(|due| *due > now);
        later.min().unwrap_or(Timestamp::NEVER)
    }

    /// What stands once `condition` is what is wrong, and `raised` above its place in the table.
    pub(crate) fn update(&mut self, now: Timestamp, condition: AlarmSet, raised: Raised) {
        let before = self.panel;
        let gone_and_seen = before.acknowledged.without(condition);
        let latched = before
            .active
            .intersection(AlarmSet::LATCHING)
            .without(condition)
            .without(gone_and_seen);
        let active = condition.union(latched);
        let raised = raised.within(active);
        let lapsed = raised.anew(self.raised);
        let new = active.without(before.active).union(lapsed);
        for alarm in new.iter() {
            self.call(alarm, now);
        }
        let acknowledged = before.acknowledged.intersection(active).without(lapsed);
        let unanswered = self.unanswered(now, active.without(acknowledged), raised);
        let new = new.union(unanswered.without(self.unanswered));
        if !new.is_empty() {
            self.audio_until = now;
        }
        let (unheard, audio_paused) = (
            active.without(acknowledged),
            now < self.audio_until && !active.is_empty(),
        );
        (self.raised, self.unanswered) = (raised, unanswered);
        self.panel = AlarmPanel {
            condition,
            active,
            latched,
            acknowledged,
            escalated: raised.by_one.union(unanswered),
            raised_to_high: raised.high(raised.by_one).union(unanswered),
            sounding: AlarmSet::EMPTY,
            audio_paused,
        };
        if !audio_paused {
            self.panel.sounding = self.sound(now, unheard);
        }
    }

    /// What of `unseen` stands at medium priority and has done so for too long.
    fn unanswered(&self, now: Timestamp, unseen: AlarmSet, raised: Raised) -> AlarmSet {
        let urgent = unseen.intersection(AlarmSet::URGENT.union(raised.by_one));
        let medium = urgent.without(raised.high(urgent));
        let late = |alarm: &Alarm| now.since(self.called(*alarm)) >= UNANSWERED;
        medium.iter().filter(late).collect()
    }

    /// Urgent alarms sound until they are acknowledged, low ones now and then.
    fn sound(&mut self, now: Timestamp, unheard: AlarmSet) -> AlarmSet {
        let urgent = self.panel.urgent();
        for alarm in unheard.without(urgent).iter() {
            if now.since(self.called(alarm)) >= REMINDER {
                self.call(alarm, now);
            }
        }
        let sounds =
            |alarm: &Alarm| urgent.contains(*alarm) || now.since(self.called(*alarm)) < LOW_SOUNDS;
        unheard.iter().filter(sounds).collect()
    }

    fn call(&mut self, alarm: Alarm, now: Timestamp) {
        if let Some(called) = self.called.get_mut(index(alarm)) {
            *called = now;
        }
    }

    fn called(&self, alarm: Alarm) -> Timestamp {
        self.called.get(index(alarm)).copied().unwrap_or_default()
    }
}

/// The place of an alarm in a list of all of them.
fn index(alarm: Alarm) -> usize {
    usize::from(alarm.number()).saturating_sub(1)
}

#[cfg(test)]
#[path = "alarms_tests.rs"]
mod tests;
