//! A run as a trace that holds everything needed to run it again.
//!
//! A [`Recorder`] makes one row of each record: a column for each signal of [`SIGNALS`], one for each
//! alarm that says whether it is signalled, and one for everything in [`DERIVED`]. [`observed`] is the way to watch a run.
//!
//! Never here: files and folders ([`crate::trace`] writes), and wall clocks.

use std::collections::BTreeMap;

use infusion_types::Alarm;
use temporal_logic::Value;
use virtual_patient::Signs;

use crate::NOTICE;
use crate::bench::{Bench, Observer, Stalled};
use crate::case::Case;
use crate::clock::SimTime;
use crate::config::{Library, Refused, Texts};
use crate::history::{DERIVED, History, Read};
use crate::input::Document;
use crate::judge::{Judge, Judged};
use crate::record::{Kind, Record, alarm_column};
use crate::requirement::Requirements;
use crate::signals::SIGNALS;
use crate::trace::{self, Cell, Column, DIGEST_ALGORITHM, Oracle, Trace, TraceError};

/// What the keys of a trace's own words are called.
mod key {
    pub(super) const NAME: &str = "name";
    pub(super) const SCENARIO: &str = "scenario";
    pub(super) const OVERRIDES: &str = "overrides";
    pub(super) const PROTOCOL: &str = "protocol";
    pub(super) const DEVICE: &str = "device";
    pub(super) const PEOPLE: &str = "people";
    pub(super) const PATIENTS: &str = "patients";
    pub(super) const REQUIREMENTS: &str = "requirements";
    pub(super) const ARM: &str = "arm";
    pub(super) const PATIENT: &str = "patient";
    pub(super) const SEED: &str = "seed";
    pub(super) const DIGEST: &str = "digest";
    pub(super) const ALGORITHM: &str = "digest_algorithm";
    pub(super) const VERDICT: &str = "verdict";
    pub(super) const VERSION: &str = "version";
    pub(super) const CONTROLLER: &str = "controller";
    pub(super) const NOTICE: &str = "notice";
}

/// Two that look at the same records, the first one first.
impl<A: Observer, B: Observer> Observer for (A, B) {
    fn observe(&mut self, record: &Record<'_>) {
        self.0.observe(record);
        self.1.observe(record);
    }

    fn patient(&mut self, at: SimTime, signs: &Signs) {
        self.0.patient(at, signs);
        self.1.patient(at, signs);
    }
}

/// Whoever looks only if somebody is there.
impl<O: Observer> Observer for Option<O> {
    fn observe(&mut self, record: &Record<'_>) {
        if let Some(observer) = self {
            observer.observe(record);
        }
    }

    fn patient(&mut self, at: SimTime, signs: &Signs) {
        if let Some(observer) = self {
            observer.patient(at, signs);
        }
    }
}

/// Runs a case, and lets `observer` watch.
///
/// # Errors
/// [`Stalled`]; what was seen until then stays with the observer.
pub fn observed(case: &Case<'_>, observer: &mut impl Observer) -> Result<Judged, Stalled> {
    struct Watching<'o, O>(Judge, &'o mut O);
    impl<O: Observer> Observer for Watching<'_, O> {
        fn observe(&mut self, record: &Record<'_>) {
            self.0.observe(record);
            self.1.observe(record);
        }

        fn patient(&mut self, at: SimTime, signs: &Signs) {
            self.0.patient(at, signs);
            self.1.patient(at, signs);
        }
    }
    let bench = Bench::of(case)?;
    let judge = Judge::new(case).of_one_with(bench.abilities());
    let mut watching = Watching(judge, observer);
    let ended = bench.run(&mut watching)?;
    Ok(watching.0.finish(case, &ended))
}

/// Runs a case and records it.
///
/// # Errors
/// [`Stalled`].
pub fn recorded(
    library: &Library,
    case: &Case<'_>,
    name: &str,
) -> Result<(Judged, Trace), Stalled> {
    let mut recorder = Recorder::of(case);
    let judged = observed(case, &mut recorder)?;
    let trace = recorder.finish(meta(library, case, name, &judged));
    Ok((judged, trace))
}

