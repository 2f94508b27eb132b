//! The alarm panel from outside: what changed on it, and how long what has stood.

use std::collections::VecDeque;

use infusion_types::{Alarm, AlarmPanel, AlarmSet, Decision, OrderKind, Priority, User};

use super::therapy::Therapy;
use crate::clock::SimTime;
use crate::record::Record;

const HOUR_MS: u64 = 3_600_000;
/// Alarms that never keep a rung from being taken (SR-07).
const HARMLESS: [Alarm; 2] = [Alarm::ReservoirVeryLow, Alarm::DwellTime];
/// Urgent alarms that only a fault can found. The rest says what people did or did not do.
const FAULTS_FOUND: [Alarm; 10] = [
    Alarm::OverDelivery,
    Alarm::FreeFlow,
    Alarm::ReverseFlow,
    Alarm::OcclusionDownstream,
    Alarm::OcclusionUpstream,
    Alarm::LineDisconnect,
    Alarm::MotorStall,
    Alarm::ReservoirDiscrepancy,
    Alarm::SensorFault,
    Alarm::CommandUncertain,
];
/// Withdrawal and overdose below which a sign of theirs has nothing behind it.
const WITHDRAWAL_LEAST: f64 = 0.5;
const OVERDOSE_LEAST: f64 = 0.1;

/// What stands, and what has become of it.
#[derive(Clone, Debug)]
pub(crate) struct Panel {
    pub(crate) now: AlarmPanel,
    before: AlarmPanel,
    /// Latching alarms that went before they were both seen and gone.
    pub(crate) unlatched: u32,
    /// Acknowledged without anybody having said so.
    pub(crate) acknowledged_unasked: u32,
    /// Still acknowledged, though they have become more urgent since somebody saw them.
    pub(crate) acknowledged_before: u32,
    /// Active alarms that went although their cause stands.
    pub(crate) lost: u32,
    pub(crate) new: AlarmSet,
    /// Whether anything on it is other than in the record before.
    pub(crate) moved: bool,
    paused_from: Option<SimTime>,
    /// Since when a medium alarm has stood unseen, for the one that has longest.
    unseen: [Option<SimTime>; 44],
    unseen_from: Option<SimTime>,
    /// Since when an alarm that nobody has seen has not been heard, for the one that has longest.
    unheard: [Option<SimTime>; 44],
    unheard_from: Option<SimTime>,
    changes: Vec<VecDeque<u64>>,
    /// Most changes within an hour of an alarm that changes in this record by itself.
    pub(crate) toggles: u32,
    presses: VecDeque<u64>,
    false_alarms: VecDeque<u64>,
    faulty: bool,
}

impl Default for Panel {
    fn default() -> Self {
        Self {
            now: AlarmPanel::default(),
            before: AlarmPanel::default(),
            unlatched: 0,
            acknowledged_unasked: 0,
            acknowledged_before: 0,
            lost: 0,
            new: AlarmSet::EMPTY,
            moved: false,
            paused_from: None,
            unseen: [None; 44],
            unseen_from: None,
            unheard: [None; 44],
            unheard_from: None,
            changes: vec![VecDeque::new(); Alarm::ALL.len()],
            toggles: 0,
            presses: VecDeque::new(),
            false_alarms: VecDeque::new(),
            faulty: false,
        }
    }
}

impl Panel {
    pub(super) fn learn(&mut self, record: &Record<'_>, decision: &Decision, therapy: &Therapy) {
        let now = record.at;
        self.before = std::mem::replace(&mut self.now, decision.alarms);
        self.faulty |= record.faults != 0;
        let panel = &self.now;
        self.paused_from = panel.audio_paused.then(|| self.paused_from.unwrap_or(now));
        (
            self.unlatched,
            self.acknowledged_unasked,
            self.acknowledged_before,
            self.lost,
            self.toggles,
        ) = (0, 0, 0, 0, 0);
        self.new = panel.active.without(self.before.active);
        self.moved = *panel != self.before;
        if !self.moved && record.orders.is_empty() {
            return;
        }
        let presses = record.orders.iter().filter(|order| {
            matches!(
                order.what,
                OrderKind::Pause | OrderKind::Resume | OrderKind::Stop | OrderKind::Authorise(_)
            )
        });
        self.presses.extend(presses.map(|_| now.millis()));
        forget(&mut self.presses, now);
        let count = |set: AlarmSet| set.iter().count() as u32;
        let gone = self.before.active.without(panel.active);
        // What a stranger has seen, nobody has.
        let known = record.orders.iter().filter(|it| it.by != User::STRANGER);
        let told: AlarmSet = known.filter_map(|order| acknowledged(order.what)).collect();
        let seen = self.before.acknowledged.union(told);
        self.unlatched = count(gone.intersection(AlarmSet::LATCHING).without(seen));
        self.lost = count(gone.intersection(panel.condition));
        let newly_seen = panel.acknowledged.without(self.before.acknowledged);
        self.acknowledged_unasked = count(newly_seen.without(told));
        let to_high = panel.raised_to_high.without(self.before.raised_to_high);
        let raised = panel.escalated.without(self.before.escalated);
        let raised = raised.union(to_high).intersection(self.before.active);
        let kept = panel.acknowledged.intersection(self.before.acknowledged);
        self.acknowledged_before = count(raised.intersection(kept).without(told));
        // What latches goes because somebody has seen it.
        let by_itself = gone.without(AlarmSet::LATCHING.intersection(seen));
        self.count_changes(now, self.new.union(by_itself));
        self.follow_unseen(now);
        let therapy = therapy.in_therapy();
        let unfounded = self.new.iter().filter(|alarm| unfounded(*alarm, record));
        let unfounded = if self.faulty || !therapy {
            0
        } else {
            unfounded.count()
        };
        self.false_alarms
            .extend(std::iter::repeat_n(now.millis(), unfounded));
    }

