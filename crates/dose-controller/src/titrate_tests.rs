use core::time::Duration;

use infusion_types::{Assessment, Basis, DailyDose, Rung, Rungs, Temperature};

use super::*;

const HOUR: Duration = Duration::from_secs(3_600);

const RULES: Observation = Observation {
    age_most: Duration::from_secs(4 * 3_600),
    missing: Duration::from_secs(8 * 3_600),
    withdrawal_signs: 2,
    itch: 4,
    tone_rise_tenths: 10,
    heart_rate: 110,
    temperature: Temperature::from_millidegrees(37_800),
    agitation: 2,
    breaths_least: 10,
    saturation_least: 90,
    sedation_deep: -3,
    jump_tenths: 20,
    unresolved: HOUR,
    unconfirmed: Duration::from_secs(600),
    after_withdrawal: Duration::from_secs(12 * 3_600),
};

fn at(minutes: u64) -> Timestamp {
    Timestamp::from_millis(minutes * 60_000)
}

fn calm(minutes: u64) -> Assessment {
    Assessment {
        at: at(minutes),
        spasticity: Ok(1.0),
        spasms: Ok(1.0),
        sedation: Ok(0.0),
        breaths_per_min: Ok(16.0),
        saturation_percent: Ok(97.0),
        heart_rate_per_min: Ok(76.0),
        systolic_mmhg: Ok(124.0),
        temperature_c: Ok(36.8),
        itch: Ok(0.0),
    }
}

fn toned(minutes: u64, grade: f64) -> Assessment {
    Assessment {
        spasticity: Ok(grade),
        ..calm(minutes)
    }
}

fn after(sheets: &[Assessment]) -> Titration {
    let mut titration = Titration::default();
    for sheet in sheets {
        titration.observe(&RULES, &sheet.admit());
    }
    titration
}

fn schedule() -> WeanSchedule {
    let rung = |decrement_permille, tone_rise_most_tenths, signs_most| Rung {
        decrement_permille,
        tone_rise_most_tenths,
        signs_most,
    };
    WeanSchedule {
        basis: Basis::Current,
        every: HOUR * 24,
        first_after: HOUR * 24,
        final_dose: DailyDose::from_nanograms_per_day(25_000),
        last_rung_for: HOUR * 24,
        rungs: Rungs::new(&[rung(400, 5, 0), rung(300, 10, 1), rung(200, 15, 1)])
            .expect("three rungs"),
    }
}

#[test]
fn the_median_is_the_lower_of_two_in_the_middle() {
    let cases: [(&[usize], Option<usize>); 6] = [
        (&[], None),
        (&[3], Some(3)),
        (&[2, 4], Some(2)),
        (&[4, 2, 8], Some(4)),
        (&[0, 0, 8, 8], Some(0)),
        (&[1, 1, 1, 8, 8], Some(1)),
    ];
    for (values, median) in cases {
        let mut counts = Counts::<9>::default();
        for value in values {
            counts.count(*value);
        }
        assert_eq!(counts.median(), median, "{values:?}");
    }
}

#[test]
fn a_count_beyond_the_scale_is_no_count() {
    let mut counts = Counts::<9>::default();
    counts.count(9);
    assert_eq!(counts.median(), None);
}

#[test]
fn a_jump_waits_for_another_look() {
    let jumped = after(&[calm(0), toned(60, 3.0)]);
    assert!(jumped.inconsistent());
    assert_eq!(jumped.latest_at(), Some(at(0)));
    let mut confirmed = jumped;
    confirmed.observe(&RULES, &toned(62, 3.0).admit());
    assert!(!confirmed.inconsistent());
    assert_eq!(confirmed.latest_at(), Some(at(62)));
    let mut taken_back = jumped;
    taken_back.observe(&RULES, &calm(62).admit());
    assert!(!taken_back.inconsistent());
    assert_eq!(taken_back.latest_at(), Some(at(62)));
    assert_eq!(taken_back.signs(), 0);
    let mut wild = jumped;
    wild.observe(&RULES, &toned(62, 0.0).admit());
    assert_eq!(wild.latest_at(), Some(at(62)), "near what was believed");
}

#[test]
fn the_same_sheet_twice_confirms_no_jump() {
    let twice = after(&[calm(0), toned(60, 3.0), toned(60, 3.0)]);
    assert!(twice.inconsistent());
    assert_eq!(twice.latest_at(), Some(at(0)));
}

#[test]
fn a_jump_within_the_limit_or_after_a_long_time_is_none() {
    assert!(!after(&[calm(0), toned(60, 2.0)]).inconsistent());
    assert!(after(&[calm(0), toned(239, 3.0)]).inconsistent());
    let old = after(&[calm(0), toned(240, 3.0)]);
    assert_eq!(old.latest_at(), Some(at(240)));
}