/// The columns of every trace of a run, time apart.
#[must_use]
pub fn columns() -> Vec<Column> {
    let signals = SIGNALS.iter().map(|signal| {
        let kind = match signal.kind {
            Kind::Number => trace::Kind::F64,
            Kind::Count => trace::Kind::U64,
            Kind::Word(_) => trace::Kind::Text,
        };
        Column::new(signal.name, signal.unit, signal.oracle, kind)
    });
    let alarms = Alarm::ALL
        .into_iter()
        .map(|alarm| Column::new(alarm_column(alarm), "", Oracle::Decided, trace::Kind::Bool));
    let derived = DERIVED.iter().map(|derived| {
        let kind = match derived.read {
            Read::Number(_) => trace::Kind::F64,
            Read::Truth(_) => trace::Kind::Bool,
            Read::Word(..) => trace::Kind::Text,
        };
        Column::new(derived.name, derived.unit, derived.oracle, kind)
    });
    signals.chain(alarms).chain(derived).collect()
}

/// Makes a trace of records.
#[derive(Clone, Debug)]
pub struct Recorder {
    trace: Trace,
    history: History,
}

impl Recorder {
    /// A recorder of a case.
    ///
    /// # Panics
    /// Never: a test sees that no two columns share a name.
    #[must_use]
    pub fn of(case: &Case<'_>) -> Self {
        let trace = Trace::new(columns(), BTreeMap::new());
        Self {
            trace: trace.expect("no two columns share a name"),
            history: History::new(case.limits()),
        }
    }

    /// The trace, with what is to be said about the whole.
    #[must_use]
    pub fn finish(self, meta: BTreeMap<String, String>) -> Trace {
        let mut trace = self.trace;
        trace.meta = meta;
        trace
    }
}

impl Observer for Recorder {
    fn observe(&mut self, record: &Record<'_>) {
        self.history.learn(record);
        let history = &self.history;
        let signals = SIGNALS.iter().map(|signal| match (signal.read)(record) {
            None => Cell::Null,
            Some(bits) => match signal.kind {
                Kind::Number => Cell::F64(f64::from_bits(bits)),
                Kind::Count => Cell::U64(bits),
                Kind::Word(name) => Cell::Text(name(bits)),
            },
        });
        let alarms = Alarm::ALL.into_iter().map(|alarm| match record.decision {
            None => Cell::Null,
            Some(decision) => Cell::Bool(decision.alarms.active.contains(alarm)),
        });
        let derived = DERIVED.iter().enumerate();
        let derived = derived.map(
            |(place, derived)| match (history.value(place), derived.read) {
                _ if record.decision.is_none() => Cell::Null,
                (Value::Number(number), _) => Cell::F64(number),
                (Value::Truth(truth), _) => Cell::Bool(truth),
                (Value::Word(code), Read::Word(_, word)) => Cell::Text(word(u64::from(code))),
                (Value::Word(_) | Value::Unknown, _) => Cell::Null,
            },
        );
        let cells: Vec<Cell<'_>> = signals.chain(alarms).chain(derived).collect();
        self.trace.push(record.at.millis() as f64 / 1e3, &cells);
    }
}

/// What a trace says about the whole: enough to run the case again, and what came of it.
#[must_use]
pub fn meta(
    library: &Library,
    case: &Case<'_>,
    name: &str,
    judged: &Judged,
) -> BTreeMap<String, String> {
    let overrides = serde_json::Value::from(library.overrides.clone()).to_string();
    let texts = &library.texts;
    let said: [(&str, String); 16] = [
        (key::NAME, name.to_owned()),
        (key::SCENARIO, library.text.clone()),
        (key::OVERRIDES, overrides),
        (key::PROTOCOL, texts.protocol.clone()),
        (key::DEVICE, texts.device.clone()),
        (key::PEOPLE, texts.people.clone()),
        (key::PATIENTS, texts.patients.clone()),
        (key::CONTROLLER, library.controllers.name()),
        (key::ARM, case.arm().name.clone()),
        (key::PATIENT, case.patient().to_string()),
        (key::SEED, library.scenario.seed.to_string()),
        (key::DIGEST, judged.digest.hex()),
        (key::ALGORITHM, DIGEST_ALGORITHM.to_owned()),
        (key::VERDICT, judged.verdict.name().to_owned()),
        (key::VERSION, env!("CARGO_PKG_VERSION").to_owned()),
        (key::NOTICE, NOTICE.to_owned()),
    ];
    let files = library.requirements.files();
    let own = serde_json::to_string(files).unwrap_or_default();
    let own = (!files.is_empty()).then_some((key::REQUIREMENTS, own));
    said.into_iter()
        .chain(own)
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}

