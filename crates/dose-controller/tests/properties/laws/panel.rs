//! What the panel shows: nothing is hidden, nothing waits for ever, nothing begins again too often.

use infusion_types::{Alarm, AlarmSet, Mode, OrderKind, Timestamp};
use proptest::prelude::*;

use crate::machine::{Law, Step, ordered};
use crate::support::MINUTE;
use crate::turns::{Turn, any_turn, panel_turn};

/// SR-68 to SR-71, SR-73.
#[derive(Clone, Debug)]
pub(crate) struct Panel {
    /// Since when each has stood at medium priority and nobody has acknowledged it.
    medium: [Option<Timestamp>; 44],
    /// When each was last heard, or acknowledged, or not there.
    heard: [Timestamp; 44],
    silent: Option<Timestamp>,
    begun: Vec<Timestamp>,
}

impl Default for Panel {
    fn default() -> Self {
        Self {
            medium: [None; 44],
            heard: [Timestamp::ZERO; 44],
            silent: None,
            begun: Vec::new(),
        }
    }
}

impl Panel {
    fn see_each(&mut self, step: &Step<'_>) {
        let panel = step.decision.alarms;
        let waits = panel.active.without(panel.acknowledged);
        let medium = waits.intersection(panel.urgent()).without(panel.high());
        for (index, alarm) in Alarm::ALL.into_iter().enumerate() {
            let since = &mut self.medium[index];
            *since = medium.contains(alarm).then(|| since.unwrap_or(step.at));
            if let Some(since) = *since {
                assert!(step.at.since(since) < MINUTE * 15, "{alarm:?} unanswered");
            }
            if !waits.contains(alarm) || panel.sounding.contains(alarm) {
                self.heard[index] = step.at;
            }
            let quiet = step.at.since(self.heard[index]);
            assert!(
                panel.audio_paused || quiet < MINUTE * 15,
                "{alarm:?} silent"
            );
            if panel.active.contains(alarm) {
                assert!(panel.priority(alarm) >= Some(alarm.priority()));
                assert!(panel.priority(alarm) <= panel.highest());
            }
        }
    }

    fn see_audio(&mut self, step: &Step<'_>, before: AlarmSet) {
        let panel = step.decision.alarms;
        let new = panel.active.without(before);
        assert!(
            new.is_empty() || !panel.audio_paused,
            "a new alarm is heard"
        );
        let paused = panel.audio_paused;
        self.silent = paused.then(|| self.silent.unwrap_or(step.at));
        let quiet = self.silent.map(|since| step.at.since(since));
        assert!(quiet.is_none_or(|quiet| quiet < MINUTE * 2));
    }

    fn see_restarts(&mut self, step: &Step<'_>) {
        let stood = step.was.is_some_and(|was| was.mode == Mode::Stopped);
        let resumed = ordered(step, |what| *what == OrderKind::Resume);
        if resumed {
            self.begun.clear();
        } else if stood && step.decision.mode.infuses() {
            let recent = |at: &Timestamp| step.at.since(*at) <= MINUTE * 10;
            self.begun.push(step.at);
            assert!(self.begun.iter().filter(|at| recent(at)).count() <= 3);
        }
    }
}

impl Law for Panel {
    fn turn() -> BoxedStrategy<Turn> {
        prop_oneof![1 => any_turn(), 2 => panel_turn()].boxed()
    }

    fn see(&mut self, step: &Step<'_>) {
        if step.reset.is_some() {
            // What was heard while it was away is nobody's to say.
            *self = Self {
                heard: [step.at; 44],
                ..Self::default()
            };
        }
        let panel = step.decision.alarms;
        let before = step.was.map(|was| was.alarms).unwrap_or_default();
        assert!(
            panel.condition.without(panel.active).is_empty(),
            "a cause is hidden"
        );
        assert_eq!(panel.latched, panel.active.without(panel.condition));
        assert!(panel.latched.without(AlarmSet::LATCHING).is_empty());
        if step.reset != Some(false) {
            let gone = before.active.without(panel.active);
            let seen = |alarm: Alarm| {
                let now = |what: &OrderKind| *what == OrderKind::Acknowledge(alarm);
                before.acknowledged.contains(alarm) || ordered(step, now)
            };
            let mut latching = gone.intersection(AlarmSet::LATCHING).iter();
            assert!(latching.all(seen), "a latched alarm has gone unseen");
        }
        assert!(panel.raised_to_high.without(panel.escalated).is_empty());
        assert!(panel.escalated.without(panel.active).is_empty());
        self.see_each(step);
        self.see_audio(step, before.active);
        self.see_restarts(step);
    }
}