#[test]
fn more_tone_and_deeper_sedation_contradict_each_other() {
    let deeper = |minutes, grade, score| Assessment {
        sedation: Ok(score),
        ..toned(minutes, grade)
    };
    assert!(after(&[calm(0), calm(1), calm(2), deeper(60, 2.0, -1.0)]).inconsistent());
    for (grade, score) in [(2.0, 0.0), (2.0, 1.0), (1.5, -1.0), (1.0, -2.0)] {
        let titration = after(&[calm(0), calm(1), calm(2), deeper(60, grade, score)]);
        assert!(!titration.inconsistent(), "{grade} {score}");
    }
}

#[test]
fn an_incomplete_sheet_is_doubted_and_counts_for_nothing() {
    for spoil in [Err(NoData::NotFitted), Ok(f64::NAN), Ok(-1.0), Ok(1e300)] {
        let sheet = Assessment {
            systolic_mmhg: spoil,
            ..calm(60)
        };
        let titration = after(&[calm(0), sheet]);
        assert!(titration.inconsistent());
        assert_eq!(titration.latest_at(), Some(at(0)));
        assert_eq!(titration.refused().is_some(), spoil.is_ok());
        let mut made_good = titration;
        made_good.observe(&RULES, &calm(61).admit());
        assert!(!made_good.inconsistent());
    }
}

#[test]
fn doubt_grows_old_from_when_it_arose() {
    let doubt = after(&[calm(0), toned(60, 3.0)]);
    assert!(!doubt.unresolved(&RULES, at(119)));
    assert!(doubt.unresolved(&RULES, at(120)));
    let mut still = doubt;
    still.observe(
        &RULES,
        &Assessment {
            itch: Err(NoData::NotFitted),
            ..calm(100)
        }
        .admit(),
    );
    assert!(still.unresolved(&RULES, at(120)), "it never went");
    still.observe(&RULES, &calm(121).admit());
    assert!(!still.unresolved(&RULES, at(999)));
}

fn sedated(minutes: u64) -> Assessment {
    Assessment {
        breaths_per_min: Ok(9.0),
        ..calm(minutes)
    }
}

#[test]
fn overdose_is_suspected_confirmed_and_taken_back() {
    let first = after(&[calm(0), sedated(60)]);
    assert!(first.overdose_suspected() && !first.overdose_confirmed());
    let second = after(&[calm(0), sedated(60), sedated(61)]);
    assert!(second.overdose_confirmed() && !second.overdose_suspected());
    let back = after(&[calm(0), sedated(60), calm(61)]);
    assert!(!back.overdose_suspected() && !back.overdose_confirmed());
    let gone = after(&[sedated(60), sedated(61), calm(62)]);
    assert!(!gone.overdose_confirmed());
    let apart = after(&[sedated(60), calm(61), sedated(62)]);
    assert!(!apart.overdose_confirmed(), "not two in a row");
    let sent_twice = after(&[sedated(60), sedated(60)]);
    assert!(sent_twice.overdose_suspected() && !sent_twice.overdose_confirmed());
}

#[test]
fn each_sign_of_overdose_counts_by_itself_and_nothing_hides_it() {
    let blank = Assessment {
        spasticity: Ok(f64::NAN),
        spasms: Err(NoData::NotFitted),
        sedation: Ok(1e300),
        breaths_per_min: Ok(-1.0),
        saturation_percent: Ok(f64::INFINITY),
        heart_rate_per_min: Ok(f64::NAN),
        systolic_mmhg: Err(NoData::NotFitted),
        temperature_c: Ok(f64::NAN),
        itch: Ok(11.0),
        ..calm(60)
    };
    let signs = [
        Assessment {
            breaths_per_min: Ok(9.0),
            ..blank
        },
        Assessment {
            saturation_percent: Ok(89.0),
            ..blank
        },
        Assessment {
            sedation: Ok(-3.0),
            ..blank
        },
    ];
    for sign in signs {
        assert!(after(&[sign]).overdose_suspected(), "{sign:?}");
    }
    for fine in [
        blank,
        Assessment {
            breaths_per_min: Ok(10.0),
            saturation_percent: Ok(90.0),
            sedation: Ok(-2.0),
            ..blank
        },
    ] {
        assert!(!after(&[fine]).overdose_suspected());
    }
    let between = Assessment {
        at: at(61),
        ..blank
    };
    let kept = after(&[sedated(60), between]);
    assert!(
        kept.overdose_suspected(),
        "a sheet that cannot tell takes nothing back"
    );
    assert!(after(&[sedated(60), between, sedated(62)]).overdose_confirmed());
}

type Change = fn(&mut Assessment);

#[test]
fn a_sheet_that_cannot_show_a_sign_takes_no_suspicion_back() {
    let unread: [fn(&mut Assessment); 3] = [
        |sheet| sheet.breaths_per_min = Err(NoData::NotFitted),
        |sheet| sheet.saturation_percent = Ok(f64::NAN),
        |sheet| sheet.sedation = Err(NoData::NotFitted),
    ];
    for hide in unread {
        let mut sheet = calm(30);
        hide(&mut sheet);
        let titration = after(&[calm(0), sedated(20), sheet]);
        assert!(titration.overdose_suspected(), "{sheet:?}");
    }
    assert!(!after(&[calm(0), sedated(20), calm(30)]).overdose_suspected());
}