/// The case that a trace is of.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The scenario's name.
    pub name: String,
    /// The files as they were.
    pub library: Library,
    /// The arm, by its place in the scenario.
    pub arm: usize,
    /// The patient's number.
    pub patient: u64,
    /// The digest of all records, as it was.
    pub digest: String,
    /// The version of the bench that made it.
    pub version: String,
    /// The controller, as on the command line. The library has the one that ships with the bench, until
    /// somebody puts this one there.
    pub controller: String,
}

/// Why a trace cannot be run again.
#[derive(Debug, thiserror::Error)]
pub enum NotRecorded {
    /// The file cannot be read as a trace.
    #[error(transparent)]
    Trace(#[from] TraceError),
    /// It does not say what it is a trace of.
    #[error(
        "the trace does not say its `{key}`; only a trace that `weanbench run` wrote can be run again"
    )]
    Silent {
        /// The key that is missing, or says nothing that can be used.
        key: &'static str,
    },
    /// The files in it are no longer good.
    #[error("the files in the trace are refused")]
    Files(Refused),
}

impl Recorded {
    /// Reads what a trace says about itself.
    ///
    /// # Errors
    /// [`NotRecorded`].
    pub fn of(trace: &Trace) -> Result<Self, NotRecorded> {
        let said = |key: &'static str| trace.meta.get(key).ok_or(NotRecorded::Silent { key });
        let overrides = serde_json::from_str::<Vec<String>>(said(key::OVERRIDES)?);
        let overrides = overrides.map_err(|_| NotRecorded::Silent {
            key: key::OVERRIDES,
        })?;
        let texts = Texts {
            protocol: said(key::PROTOCOL)?.clone(),
            device: said(key::DEVICE)?.clone(),
            people: said(key::PEOPLE)?.clone(),
            patients: said(key::PATIENTS)?.clone(),
        };
        let name = said(key::NAME)?.clone();
        let shown = format!("scenario `{name}`");
        let library = Library::from_texts(&shown, said(key::SCENARIO)?, &texts, &overrides);
        let mut library = library.map_err(NotRecorded::Files)?;
        if let Some(files) = trace.meta.get(key::REQUIREMENTS) {
            let files: Vec<(String, String)> =
                serde_json::from_str(files).map_err(|_| NotRecorded::Silent {
                    key: key::REQUIREMENTS,
                })?;
            let files = files.into_iter();
            let files: Vec<Document> = files
                .map(|(name, text)| Document::from_text(name, text))
                .collect();
            library.requirements = Requirements::with(&files).map_err(NotRecorded::Files)?;
        }
        let arm = said(key::ARM)?;
        let arm = library
            .scenario
            .arms
            .iter()
            .position(|other| other.name == *arm);
        let patient = said(key::PATIENT)?.parse();
        Ok(Self {
            name,
            arm: arm.ok_or(NotRecorded::Silent { key: key::ARM })?,
            patient: patient.map_err(|_| NotRecorded::Silent { key: key::PATIENT })?,
            digest: said(key::DIGEST)?.clone(),
            version: said(key::VERSION)?.clone(),
            controller: said(key::CONTROLLER)?.clone(),
            library,
        })
    }

    /// Runs it again.
    ///
    /// # Errors
    /// [`Stalled`].
    ///
    /// # Panics
    /// If the files do not fit together, which reading them has made sure of.
    pub fn again(&self) -> Result<(Judged, Trace), Stalled> {
        let arm = &self.library.scenario.arms[self.arm];
        let case =
            Case::new(&self.library, arm, self.patient).expect("the library has been checked");
        recorded(&self.library, &case, &self.name)
    }
}

