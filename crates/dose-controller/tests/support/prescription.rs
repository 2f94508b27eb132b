//! The numbers of a prescription that keeps every rule.

use core::time::Duration;

use infusion_types::{
    Basis, Dose, Flow, Limits, LineVolumes, Observation, Prescription, Pressure, Rung, Rungs,
    Sensing, Temperature, Timing, Volume, WeanSchedule,
};

use super::{DAY, HOUR, MINUTE, daily_ug, drug};

/// Three rungs, once a day, of the dose in force.
pub(crate) fn prescription() -> Prescription {
    Prescription {
        limits: limits(),
        timing: timing(),
        observation: observation(),
        sensing: sensing(),
        wean: WeanSchedule {
            basis: Basis::Current,
            every: DAY,
            first_after: DAY,
            final_dose: daily_ug(25),
            last_rung_for: DAY,
            rungs: rungs(&[(400, 5, 0), (300, 10, 1), (200, 40, 1)]),
        },
        line: LineVolumes {
            open: Volume::from_nanolitres(199_000),
            to_tip: Volume::from_nanolitres(507_000),
            drug: drug(500),
            reservoir: Volume::from_nanolitres(20_000_000),
        },
    }
}

/// Decrement in thousandths, the most rise of tone in tenths, the most signs.
pub(crate) fn rungs(rows: &[(u32, u8, u8)]) -> Rungs {
    let rungs: Vec<Rung> = rows
        .iter()
        .map(
            |&(decrement_permille, tone_rise_most_tenths, signs_most)| Rung {
                decrement_permille,
                tone_rise_most_tenths,
                signs_most,
            },
        )
        .collect();
    Rungs::new(&rungs).expect("between one and six rungs")
}

const fn limits() -> Limits {
    Limits {
        ceiling: daily_ug(2_003),
        floor_dose: daily_ug(25),
        flow_least: Flow::from_nanolitres_per_hour(2_000),
        flow_most: Flow::from_nanolitres_per_hour(1_000_000),
        flow_quantum: Flow::from_nanolitres_per_hour(10),
        flow_prime: Flow::from_nanolitres_per_hour(1_000_000),
        kept_in_24h_permille: 500,
        excess: Dose::from_nanograms(25_000),
        pump_tolerance_permille: 145,
    }
}

const fn timing() -> Timing {
    Timing {
        cycle: MINUTE,
        self_test: Duration::from_secs(10),
        lease: Duration::from_secs(90),
        prime_lease: Duration::from_secs(10),
        ping_every: Duration::from_secs(30),
        read_back: Duration::from_secs(30),
        start_within: Duration::from_secs(300),
        second_user_within: Duration::from_secs(300),
        idle: [Duration::from_secs(300), Duration::from_secs(600)],
        differs: MINUTE,
        gap_most: Duration::from_secs(12 * 3_600),
        gap_long: Duration::from_secs(48 * 3_600),
        settle: MINUTE,
        pause_most: Duration::from_secs(600),
        dwell: [
            Duration::from_secs(168 * 3_600),
            Duration::from_secs(242 * 3_600),
        ],
        empty: [DAY, Duration::from_secs(8 * 3_600)],
        link: [MINUTE, Duration::from_secs(900)],
        report_cycles: 2,
        report_ahead: Duration::from_secs(5),
    }
}

const fn observation() -> Observation {
    Observation {
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
    }
}

const fn sensing() -> Sensing {
    Sensing {
        weighing_sigma: Volume::from_nanolitres(50_000),
        weigh_again: Duration::from_secs(900),
        unusable: Volume::from_nanolitres(1_400_000),
        pressure_most: Pressure::from_pascals(40_000),
        pressure_gone: Pressure::from_pascals(20_000),
        pressure_for: Duration::from_secs(10),
        flow_sigma: Flow::from_nanolitres_per_hour(1_000),
        flow_sigma_permille: 100,
        flow_gain_permille: 30,
        flow_offset: Flow::from_nanolitres_per_hour(50),
        flow_mean_over: Duration::from_secs(120),
        free_flow_for: Duration::from_secs(30),
        wrong_flow_for: MINUTE,
        air: [
            Volume::from_nanolitres(50_000),
            Volume::from_nanolitres(200_000),
        ],
        air_for: Duration::from_secs(5),
        dropout: Duration::from_secs(300),
        stuck_for: MINUTE,
        drain_sigma: Volume::from_nanolitres(100_000),
        csf_loss: [
            Volume::from_nanolitres(20_000_000),
            Volume::from_nanolitres(60_000_000),
        ],
        temperature: [
            Temperature::from_millidegrees(18_000),
            Temperature::from_millidegrees(40_000),
        ],
        temperature_for: Duration::from_secs(600),
        temperature_error_permille_per_c: 4,
        stall_for: Duration::from_secs(300),
        battery: [Duration::from_secs(1_800), Duration::from_secs(300)],
    }
}
