//! What the panel shows, one rule at a time.

use super::*;
use infusion_types::Priority;
use proptest::prelude::*;

const LATCHES: Alarm = Alarm::WithdrawalSigns;
const PASSES: Alarm = Alarm::ReservoirLow;
const MEDIUM: Alarm = Alarm::ReservoirVeryLow;

fn set(alarms: &[Alarm]) -> AlarmSet {
    alarms.iter().copied().collect()
}

const fn second(count: u64) -> Timestamp {
    Timestamp::from_millis(count * 1_000)
}

/// A panel on which `alarms` have stood since time zero.
fn standing(alarms: &[Alarm]) -> Alarms {
    let mut panel = Alarms::default();
    panel.update(Timestamp::ZERO, set(alarms), Raised::default());
    panel
}

impl Alarms {
    fn at(&mut self, now: u64, alarms: &[Alarm]) -> AlarmPanel {
        self.update(second(now), set(alarms), Raised::default());
        self.panel
    }
}

#[test]
fn a_latching_alarm_needs_both_to_be_seen_and_to_be_gone() {
    let mut alarms = standing(&[LATCHES, PASSES]);
    let gone = alarms.at(0, &[]);
    assert_eq!(
        (gone.active, gone.latched),
        (set(&[LATCHES]), set(&[LATCHES]))
    );
    alarms.acknowledge(LATCHES);
    assert!(alarms.at(0, &[]).active.is_empty());
    // The other way round: seen first, gone later, back again in between.
    let mut alarms = standing(&[LATCHES]);
    alarms.acknowledge(LATCHES);
    assert_eq!(alarms.at(1, &[LATCHES]).active, set(&[LATCHES]));
    assert!(alarms.at(2, &[]).active.is_empty());
    assert!(alarms.at(3, &[LATCHES]).acknowledged.is_empty());
}

#[test]
fn an_alarm_is_not_acknowledged_before_it_stands() {
    let mut alarms = standing(&[]);
    alarms.acknowledge(LATCHES);
    let begins = alarms.at(1, &[LATCHES]);
    assert!(begins.acknowledged.is_empty());
    assert_eq!(begins.sounding, set(&[LATCHES]));
}

#[test]
fn a_new_alarm_ends_the_silence() {
    let mut alarms = standing(&[PASSES]);
    alarms.pause_audio(Timestamp::ZERO);
    let quiet = alarms.at(1, &[PASSES]);
    assert!(quiet.audio_paused && quiet.sounding.is_empty());
    let new = alarms.at(2, &[PASSES, LATCHES]);
    assert!(!new.audio_paused);
    assert_eq!(new.sounding, set(&[PASSES, LATCHES]));
}

#[test]
fn a_pause_that_is_asked_for_again_and_again_still_ends() {
    let mut alarms = standing(&[LATCHES]);
    let (mut paused_since, mut heard) = (None, 0);
    for now in 0..1_000 {
        alarms.pause_audio(second(now));
        let panel = alarms.at(now, &[LATCHES]);
        heard += usize::from(panel.sounding.contains(LATCHES));
        paused_since = panel.audio_paused.then(|| paused_since.unwrap_or(now));
        assert!(paused_since.is_none_or(|since| now - since < 120));
    }
    assert!(heard >= 8, "{heard}");
}

#[test]
fn a_medium_alarm_that_nobody_answers_is_high_after_a_quarter_of_an_hour() {
    let mut alarms = standing(&[MEDIUM, PASSES, Alarm::FreeFlow]);
    let all = [MEDIUM, PASSES, Alarm::FreeFlow];
    let before = alarms.at(899, &all);
    assert_eq!(before.priority(MEDIUM), Some(Priority::Medium));
    assert!(before.escalated.is_empty());
    assert_eq!(alarms.due(second(899)), second(900));
    alarms.pause_audio(second(899));
    let late = alarms.at(900, &all);
    assert_eq!(late.priority(MEDIUM), Some(Priority::High));
    assert_eq!(
        (late.escalated, late.raised_to_high),
        (set(&[MEDIUM]), set(&[MEDIUM]))
    );
    assert_eq!(
        late.priority(PASSES),
        Some(Priority::Low),
        "time alone raises no low alarm"
    );
    assert!(!late.audio_paused, "raised, it is heard");
    assert_eq!(
        late.urgent(),
        set(&[MEDIUM, Alarm::FreeFlow]),
        "nothing more is blocked than before"
    );
    alarms.acknowledge(MEDIUM);
    let seen = alarms.at(901, &all);
    assert_eq!(
        seen.priority(MEDIUM),
        Some(Priority::Medium),
        "somebody has come"
    );
    assert_eq!(
        alarms.at(9_000, &all).priority(MEDIUM),
        Some(Priority::Medium)
    );
}

#[test]
fn an_answer_in_time_raises_nothing() {
    let mut alarms = standing(&[MEDIUM]);
    alarms.acknowledge(MEDIUM);
    assert!(alarms.at(90_000, &[MEDIUM]).escalated.is_empty());
    assert_eq!(alarms.due(second(1)), Timestamp::NEVER);
    // Gone and back: the quarter of an hour begins anew.
    let mut alarms = standing(&[MEDIUM]);
    alarms.at(600, &[]);
    alarms.at(601, &[MEDIUM]);
    assert!(alarms.at(1_500, &[MEDIUM]).escalated.is_empty());
    assert!(!alarms.at(1_501, &[MEDIUM]).escalated.is_empty());
}