/// Whether a trace says of itself that this bench recorded it.
pub(crate) fn is_ours(trace: &Trace) -> bool {
    trace.meta.contains_key(key::DIGEST) && trace.meta.contains_key(key::SCENARIO)
}

/// The digest of the records in a trace, calculated from its cells; none if it is not one of ours.
///
/// It equals [`Judged::digest`] of the run, so that a trace whose records were edited shows it.
#[must_use]
pub fn digest_of(trace: &Trace) -> Option<String> {
    let mut digest = trace::Digest::new();
    let columns: Vec<usize> = SIGNALS
        .iter()
        .map(|signal| trace.column(signal.name))
        .collect::<Option<_>>()?;
    for (place, time_s) in trace.time_s().iter().enumerate() {
        let mut present = 0_u64;
        digest.u64(libm::round(time_s * 1e3) as u64);
        for (index, (signal, column)) in SIGNALS.iter().zip(&columns).enumerate() {
            let bits = match trace.cell(place, *column) {
                Cell::Null => continue,
                Cell::F64(value) => value.to_bits(),
                Cell::U64(value) => value,
                Cell::Text(word) => code_of(signal.kind, word)?,
                Cell::I64(_) | Cell::Bool(_) => return None,
            };
            present |= 1 << index;
            digest.u64(bits);
        }
        digest.u64(present);
    }
    Some(digest.hex())
}

/// Words in the longest closed list, with room to spare.
const WORDS_MOST: u64 = 64;

fn code_of(kind: Kind, word: &str) -> Option<u64> {
    match kind {
        Kind::Word(name) => (0..WORDS_MOST).find(|code| name(*code) == word),
        Kind::Number | Kind::Count => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{first_difference, read_parquet, write_parquet};

    /// The typical patient of the shipped cohort.
    fn library() -> Library {
        let overrides = ["run_max_h=40".to_owned(), "follow_up_stop_h=30".to_owned()];
        Library::shipped("hwang-2019", &overrides)
            .expect("it ships")
            .unwrap()
    }

    #[test]
    fn a_trace_on_disk_is_enough_to_run_it_again() {
        let library = library();
        for arm in [0, library.scenario.arms.len() - 1] {
            let case = Case::new(&library, &library.scenario.arms[arm], 3).unwrap();
            let (judged, trace) = recorded(&library, &case, "hwang-2019").unwrap();
            assert!(trace.len() > 100, "{} records", trace.len());
            let file = format!("weanbench-recording-{}-{arm}.parquet", std::process::id());
            let path = std::env::temp_dir().join(file);
            write_parquet(&path, &trace).unwrap();
            let back = read_parquet(&path).unwrap();
            std::fs::remove_file(&path).unwrap();
            let recorded = Recorded::of(&back).unwrap();
            assert_eq!((recorded.arm, recorded.patient), (arm, 3));
            let (judged_again, again) = recorded.again().unwrap();
            assert_eq!(first_difference(&back, &again), None);
            assert_eq!(back.meta, again.meta);
            assert_eq!(judged.digest.hex(), judged_again.digest.hex());
            assert_eq!(
                digest_of(&back),
                Some(judged.digest.hex()),
                "cells hold what was digested"
            );
        }
    }

    #[test]
    fn watching_changes_nothing() {
        let library = library();
        let case = Case::new(&library, &library.scenario.arms[0], 2).unwrap();
        let alone = crate::study::cohort::run_case(&case).unwrap();
        let mut watchers = (Recorder::of(&case), None::<Recorder>);
        let watched = observed(&case, &mut watchers).unwrap();
        assert_eq!(alone.digest.hex(), watched.digest.hex());
        let trace = watchers.0.finish(BTreeMap::new());
        assert_eq!(digest_of(&trace), Some(alone.digest.hex()));
    }

    #[test]
    fn a_trace_of_somebody_else_is_refused_by_name() {
        let library = library();
        let case = Case::new(&library, &library.scenario.arms[0], 2).unwrap();
        let trace = Recorder::of(&case).finish(BTreeMap::new());
        let problem = Recorded::of(&trace).unwrap_err().to_string();
        assert!(problem.contains("`overrides`"), "{problem}");
        assert_eq!(digest_of(&trace).unwrap(), trace::Digest::new().hex());
    }
}
