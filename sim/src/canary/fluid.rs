//! What breaks the requirements on fluid: line, reservoir, drug, books.

use infusion_types::{
    Action, Alarm, Concentration, Decision, Dose, Mode, OrderKind, PumpState, StopCause, Volume,
};

use super::Canary;
use super::bend::{Bend, Heard};

const TWO_HOURS: &[&str] = &["faults=[]", "run_max_h=2", "follow_up_h=1"];
const PAUSED: &[&str] = &[
    "faults=[]",
    "run_max_h=8",
    "follow_up_h=1",
    "orders=[{at_min=300,what=\"pause\"},{at_min=360,what=\"resume\"}]",
];
const KINKED_ALL_DAY: &[&str] = &[
    "run_max_h=11",
    "follow_up_h=1",
    "faults=[{id=\"kink\",from_min=300,until_min=640,what={occlude={\
         resistance_times=1e7}}}]",
];
const KINKED_3H: &[&str] = &[
    "run_max_h=10",
    "follow_up_h=1",
    "faults=[{id=\"kink\",from_min=300,until_min=500,what={occlude={\
         resistance_times=1e7}}}]",
    "patient.start_dose_ug_per_day=600.0",
];
const NEARLY_EMPTY: &[&str] = &[
    "faults=[]",
    "run_max_h=3",
    "follow_up_h=1",
    "explant.reservoir_ml=2.0",
];
const NEARLY_EMPTY_AND_FAST: &[&str] = &[
    "faults=[]",
    "run_max_h=3",
    "follow_up_h=1",
    "explant.reservoir_ml=2.0",
    "patient.start_dose_ug_per_day=1000.0",
];
const SOON_EMPTY: &[&str] = &[
    "faults=[]",
    "run_max_h=5",
    "follow_up_h=1",
    "explant.reservoir_ml=2.0",
    "patient.start_dose_ug_per_day=2000.0",
];
const REFILLED: &[&str] = &[
    "faults=[]",
    "run_max_h=6",
    "follow_up_h=1",
    "orders=[{at_min=300,what={refill={drug_ug_per_ml=1000,volume_ml=20.0}}}]",
];
const APART: &[&str] = &[
    "run_max_h=7",
    "follow_up_h=1",
    "faults=[{id=\"pulled\",from_min=300,until_min=330,what={disconnect={\
         csf_backflow_ml_per_h=10.0}}}]",
];

pub(super) const ALL: &[Canary] = &[
    Canary::new(
        "a line like a balloon",
        "SR-38",
        "ten times the compliance stores 50 ug before the rotor slips",
    )
    .with(TWO_HOURS)
    .broken(&["adjust.device.\"line.compliance_ul_per_mmhg\"=0.2"]),
    Canary::new(
        "a kink that is read as a healthy line",
        "SR-39",
        "pressure and flow are taken for what they should be",
    )
    .flying("kink-and-release", KINKED_ALL_DAY)
    .beside(&["WB-17"])
    .bent(sees_a_healthy_line),
    Canary::new(
        "a line like a balloon, kinked and let go",
        "SR-40",
        "what it has stored comes at once; that it stores so much is known at \
         the start",
    )
    .flying("kink-and-release", KINKED_3H)
    .broken(&["adjust.device.\"line.compliance_ul_per_mmhg\"=0.4"])
    .beside(&["SR-38"]),
    Canary::new(
        "a ledger of the plan that forgets",
        "SR-44a",
        "it begins anew with the mode",
    )
    .with(PAUSED)
    .bent(|| forgets(|decision| &mut decision.planned_24h)),
    Canary::new(
        "a ledger of what was given that forgets",
        "SR-44b",
        "its upper end begins anew with the mode",
    )
    .with(PAUSED)
    .bent(|| forgets(|decision| &mut decision.estimate_24h.high)),
    Canary::new("a day of drug left", "SR-45a", "AL-14 is never raised")
        .with(NEARLY_EMPTY)
        .bent(|| Bend::hiding(&[Alarm::ReservoirLow])),
    Canary::new(
        "eight hours of drug left",
        "SR-45b",
        "AL-15 is never raised",
    )
    .with(NEARLY_EMPTY_AND_FAST)
    .bent(|| Bend::hiding(&[Alarm::ReservoirVeryLow])),
    Canary::new(
        "an empty pump",
        "SR-45c",
        "AL-16 is never raised, and no drug is asked for",
    )
    .with(SOON_EMPTY)
    .bent(|| {
        Bend::says(|cycle| {
            cycle.decision.asks.refill = None;
            cycle.hide(Alarm::ReservoirEmpty);
        })
    }),
    Canary::new(
        "a full pump that cries for drug",
        "SR-46",
        "AL-14 stands with weeks of drug left",
    )
    .bent(|| Bend::after(5.0, |cycle| cycle.cry(Alarm::ReservoirLow))),
    Canary::new(
        "scales that disagree twice, and nobody told",
        "SR-47",
        "AL-17 is never raised",
    )
    .flying("over-infusion", &["run_max_h=26", "follow_up_h=1"])
    .bent(|| Bend::hiding(&[Alarm::ReservoirDiscrepancy])),
    Canary::new(
        "a quarter of a prime",
        "SR-48",
        "150 uL of the line are left out, and the pump is thought to prime on",
    )
    .with(TWO_HOURS)
    .bent(primes_a_quarter),
    Canary::new(
        "a prime that goes on",
        "SR-49",
        "six more minutes than the line holds",
    )
    .with(TWO_HOURS)
    .bent(primes_on),
    Canary::new(
        "a drug that is still on its way",
        "SR-50",
        "1000 ug/mL are filled in, and commands name them at once",
    )
    .with(REFILLED)
    .bent(names_it_at_once),
    Canary::new(
        "strokes that are too large",
        "SR-51a",
        "8.2 uL of 500 ug/mL are more than 1 % of 400 ug",
    )
    .with(TWO_HOURS)
    .broken(&["adjust.device.\"pump.stroke_ul\"=8.2"]),
    Canary::new(
        "strokes that are too far apart",
        "SR-51b",
        "10 uL at 33 uL/h; they are too large as well (SR-51a, in the same record)",
    )
    .with(TWO_HOURS)
    .broken(&["adjust.device.\"pump.stroke_ul\"=10.0"]),
    Canary::new(
        "a clamp that stays open",
        "SR-52",
        "the pump stops and CSF runs out",
    )
    .flying("disconnected", APART)
    .bent(|| {
        Bend::says(|cycle| {
            if let Some(Action::Stop { clamp, .. }) = cycle.action() {
                *clamp = false;
            }
        })
    }),
];

