//! What stands, what latches, what somebody has seen, and what has gone unseen for too long.

use core::time::Duration;

use infusion_types::{Alarm, AlarmPanel, AlarmSet, Timestamp};

/// A medium alarm that nobody has seen for so long is raised to high.
const UNSEEN_MOST: Duration = Duration::from_secs(900);

/// The alarms.
#[derive(Clone, Debug, Default)]
pub(crate) struct Panel {
    condition: AlarmSet,
    pub(crate) active: AlarmSet,
    pub(crate) acknowledged: AlarmSet,
    pub(crate) escalated: AlarmSet,
    unseen_since: Option<Timestamp>,
}

impl Panel {
    /// These causes are there now.
    pub(crate) fn update(&mut self, now: Timestamp, condition: AlarmSet) {
        let stood = self.active;
        let latched = stood
            .intersection(AlarmSet::LATCHING)
            .without(self.acknowledged);
        self.condition = condition;
        self.active = condition.union(latched);
        self.acknowledged = self
            .acknowledged
            .intersection(stood)
            .intersection(self.active);
        let medium = self
            .active
            .intersection(AlarmSet::URGENT.without(AlarmSet::HIGH));
        let unseen = medium.without(self.acknowledged);
        self.unseen_since = self
            .unseen_since
            .or(Some(now))
            .filter(|_| !unseen.is_empty());
        if self
            .unseen_since
            .is_some_and(|since| now.since(since) >= UNSEEN_MOST)
        {
            self.escalated = self.escalated.union(unseen);
        }
        self.escalated = self.escalated.intersection(self.active);
    }

    /// Somebody has seen this one.
    pub(crate) fn acknowledge(&mut self, alarm: Alarm) {
        if self.active.contains(alarm) {
            self.acknowledged = self.acknowledged.with(alarm, true);
        }
    }

    /// The first alarm that holds the wean.
    pub(crate) fn holds(&self) -> Option<Alarm> {
        self.active.intersection(AlarmSet::HOLDING).iter().next()
    }

    /// The first alarm that a rung has to wait for.
    pub(crate) fn blocks(&self) -> Option<Alarm> {
        self.active.intersection(AlarmSet::URGENT).iter().next()
    }

    pub(crate) fn shown(&self) -> AlarmPanel {
        AlarmPanel {
            condition: self.condition,
            active: self.active,
            latched: self.active.without(self.condition),
            acknowledged: self.acknowledged,
            escalated: self.escalated,
            sounding: self.active.without(self.acknowledged),
            ..AlarmPanel::default()
        }
    }
}
