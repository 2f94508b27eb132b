//! Two controllers over the same cases, patient by patient, on the same draws.
//!
//! Everything random is addressed and not taken, so both meet the same patients, the same people and the same
//! weather, and a difference between the two runs of a pair is the controllers' doing. What is told of differences is
//! paired: mean and 95 % interval of b minus a, by Student's t.

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, StudentsT};
use statrs::statistics::Statistics;

use super::cohort::Run;
use crate::case::Case;
use crate::config::Library;
use crate::judge::Judged;
use crate::port::Stalled;
use crate::recording::recorded;
use crate::requirement::{Finding, Requirements};
use crate::trace::{Difference, first_difference};

/// The share of intervals that hold what they say.
const CONFIDENCE: f64 = 0.95;

/// One outcome over all pairs in which both have it.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// What.
    pub name: &'static str,
    /// Its unit; empty for a share.
    pub unit: &'static str,
    /// Pairs in which both have it.
    pub pairs: usize,
    /// Its mean with the first controller.
    pub a: Option<f64>,
    /// Its mean with the second.
    pub b: Option<f64>,
    /// The mean of b minus a.
    pub difference: Option<f64>,
    /// Half of its 95 % interval; none of fewer than two pairs.
    pub half_interval: Option<f64>,
}

/// One requirement with both.
#[derive(Clone, Debug, Serialize)]
pub struct Demand {
    /// Its name.
    pub id: String,
    /// Runs in which each violated it.
    pub violated: [u64; 2],
    /// Runs in which each had something to judge.
    pub armed: [u64; 2],
    /// Whether it applies to each.
    pub applies: [bool; 2],
    /// The worst margin of each, in its unit.
    pub margin: [Option<f64>; 2],
    /// That unit.
    pub unit: String,
}

impl Demand {
    /// Whether the two are told apart by it.
    #[must_use]
    pub fn differs(&self) -> bool {
        let judged = |side: usize| {
            (
                self.violated[side],
                self.armed[side] > 0,
                self.applies[side],
            )
        };
        judged(0) != judged(1) || self.margin[0] != self.margin[1]
    }
}

/// Everything about two controllers.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// Who, as on the command line.
    pub controllers: [String; 2],
    /// Pairs of runs, and how many of them are the same to the last bit.
    pub pairs: usize,
    /// Pairs whose records are the same.
    pub same: usize,
    /// Runs of each that stalled.
    pub stalled: [usize; 2],
    /// Outcomes.
    pub outcomes: Vec<Row>,
    /// Requirements.
    pub requirements: Vec<Demand>,
}

type Read = fn(&Judged) -> Option<f64>;

/// The outcomes that are compared.
const OUTCOMES: [(&str, &str, Read); 9] = [
    ("wean", "days", |it| it.outcome.wean_days()),
    ("first rung", "h", |it| it.outcome.first_decrement_h),
    ("complete", "", |it| {
        Some(f64::from(u8::from(it.outcome.completed_h.is_some())))
    }),
    ("worst withdrawal", "0 to 10", |it| {
        Some(it.outcome.peak_withdrawal)
    }),
    ("any withdrawal", "", |it| {
        Some(f64::from(u8::from(it.outcome.withdrawal_from_h.is_some())))
    }),
    ("rise of tone", "grades", |it| {
        Some(it.outcome.peak_mas_rise).filter(|rise| rise.is_finite())
    }),
    ("worst overdose", "", |it| Some(it.outcome.peak_overdose)),
    ("alarms that stood", "", |it| {
        Some(it.alarms.iter().count() as f64)
    }),
    ("violated requirements", "", |it| {
        Some(
            it.findings
                .iter()
                .filter(|finding| finding.violated())
                .count() as f64,
        )
    }),
];

/// Compares the runs of two controllers over the same cases, in the same order.
#[must_use]
pub fn compare(a: (&Library, &[Run]), b: (&Library, &[Run])) -> Comparison {
    let pairs: Vec<(&Run, &Run)> = a.1.iter().zip(b.1).collect();
    let both: Vec<(&Judged, &Judged)> = pairs
        .iter()
        .filter_map(|(a, b)| Some((a.judged.as_ref().ok()?, b.judged.as_ref().ok()?)))
        .collect();
    let stalled = |runs: &[Run]| runs.iter().filter(|run| run.judged.is_err()).count();
    Comparison {
        controllers: [a.0.controllers.name(), b.0.controllers.name()],
        pairs: pairs.len(),
        same: both
            .iter()
            .filter(|(a, b)| a.digest.hex() == b.digest.hex())
            .count(),
        stalled: [stalled(a.1), stalled(b.1)],
        outcomes: OUTCOMES.iter().map(|outcome| row(outcome, &both)).collect(),
        requirements: demands(&a.0.requirements, &both),
    }
}

fn row(
    (name, unit, read): &(&'static str, &'static str, Read),
    both: &[(&Judged, &Judged)],
) -> Row {
    let known = |(a, b): &(&Judged, &Judged)| Some((read(a)?, read(b)?));
    let known: Vec<(f64, f64)> = both.iter().filter_map(known).collect();
    let differences: Vec<f64> = known.iter().map(|(a, b)| b - a).collect();
    let mean = |values: Vec<f64>| (!values.is_empty()).then(|| values.mean());
    Row {
        name,
        unit,
        pairs: known.len(),
        a: mean(known.iter().map(|(a, _)| *a).collect()),
        b: mean(known.iter().map(|(_, b)| *b).collect()),
        half_interval: half_interval(&differences),
        difference: mean(differences),
    }
}

