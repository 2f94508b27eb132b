//! What is built in: the device, the prescription and the patient as a fault leaves them when they are made.
//!
//! `Case` asks here. The loop never does.

use infusion_device::DeviceSpec;
use infusion_types::Concentration;
use virtual_patient::Parameters;

use crate::case::Case;
use crate::scenario::{
    BasisName, BuiltInFault, Fault, FaultKind, Placement, ProtocolFile, Scenario,
};

/// The faults of a scenario that are built in.
fn built_in(scenario: &Scenario) -> impl Iterator<Item = &BuiltInFault> {
    scenario.faults.iter().filter_map(|fault| {
        let FaultKind::BuiltIn(what) = &fault.what else {
            return None;
        };
        Some(what)
    })
}

/// The catheter that the patient gets, where it would be the one of `placement`.
pub(crate) fn placement(scenario: &Scenario, placement: Placement) -> Placement {
    built_in(scenario).fold(placement, |placement, what| {
        let BuiltInFault::UnprimedDrain { volume_ul } = *what else {
            return placement;
        };
        Placement {
            new_drain: true,
            unprimed: true,
            drain_ul: volume_ul,
        }
    })
}

/// The device.
pub(crate) fn device(scenario: &Scenario, mut spec: DeviceSpec) -> DeviceSpec {
    for what in built_in(scenario) {
        match *what {
            BuiltInFault::WrongDrug { true_ug_per_ml, .. } => {
                spec.pump.reservoir_drug =
                    Concentration::from_micrograms_per_millilitre(true_ug_per_ml);
            }
            BuiltInFault::LeastFlow { least_ul_per_h } => {
                spec.pump.flow_least_ul_per_h = least_ul_per_h;
            }
            BuiltInFault::UnprimedDrain { .. }
            | BuiltInFault::SteepRungs { .. }
            | BuiltInFault::SlowPatient { .. } => {}
        }
    }
    spec
}

/// The prescription.
pub(crate) fn protocol(scenario: &Scenario, mut file: ProtocolFile) -> ProtocolFile {
    for what in built_in(scenario) {
        match *what {
            BuiltInFault::LeastFlow { least_ul_per_h } => {
                file.limits.flow_least_ul_per_h = least_ul_per_h;
            }
            BuiltInFault::SteepRungs { decrement_permille } => {
                file.wean.basis = BasisName::Initial;
                file.wean.rungs.truncate(1);
                for rung in &mut file.wean.rungs {
                    rung.decrement_permille = decrement_permille;
                    // Whatever the response.
                    rung.tone_rise_most = 4.0;
                }
            }
            BuiltInFault::WrongDrug { .. }
            | BuiltInFault::UnprimedDrain { .. }
            | BuiltInFault::SlowPatient { .. } => {}
        }
    }
    file
}

/// The patient.
pub(crate) fn patient(scenario: &Scenario, mut patient: Parameters) -> Parameters {
    for what in built_in(scenario) {
        if let BuiltInFault::SlowPatient { later_h } = *what {
            // Where the sites end is the same; they get there so much later.
            let slower = |per_h: f64| 1.0 / (1.0 / per_h + later_h);
            let kinetics = &mut patient.kinetics;
            kinetics.ke_spinal_per_h = slower(kinetics.ke_spinal_per_h);
            kinetics.ke_brain_per_h = slower(kinetics.ke_brain_per_h);
        }
    }
    patient
}

/// Which of these faults have made something of the case another than it would be without them: bit n is the
/// n-th.
pub(super) fn made(case: &Case<'_>, faults: &[Fault]) -> u64 {
    let mut made = 0;
    for (index, fault) in faults.iter().enumerate() {
        if !fault.what.is_built_in() {
            continue;
        }
        let mut library = case.library().clone();
        library.scenario.faults.retain(|it| it.id != fault.id);
        let arms = &library.scenario.arms;
        let arm = arms.iter().find(|arm| arm.name == case.arm().name);
        let without = arm.and_then(|arm| Case::new(&library, arm, case.patient()).ok());
        let another = without.is_none_or(|without| {
            without.parameters() != case.parameters()
                || without.protocol() != case.protocol()
                || without.placement() != case.placement()
                || without.device_spec() != case.device_spec()
        });
        made |= u64::from(another) << index;
    }
    made
}
