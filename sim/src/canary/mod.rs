//! Canaries: a controller, a device or a person that is wrong on purpose, one for every requirement.
//!
//! A requirement that no canary breaches is one that is not tested. Most canaries wrap the shipped
//! controller and bend what it says, or what it hears; the others break the device or the people of
//! a story by overrides.

mod alarms;
mod bend;
mod dose;
mod fluid;
mod host;
mod line;
mod link;
mod own;
mod people;
mod platform;

use std::sync::{Arc, LazyLock};

use dose_controller::Protocol;
use infusion_device::Truth;
use infusion_types::{Session, Telemetry};

use crate::bench::{AnyController, Bench, Controllers, Observer, Stalled};
use crate::case::Case;
use crate::clock::SimTime;
use crate::config::Library;
use crate::judge::Judge;
use crate::record::{PlatformTruth, Record};
use crate::requirement::{Finding, Requirement, Requirements};
use crate::study::cohort::patients;
use crate::verdict::RunVerdict;

pub use bend::{Bend, Bent, Cycle, Heard};

/// Shortly beyond the first rung, with nothing wrong.
const TO_A_RUNG: &[&str] = &["faults=[]", "run_max_h=26", "follow_up_h=1"];

/// Something that is wrong on purpose.
#[derive(Clone, Copy, Debug)]
pub struct Canary {
    /// What is wrong, in words.
    pub name: &'static str,
    /// The requirement that it is for.
    pub breaks: &'static str,
    /// The shipped story that it flies in.
    pub scenario: &'static str,
    /// Overrides that make the story short, and give the requirement something to judge.
    pub overrides: &'static [&'static str],
    /// More overrides, of a device or of people that are broken; the sound flight is without them.
    pub broken: &'static [&'static str],
    /// Requirements that it breaches earlier, because it has to.
    pub companions: &'static [&'static str],
    /// Why it breaches what it breaches.
    pub why: &'static str,
    /// A fresh bend for a flight; none where only `broken` is wrong.
    bend: Option<fn() -> Bend>,
    /// What is told wrongly of the truth; for requirements on the pump, the platform and the bench itself.
    lie: Option<Lie>,
}

/// What a judge is told of a moment, where it is not what is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told {
    truth: Truth,
    platform: PlatformTruth,
    telemetry: Option<Telemetry>,
}

type Lie = fn(&mut Told);

/// The same story for nearly all: one patient, no fault, ended soon.
const CALM: &[&str] = &["faults=[]", "run_max_h=12", "follow_up_h=1"];

impl Canary {
    const fn new(name: &'static str, breaks: &'static str, why: &'static str) -> Self {
        Self {
            name,
            breaks,
            scenario: "first",
            overrides: CALM,
            broken: &[],
            companions: &[],
            why,
            bend: None,
            lie: None,
        }
    }

    const fn bent(self, bend: fn() -> Bend) -> Self {
        Self {
            bend: Some(bend),
            ..self
        }
    }

    const fn lying(self, lie: Lie) -> Self {
        Self {
            lie: Some(lie),
            ..self
        }
    }

    const fn with(self, overrides: &'static [&'static str]) -> Self {
        Self { overrides, ..self }
    }

    const fn flying(self, scenario: &'static str, overrides: &'static [&'static str]) -> Self {
        Self {
            scenario,
            overrides,
            ..self
        }
    }

    const fn broken(self, broken: &'static [&'static str]) -> Self {
        Self { broken, ..self }
    }

    const fn beside(self, companions: &'static [&'static str]) -> Self {
        Self { companions, ..self }
    }

    /// The story; `broken` or not.
    ///
    /// # Panics
    /// When its overrides do not fit: a test flies every canary.
    fn library(&self, broken: bool) -> Library {
        let more = if broken { self.broken } else { &[] };
        let overrides = self.overrides.iter().chain(more);
        let overrides: Vec<String> = overrides.map(|it| (*it).to_owned()).collect();
        let library = Library::shipped(self.scenario, &overrides).expect("a shipped story");
        library.unwrap_or_else(|refused| {
            let told: Vec<String> = refused.iter().map(|it| it.render(false)).collect();
            panic!("{}: {}", self.name, told.join("\n"))
        })
    }
}

/// All of them, group by group.
pub fn canaries() -> &'static [Canary] {
    static ALL: LazyLock<Vec<Canary>> = LazyLock::new(|| {
        [
            dose::ALL,
            people::ALL,
            fluid::ALL,
            platform::ALL,
            host::ALL,
            link::ALL,
            line::ALL,
            alarms::ALL,
            own::ALL,
        ]
        .concat()
    });
    &ALL
}