fn primes_a_quarter() -> Bend {
    let ear = |heard: &mut Heard| {
        if let Ok(state) = &mut heard.telemetry.state
            && (0.51..0.9).contains(&heard.hours)
        {
            state.value = PumpState::Priming;
        }
    };
    Bend::both(ear, |cycle| {
        if let Some(Action::Prime { volume_left }) = cycle.action() {
            let less = volume_left.saturating_sub(Volume::from_nanolitres(150_000));
            *volume_left = less.max(Volume::from_nanolitres(1));
        }
    })
}

fn sees_a_healthy_line() -> Bend {
    Bend::hears(|heard| {
        const FLOW: f64 = 33.0;
        if heard.hours < 4.9 {
            return;
        }
        // Noise, so that no sensor is taken for stuck.
        let seconds = (heard.hours * 3_600.0) as u64;
        let noise = (seconds * 7_919 % 1_000) as f64 / 1_000.0 - 0.5;
        let says = [
            (&mut heard.telemetry.pressure_kpa, 1.3 + 0.2 * noise),
            (
                &mut heard.telemetry.flow_ul_per_h,
                FLOW * (1.0 + 0.1 * noise),
            ),
        ];
        for (raw, value) in says {
            if let Ok(sample) = raw {
                sample.value = value;
            }
        }
        heard.never(|what| matches!(what, OrderKind::VolumeCheck(_)));
    })
}

/// A dose of the decision begins at zero again with every change of mode.
fn forgets(which: for<'a> fn(&'a mut Decision) -> &'a mut Dose) -> Bend {
    let (mut mode, mut forgotten) = (Mode::Off, Dose::ZERO);
    Bend::says(move |cycle| {
        let changes = std::mem::replace(&mut mode, cycle.decision.mode) != mode;
        let dose = which(cycle.decision);
        if changes {
            forgotten = *dose;
        }
        *dose = dose.saturating_sub(forgotten);
    })
}

fn primes_on() -> Bend {
    let mut until = None;
    Bend::says(move |cycle| {
        let over = matches!(
            cycle.action(),
            Some(Action::Stop {
                cause: StopCause::Primed,
                ..
            })
        );
        if over && until.is_none() {
            until = Some(cycle.hours + 0.1);
        }
        if until.is_some_and(|until| cycle.hours < until) {
            cycle.decision.mode = Mode::Prime;
            if over || cycle.told(|what| matches!(what, OrderKind::HoldToRun)) {
                let volume_left = Volume::from_nanolitres(50_000);
                cycle.command(
                    Action::Prime { volume_left },
                    std::time::Duration::from_secs(10),
                );
            }
        }
    })
}

fn names_it_at_once() -> Bend {
    let mut done = false;
    Bend::after(5.2, move |cycle| {
        if done {
            return;
        }
        done = true;
        cycle.infuse(cycle.decision.plan);
        if let Some(Action::Infuse { at, .. }) = cycle.action() {
            *at = Concentration::from_micrograms_per_millilitre(1_000);
        }
    })
}