/// Half of the interval in which the mean of what these are drawn from lies.
fn half_interval(differences: &[f64]) -> Option<f64> {
    let count = differences.len() as f64;
    let t = StudentsT::new(0.0, 1.0, count - 1.0).ok()?;
    let times = t.inverse_cdf(f64::midpoint(1.0, CONFIDENCE));
    let spread = differences.std_dev();
    Some(times * spread / count.sqrt()).filter(|half| half.is_finite())
}

fn demands(requirements: &Requirements, both: &[(&Judged, &Judged)]) -> Vec<Demand> {
    let of = |place: usize, side: usize| {
        let findings = both.iter().map(move |(a, b)| if side == 0 { a } else { b });
        findings.filter_map(move |judged| judged.findings.get(place))
    };
    let count = |place: usize, of_it: fn(&Finding) -> bool| {
        [0, 1].map(|side| of(place, side).filter(|finding| of_it(finding)).count() as u64)
    };
    let one = |(place, requirement): (usize, &crate::requirement::Requirement)| Demand {
        id: requirement.id.clone(),
        violated: count(place, Finding::violated),
        armed: count(place, |finding| finding.armed > 0),
        applies: count(place, |finding| !finding.not_applicable).map(|runs| runs > 0),
        margin: [0, 1].map(|side| {
            let margins = of(place, side).filter_map(|finding| finding.margin);
            margins.reduce(f64::min)
        }),
        unit: requirement.unit().to_owned(),
    };
    requirements.judged().enumerate().map(one).collect()
}

/// The first pair that parts, and where: both are run again and recorded.
///
/// # Errors
/// [`Stalled`].
///
/// # Panics
/// Never: reading the files has made sure that they fit together.
pub fn parting(
    a: (&Library, &[Run]),
    b: (&Library, &[Run]),
) -> Result<Option<(usize, u64, Difference)>, Stalled> {
    let digest = |run: &Run| run.judged.as_ref().map(|judged| judged.digest.hex()).ok();
    let parted = a.1.iter().zip(b.1).find(|(a, b)| {
        let (a, b) = (digest(a), digest(b));
        a.is_some() && b.is_some() && a != b
    });
    let Some((run, _)) = parted else {
        return Ok(None);
    };
    let record = |library: &Library| {
        let arm = &library.scenario.arms[run.arm];
        let case = Case::new(library, arm, run.patient).expect("the library has been checked");
        recorded(library, &case, "compared").map(|(_, trace)| trace)
    };
    let difference = first_difference(&record(a.0)?, &record(b.0)?);
    Ok(difference.map(|difference| (run.arm, run.patient, difference)))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;
    use std::time::Duration;

    use dose_controller::{Controller, Protocol};
    use infusion_types::{Prescription, Session};

    use super::*;
    use crate::port::{AnyController, Controllers};
    use crate::study::cohort;

    #[test]
    fn an_interval_is_students() {
        // Three differences 1, 2, 3: mean 2, deviation 1, t of two degrees 4.3027.
        let half = half_interval(&[1.0, 2.0, 3.0]).expect("three of them");
        assert!((half - 4.302_65 / 3.0_f64.sqrt()).abs() < 1e-4, "{half}");
        assert_eq!(half_interval(&[1.0]), None);
        assert_eq!(half_interval(&[]), None);
        assert_eq!(half_interval(&[2.0, 2.0]), Some(0.0));
    }

    /// The shipped controller, with a first rung two hours later than is prescribed.
    #[derive(Debug)]
    struct Later;

    impl Controllers for Later {
        fn name(&self) -> String {
            "later".to_owned()
        }

        fn open(&self, protocol: Protocol, session: Session) -> Result<AnyController, Stalled> {
            let mut wean = *protocol.wean();
            wean.first_after += Duration::from_secs(7_200);
            let prescription = Prescription {
                limits: *protocol.limits(),
                timing: *protocol.timing(),
                observation: *protocol.observation(),
                sensing: *protocol.sensing(),
                wean,
                line: *protocol.line(),
            };
            let protocol = Protocol::new(prescription).expect("later is sound");
            Ok(Box::new(Controller::new(protocol, session)))
        }
    }

    #[test]
    fn a_controller_is_itself_and_another_one_is_told_apart() {
        let short = ["faults=[]", "run_max_h=30", "follow_up_h=1"].map(str::to_owned);
        let library = Library::shipped("first", &short).expect("it ships");
        let shipped = library.expect("it is sound");
        let mut later = shipped.clone();
        later.controllers = Arc::new(Later);
        let runs = |library: &Library| cohort::run(library, &AtomicBool::new(false), &|| ());
        let (a, b) = (runs(&shipped), runs(&later));
        let alone = compare((&shipped, &a), (&shipped, &a));
        assert_eq!((alone.pairs, alone.same), (1, 1));
        assert!(alone.requirements.iter().all(|it| !it.differs()));
        assert!(parting((&shipped, &a), (&shipped, &a)).unwrap().is_none());
        let apart = compare((&shipped, &a), (&later, &b));
        assert_eq!((apart.same, apart.stalled), (0, [0, 0]));
        let rung = apart.outcomes.iter().find(|it| it.name == "first rung");
        let waited = rung.and_then(|it| it.difference).expect("both take one");
        assert!((waited - 2.0).abs() < 0.1, "{waited}");
        let parted = parting((&shipped, &a), (&later, &b)).unwrap();
        let (_, _, difference) = parted.expect("they part");
        // Up to the first rung both do the same.
        let at_h = difference.record.expect("a record").time_s / 3_600.0;
        assert!((24.0..26.0).contains(&at_h), "{at_h}");
    }
}