/// Controllers that are wrong in the way of one canary.
#[derive(Clone, Debug)]
pub struct Wrong {
    breaks: &'static str,
    bend: fn() -> Bend,
}

impl Wrong {
    /// Those of the canary for a requirement; none where it is not the controller that is wrong.
    #[must_use]
    pub fn of(requirement: &str) -> Option<Self> {
        let mut all = canaries().iter();
        let canary = all.find(|canary| canary.breaks == requirement)?;
        Some(Self {
            breaks: canary.breaks,
            bend: canary.bend?,
        })
    }

    /// The requirements whose canary is a wrong controller.
    pub fn all() -> impl Iterator<Item = &'static str> {
        let wrong = canaries().iter().filter(|canary| canary.bend.is_some());
        wrong.map(|canary| canary.breaks)
    }
}

impl Controllers for Wrong {
    fn name(&self) -> String {
        format!("canary:{}", self.breaks)
    }

    fn open(&self, protocol: Protocol, session: Session) -> Result<AnyController, Stalled> {
        Ok(Box::new(Bent::new(protocol, session, (self.bend)())))
    }
}

/// What a flight has come to.
#[derive(Clone, Debug)]
pub struct Flight {
    /// The requirements that it was judged by.
    pub requirements: Arc<Requirements>,
    /// What each of them found, in the order of [`Requirements::judged`].
    pub findings: Vec<Finding>,
    /// What the run comes to by them.
    pub verdict: RunVerdict,
}

impl Flight {
    /// What one of them found.
    #[must_use]
    pub fn finding(&self, id: &str) -> Option<&Finding> {
        let mut all = self.requirements.judged().zip(&self.findings);
        all.find(|(requirement, _)| requirement.id == id)
            .map(|(_, finding)| finding)
    }

    /// Those that were breached where something could have shown it, in their order.
    pub fn violated(&self) -> impl Iterator<Item = (&Requirement, &Finding)> {
        let all = self.requirements.judged().zip(&self.findings);
        all.filter(|(_, finding)| finding.violated())
    }
}

/// Flies a canary.
///
/// # Errors
/// [`Stalled`].
pub fn fly(canary: &Canary) -> Result<Flight, Stalled> {
    let bend = canary.bend.map_or_else(Bend::none, |bend| bend());
    flight(&canary.library(true), bend, canary.lie)
}

/// Flies the same story with nothing wrong.
///
/// # Errors
/// [`Stalled`].
pub fn fly_sound(canary: &Canary) -> Result<Flight, Stalled> {
    flight(&canary.library(false), Bend::none(), None)
}

/// Flies the first patient of a story with a bent controller.
///
/// # Errors
/// [`Stalled`].
pub fn fly_bent(library: &Library, bend: Bend) -> Result<Flight, Stalled> {
    flight(library, bend, None)
}

fn flight(library: &Library, bend: Bend, lie: Option<Lie>) -> Result<Flight, Stalled> {
    let patient = patients(library)[0];
    let arm = &library.scenario.arms[0];
    let case = Case::new(library, arm, patient).expect("the library has been checked");
    let judge = Judge::new(&case);
    let mut witness = Witness { judge, lie };
    let bench = Bench::new(&case, |protocol, session| {
        Bent::new(protocol, session, bend)
    });
    let ended = bench.run(&mut witness)?;
    let judged = witness.judge.finish(&case, &ended);
    Ok(Flight {
        requirements: Arc::clone(&library.requirements),
        findings: judged.findings,
        verdict: judged.verdict,
    })
}

/// Tells the judge of the truth, or nearly.
struct Witness {
    judge: Judge,
    lie: Option<Lie>,
}

impl Observer for Witness {
    fn observe(&mut self, record: &Record<'_>) {
        let (Some(lie), Some(truth), Some(platform)) = (self.lie, record.truth, record.platform)
        else {
            return self.judge.observe(record);
        };
        let mut told = Told {
            truth: *truth,
            platform: *platform,
            telemetry: record.telemetry.copied(),
        };
        lie(&mut told);
        self.judge.observe(&Record {
            truth: Some(&told.truth),
            platform: Some(&told.platform),
            telemetry: told.telemetry.as_ref(),
            ..*record
        });
    }

    fn patient(&mut self, at: SimTime, signs: &virtual_patient::Signs) {
        self.judge.patient(at, signs);
    }
}
