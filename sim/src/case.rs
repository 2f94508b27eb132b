//! One patient in one arm of a scenario, with every file behind it already read.

use std::sync::Arc;
use std::time::Duration;

use dose_controller::Protocol;
use infusion_device::{DeviceSpec, Profile};
use infusion_types::{Concentration, LineVolumes, Volume};
use virtual_patient::{Draw, Parameters, UnitNormals};

use crate::clock::SimTime;
use crate::config::Library;
use crate::draw::{Draws, Purpose};
use crate::fault::built_in;
use crate::requirement::Requirements;
use crate::scenario::{
    Arm, DeviceFile, Fault, Infusion, PeopleFile, Placement, ProtocolFile, ProtocolProblem,
    Scenario,
};

/// Draws for one patient before a screening gives up.
const SCREENED_MOST: u64 = 1_000;

/// What one run is made of.
#[derive(Clone, Debug)]
pub struct Case<'a> {
    library: &'a Library,
    arm: &'a Arm,
    patient: u64,
    draws: Draws,
    parameters: Parameters,
    placement: Placement,
    protocol: Option<Protocol>,
}

impl<'a> Case<'a> {
    /// Patient number `patient` (from 1; 0 is the typical one) in an arm.
    ///
    /// # Errors
    /// A protocol that the controller refuses.
    pub fn new(library: &'a Library, arm: &'a Arm, patient: u64) -> Result<Self, ProtocolProblem> {
        let scenario = &library.scenario;
        let draws = Draws::new(scenario.seed, patient);
        let parameters = built_in::patient(scenario, parameters(library, &draws, patient));
        let permille = scenario.explant.infection_reaches_catheter_permille;
        let reaches = draws
            .at(Purpose::Infection, "catheter", 0)
            .happens(permille);
        let usual = Placement {
            new_drain: reaches,
            unprimed: false,
            drain_ul: None,
        };
        let placement = built_in::placement(scenario, usual);
        let protocol = match arm.infusion {
            Infusion::Wean => Some(protocol(library, placement)?),
            Infusion::Stop => None,
        };
        Ok(Self {
            library,
            arm,
            patient,
            draws,
            parameters,
            placement,
            protocol,
        })
    }

    /// The scenario.
    #[must_use]
    pub const fn scenario(&self) -> &'a Scenario {
        &self.library.scenario
    }

    /// The arm.
    #[must_use]
    pub const fn arm(&self) -> &'a Arm {
        self.arm
    }

    /// The number of the patient.
    #[must_use]
    pub const fn patient(&self) -> u64 {
        self.patient
    }

    /// The patient's draws.
    #[must_use]
    pub fn draws(&self) -> Draws {
        self.draws.clone()
    }

    /// The patient.
    #[must_use]
    pub const fn parameters(&self) -> Parameters {
        self.parameters
    }

    /// The patient as they were drawn, before a dose was asked for and before any fault.
    #[must_use]
    pub fn as_drawn(&self) -> Parameters {
        drawn(self.library, &self.draws, self.patient)
    }

    /// The dose that the patient was titrated to.
    #[must_use]
    pub const fn start_dose_ug_per_day(&self) -> f64 {
        self.parameters.start_dose_ug_per_day
    }

    /// The controller's protocol, in an arm that has one.
    #[must_use]
    pub const fn protocol(&self) -> Option<Protocol> {
        self.protocol
    }

    /// The kind of device.
    #[must_use]
    pub const fn device(&self) -> &'a DeviceFile {
        &self.library.device
    }

    /// The protocol as it was written.
    #[must_use]
    pub const fn protocol_file(&self) -> &'a ProtocolFile {
        &self.library.protocol
    }

    /// The ward.
    #[must_use]
    pub const fn people(&self) -> &'a PeopleFile {
        &self.library.people
    }

    /// Every file behind it.
    #[must_use]
    pub const fn library(&self) -> &'a Library {
        self.library
    }

    /// Whether another case is the same in all but its faults: files, patient, arm, controllers and what it is
    /// judged by.
    #[must_use]
    pub fn is_but_for_faults(&self, other: &Case<'_>) -> bool {
        let (one, two) = (self.library, other.library);
        let sound = |scenario: &Scenario| Scenario {
            faults: Vec::new(),
            ..scenario.clone()
        };
        sound(&one.scenario) == sound(&two.scenario)
            && one.texts == two.texts
            && (&one.protocol, &one.device, &one.people)
                == (&two.protocol, &two.device, &two.people)
            && Arc::ptr_eq(&one.requirements, &two.requirements)
            && one.controllers.name() == two.controllers.name()
            && (self.patient, self.arm) == (other.patient, other.arm)
    }

    /// Which catheter, and whether it was primed.
    #[must_use]
    pub const fn placement(&self) -> Placement {
        self.placement
    }

    /// Whether a fault of the scenario acts on link, clocks or computer: then messages are frames, and the
    /// pump is watched while nobody speaks to it.
    #[must_use]
    pub fn may_fall_silent(&self) -> bool {
        may_silence(&self.scenario().faults)
    }

    /// When its first fault begins; none without one. What is built in is there from the start.
    #[must_use]
    pub fn first_fault(&self) -> Option<SimTime> {
        first_of(&self.scenario().faults)
    }

    /// What the run is judged by.
    #[must_use]
    pub fn requirements(&self) -> &'a Requirements {
        &self.library.requirements
    }

    /// This patient's own device.
    #[must_use]
    pub fn device_spec(&self) -> DeviceSpec {
        let explant = &self.scenario().explant;
        let drug = Concentration::from_micrograms_per_millilitre(explant.drug_ug_per_ml);
        let profile = self.scenario().profile.into();
        let fill_ul = explant.reservoir_ml * 1e3;
        let usual = self
            .device()
            .spec(&self.draws, (profile, self.placement), (drug, fill_ul));
        built_in::device(self.scenario(), usual)
    }
}