#[test]
fn raised_by_its_own_rule_it_is_unseen_again() {
    let mut alarms = standing(&[PASSES]);
    alarms.acknowledge(PASSES);
    let step = |alarms: &mut Alarms, now, by_one: &[Alarm], to_high: &[Alarm]| {
        let raised = Raised {
            by_one: set(by_one),
            to_high: set(to_high),
        };
        alarms.update(second(now), set(&[PASSES]), raised);
        alarms.panel
    };
    assert!(step(&mut alarms, 1, &[], &[]).sounding.is_empty());
    let medium = step(&mut alarms, 2_000, &[PASSES], &[]);
    assert_eq!(medium.priority(PASSES), Some(Priority::Medium));
    assert_eq!(
        (medium.acknowledged, medium.sounding),
        (AlarmSet::EMPTY, set(&[PASSES]))
    );
    assert_eq!(
        step(&mut alarms, 2_899, &[PASSES], &[]).highest(),
        Some(Priority::Medium)
    );
    assert_eq!(
        step(&mut alarms, 2_900, &[PASSES], &[]).highest(),
        Some(Priority::High)
    );
    alarms.acknowledge(PASSES);
    assert_eq!(
        step(&mut alarms, 2_901, &[PASSES], &[]).highest(),
        Some(Priority::Medium)
    );
    let high = step(&mut alarms, 2_902, &[], &[PASSES]);
    assert_eq!(high.highest(), Some(Priority::High));
    assert!(high.acknowledged.is_empty());
    assert_eq!(
        step(&mut alarms, 2_903, &[], &[]).highest(),
        Some(Priority::Low)
    );
}

#[test]
fn a_low_alarm_that_nobody_acknowledges_is_heard_every_quarter_of_an_hour() {
    let mut alarms = standing(&[PASSES]);
    let (mut last, mut heard) = (0, 0);
    for now in (0..20_000).step_by(20) {
        // Silenced whenever it can be.
        alarms.pause_audio(second(now));
        if alarms.at(now, &[PASSES]).sounding.contains(PASSES) {
            (last, heard) = (now, heard + 1);
        }
        assert!(now - last <= 900, "{now}");
    }
    assert!(heard < 500, "and not all the time");
    alarms.acknowledge(PASSES);
    for now in 20_000..22_000 {
        assert!(alarms.at(now, &[PASSES]).sounding.is_empty());
    }
}

#[test]
fn a_low_alarm_sounds_for_a_minute_and_again_after_twelve() {
    let mut alarms = standing(&[PASSES]);
    let heard = |second: &u64| alarms.at(*second, &[PASSES]).sounding.contains(PASSES);
    let seconds: Vec<u64> = (1..1_500).filter(heard).collect();
    let sounds = (1..60).chain(720..780).chain(1_440..1_500);
    assert_eq!(seconds, sounds.collect::<Vec<_>>());
}

proptest! {
    /// Whatever comes: a cause is always signalled, and acknowledging never hides one; a priority is never
    /// below the table's, what is raised is active, and silence is never longer than it may be.
    #[test]
    fn no_cause_goes_unsignalled(
        turns in prop::collection::vec((any::<[u64; 3]>(), 0_usize..44, 0_u64..400, any::<bool>()), 1..60),
    ) {
        let (mut alarms, mut now, mut silent_since) = (Alarms::default(), 0, None);
        for (bits, seen, later, pause) in turns {
            now += later;
            let before = alarms.panel;
            alarms.acknowledge(Alarm::ALL[seen]);
            if pause {
                alarms.pause_audio(second(now));
            }
            let [condition, by_one, to_high] = bits.map(AlarmSet::from_bits);
            alarms.update(second(now), condition, Raised { by_one, to_high });
            let panel = *alarms.panel();
            prop_assert!(condition.without(panel.active).is_empty());
            let silent = panel.active.without(condition);
            prop_assert!(silent.without(AlarmSet::LATCHING).is_empty());
            let kept = before.active.intersection(AlarmSet::LATCHING).without(panel.active);
            let seen_or_were = before.acknowledged.with(Alarm::ALL[seen], true);
            prop_assert!(kept.without(seen_or_were).is_empty(), "latched until seen");
            for alarm in panel.active.iter() {
                prop_assert!(panel.priority(alarm) >= Some(alarm.priority()));
            }
            prop_assert!(panel.raised_to_high.without(panel.escalated).is_empty());
            prop_assert!(panel.escalated.without(panel.active).is_empty());
            let urgent = panel.urgent().without(panel.acknowledged);
            prop_assert!(panel.audio_paused || urgent.without(panel.sounding).is_empty());
            prop_assert!(panel.sounding.intersection(panel.acknowledged).is_empty());
            silent_since = panel.audio_paused.then(|| silent_since.unwrap_or(now));
            prop_assert!(silent_since.is_none_or(|since| now - since < 120));
            prop_assert!(alarms.due(second(now)) > second(now));
        }
    }
}