    /// Orders to pause, to stop, to go on or to give a dose within an hour, at a change of the panel.
    pub(crate) fn presses(&self) -> usize {
        self.presses.len()
    }

    fn count_changes(&mut self, now: SimTime, changed: AlarmSet) {
        for alarm in changed.iter() {
            let changes = &mut self.changes[usize::from(alarm.number()) - 1];
            changes.push_back(now.millis());
            forget(changes, now);
            self.toggles = self.toggles.max(changes.len() as u32);
        }
    }

    fn follow_unseen(&mut self, now: SimTime) {
        for (alarm, since) in Alarm::ALL.into_iter().zip(&mut self.unseen) {
            let unseen = self.now.priority(alarm) == Some(Priority::Medium)
                && !self.now.acknowledged.contains(alarm);
            *since = unseen.then(|| since.unwrap_or(now));
        }
        self.unseen_from = self.unseen.iter().flatten().min().copied();
        let heard = self.now.sounding.union(self.now.acknowledged);
        let unheard = self.now.active.without(heard);
        for (alarm, since) in Alarm::ALL.into_iter().zip(&mut self.unheard) {
            *since = unheard.contains(alarm).then(|| since.unwrap_or(now));
        }
        self.unheard_from = self.unheard.iter().flatten().min().copied();
    }

    /// Longest time that an alarm has stood unseen and unheard, hours.
    pub(crate) fn unheard_h(&self, now: SimTime) -> f64 {
        self.unheard_from.map_or(0.0, |from| now.hours_since(from))
    }

    /// Causes that nothing signals.
    pub(crate) fn unsignalled(&self) -> u32 {
        self.now.condition.without(self.now.active).iter().count() as u32
    }

    /// Whether an urgent alarm stands that a rung has to wait for.
    pub(crate) fn blocks(&self) -> bool {
        let harmless: AlarmSet = HARMLESS.into_iter().collect();
        !self.now.urgent().without(harmless).is_empty()
    }

    /// Hours for which the sound has been off.
    pub(crate) fn paused_h(&self, now: SimTime) -> f64 {
        self.paused_from.map_or(0.0, |from| now.hours_since(from))
    }

    /// Longest time that a medium alarm has stood unseen and as medium, hours.
    pub(crate) fn unseen_h(&self, now: SimTime) -> f64 {
        self.unseen_from.map_or(0.0, |from| now.hours_since(from))
    }

    /// Urgent alarms with nothing behind them over the last day, in a run without faults.
    pub(crate) fn false_24h(&self, now: SimTime) -> u32 {
        let recent = |at: &&u64| **at + 24 * HOUR_MS >= now.millis();
        self.false_alarms.iter().rev().take_while(recent).count() as u32
    }
}

fn acknowledged(order: OrderKind) -> Option<Alarm> {
    if let OrderKind::Acknowledge(alarm) = order {
        Some(alarm)
    } else {
        None
    }
}

/// Whether an alarm has nothing behind it in a run without faults.
pub(crate) fn unfounded(alarm: Alarm, record: &Record<'_>) -> bool {
    // What a person says of the patient has that behind it.
    let says = |what: OrderKind| record.orders.iter().any(|order| order.what == what);
    if alarm == Alarm::WithdrawalSigns {
        record.signs.withdrawal < WITHDRAWAL_LEAST && !says(OrderKind::FlagWithdrawal)
    } else if alarm == Alarm::OverdoseSigns {
        record.signs.overdose < OVERDOSE_LEAST && !says(OrderKind::FlagOverdose)
    } else {
        FAULTS_FOUND.contains(&alarm)
    }
}
/// Leaves what is an hour old at most.
fn forget(times: &mut VecDeque<u64>, now: SimTime) {
    while times.front().is_some_and(|at| at + HOUR_MS < now.millis()) {
        times.pop_front();
    }
}