/// When the first of these faults begins; none without one. What is built in is there from the start.
#[must_use]
pub fn first_of(faults: &[Fault]) -> Option<SimTime> {
    let each = faults.iter().map(|fault| {
        if fault.what.is_built_in() {
            SimTime::ZERO
        } else {
            SimTime::from_minutes(u64::from(fault.from_min))
        }
    });
    each.min()
}

/// Whether one of these faults acts on link, clocks or computer.
#[must_use]
pub fn may_silence(faults: &[Fault]) -> bool {
    faults.iter().any(|fault| fault.what.may_silence())
}

/// The pump's report period: a second with instruments, a minute without.
#[must_use]
pub const fn report_period(profile: Profile) -> Duration {
    match profile {
        Profile::P0 | Profile::P1 => Duration::from_secs(60),
        Profile::P2 => Duration::from_secs(1),
    }
}

fn protocol(library: &Library, placement: Placement) -> Result<Protocol, ProtocolProblem> {
    let explant = &library.scenario.explant;
    let line = LineVolumes {
        open: library.device.open_volume(),
        to_tip: library.device.volume_to_tip(placement),
        drug: Concentration::from_micrograms_per_millilitre(explant.drug_ug_per_ml),
        reservoir: Volume::from_nanolitres(libm::round(explant.reservoir_ml * 1e6) as u64),
    };
    let scenario = &library.scenario;
    built_in::protocol(scenario, library.protocol.clone())
        .protocol(line, report_period(scenario.profile.into()))
}

/// The patient on the dose that the scenario asks for, if it asks.
fn parameters(library: &Library, draws: &Draws, patient: u64) -> Parameters {
    let one = library.scenario.patient;
    let drawn = drawn(library, draws, patient);
    match one.and_then(|one| one.start_dose_ug_per_day) {
        Some(dose) => drawn.with_start_dose(dose),
        None => drawn,
    }
}

/// The patient, typical or drawn; a dose below what the cohort takes in is drawn again.
fn drawn(library: &Library, draws: &Draws, patient: u64) -> Parameters {
    let population = &library.population;
    let one = library.scenario.patient.unwrap_or_default();
    let least = library
        .scenario
        .cohort
        .map_or(0.0, |cohort| cohort.least_dose_ug_per_day);
    let mut drawn = if patient == 0 || one.as_written {
        Parameters::typical(population)
    } else {
        let attempts = (0..SCREENED_MOST)
            .map(|attempt| Parameters::drawn(population, &UnitNormals(normals(draws, attempt))));
        let mut last = None;
        for candidate in attempts {
            let taken = candidate.start_dose_ug_per_day >= least;
            last = Some(candidate);
            if taken {
                break;
            }
        }
        last.unwrap_or_else(|| Parameters::typical(population))
    };
    drawn.paradoxical = one.paradoxical.unwrap_or(drawn.paradoxical);
    drawn
}

/// Unit normals of one attempt, each at its own address.
fn normals(draws: &Draws, attempt: u64) -> [f64; Draw::COUNT] {
    let mut normals = [0.0; Draw::COUNT];
    for (index, normal) in normals.iter_mut().enumerate() {
        let address = attempt * 1_000 + index as u64;
        *normal = draws.at(Purpose::Patient, "parameter", address).normal();
    }
    normals
}