#[test]
fn signs_count_each_of_the_five() {
    let base = [calm(0), calm(1), calm(2)];
    let with = |change: &dyn Fn(&mut Assessment)| {
        let mut sheet = calm(60);
        change(&mut sheet);
        let [a, b, c] = base;
        after(&[a, b, c, sheet]).signs()
    };
    let at_least: [(Change, Change); 5] = [
        (|s| s.itch = Ok(4.0), |s| s.itch = Ok(3.0)),
        (|s| s.spasticity = Ok(2.0), |s| s.spasticity = Ok(1.5)),
        (
            |s| s.heart_rate_per_min = Ok(111.0),
            |s| {
                s.heart_rate_per_min = Ok(110.0);
            },
        ),
        (
            |s| s.temperature_c = Ok(37.801),
            |s| {
                s.temperature_c = Ok(37.8);
            },
        ),
        (|s| s.sedation = Ok(2.0), |s| s.sedation = Ok(1.0)),
    ];
    for (count, (sign, no_sign)) in at_least.iter().enumerate() {
        assert_eq!(with(sign), 1, "sign {count}");
        assert_eq!(with(no_sign), 0, "sign {count}");
    }
    let all = |sheet: &mut Assessment| at_least.iter().for_each(|(sign, _)| sign(sheet));
    assert_eq!(with(&all), 5);
}

#[test]
fn the_lesser_of_two_is_permitted() {
    let wean = schedule();
    let rise = |minutes, grade| toned(minutes, grade);
    let base = [calm(0), calm(1), calm(2)];
    let permitted = |one: Assessment, two: Assessment| {
        let [a, b, c] = base;
        after(&[a, b, c, one, two]).permitted(&wean)
    };
    assert_eq!(permitted(calm(60), calm(61)), Some(400));
    assert_eq!(permitted(rise(60, 1.5), calm(61)), Some(400));
    assert_eq!(permitted(rise(60, 2.0), calm(61)), Some(300));
    assert_eq!(permitted(calm(60), rise(61, 2.0)), Some(300));
    let itch = Assessment {
        itch: Ok(5.0),
        ..calm(60)
    };
    assert_eq!(permitted(itch, calm(61)), Some(300));
    let bad = Assessment {
        itch: Ok(5.0),
        heart_rate_per_min: Ok(130.0),
        ..calm(60)
    };
    assert_eq!(
        permitted(bad, calm(61)),
        None,
        "the best sheet cannot outvote the worst"
    );
    assert_eq!(
        after(&[calm(0)]).permitted(&wean),
        None,
        "one sheet permits nothing"
    );
}

#[test]
fn freshness_needs_two_sheets() {
    let two = after(&[calm(0), calm(180)]);
    assert_eq!(after(&[]).two_fresh(&RULES, at(0)), TwoFresh::None);
    assert_eq!(after(&[calm(0)]).two_fresh(&RULES, at(240)), TwoFresh::One);
    assert_eq!(after(&[calm(0)]).two_fresh(&RULES, at(241)), TwoFresh::None);
    assert_eq!(two.two_fresh(&RULES, at(180 + 240)), TwoFresh::Yes);
    assert_eq!(two.two_fresh(&RULES, at(180 + 241)), TwoFresh::None);
    let apart = |minutes| after(&[calm(0), calm(minutes)]).two_fresh(&RULES, at(minutes));
    assert_eq!(apart(480), TwoFresh::Yes);
    assert_eq!(apart(481), TwoFresh::One);
    let sent_twice = after(&[calm(60), calm(60)]);
    assert_eq!(sent_twice.two_fresh(&RULES, at(60)), TwoFresh::One);
}

#[test]
fn the_baseline_is_frozen_when_the_wean_begins() {
    let mut titration = after(&[calm(0), calm(1), calm(2)]);
    titration.begin_wean();
    for minutes in 10..40 {
        titration.observe(&RULES, &toned(minutes, 2.0).admit());
    }
    assert_eq!(titration.usual_tone(), Some(10));
    assert_eq!(
        titration.signs(),
        1,
        "raised tone does not become usual tone"
    );
    let mut before = after(&[calm(0), calm(1), calm(2)]);
    for minutes in 10..40 {
        before.observe(&RULES, &toned(minutes, 2.0).admit());
    }
    assert_eq!(before.usual_tone(), Some(20));
}

#[test]
fn usual_sedation_is_on_the_scale() {
    let score = |minutes, score| Assessment {
        sedation: Ok(score),
        ..calm(minutes)
    };
    let titration = after(&[score(0, -2.0), score(1, -2.0), score(2, 4.0)]);
    assert_eq!(titration.usual_sedation(), Some(-2));
    assert_eq!(Titration::default().usual_sedation(), None);
}
