//! Whether a file that somebody wrote is good, whatever kind of file it is.
//!
//! What kind a file is shows in its keys; where they say nothing, the folder does. A scenario is
//! checked with everything that it names, a protocol against the controller's own rules.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use infusion_types::{Concentration, Volume};
use serde::de::DeserializeOwned;

use crate::case::report_period;
use crate::config::{Library, Refused, Source, source_list};
use crate::input::{Diagnostic, Document, code};
use crate::matrix::{Matrix, Wanted};
use crate::requirement::{Means, Requirement, Requirements};
use crate::scenario::{
    self, DeviceFile, PatientsFile, PeopleFile, Placement, ProtocolFile, SCHEMA,
};
use crate::shipped::{self, Kind};
use crate::study::campaign::Campaign;

/// Keys that number nothing in the world.
const EXEMPT: &[&str] = &["schema"];

/// What a good file is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Good {
    /// In a word.
    pub kind: &'static str,
    /// What is in it, in a few words.
    pub holds: String,
}

/// What kind of file it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FileKind {
    /// One that is named: by a scenario, or on the command line.
    Run(Kind),
    /// A fault matrix.
    Matrix,
    /// The list of sources.
    Sources,
    /// Requirements.
    Requirements,
}

/// Keys at the root that only one kind of file has.
const MARKS: [(Kind, &[&str]); 6] = [
    (
        Kind::Scenario,
        &[
            "arms",
            "explant",
            "protocol",
            "run_max_h",
            "faults",
            "expect",
            "cohort",
            "profile",
        ],
    ),
    (
        Kind::Protocol,
        &["limits", "timing", "observation", "sensing", "wean"],
    ),
    (Kind::Device, &["pump", "line", "catheters", "sensors"]),
    (Kind::People, &["nurse", "clinician"]),
    (Kind::Patients, &["kinetics", "response", "vitals", "dose"]),
    (
        Kind::Campaign,
        &[
            "draws",
            "set",
            "scenarios",
            "profiles",
            "controllers",
            "accept",
        ],
    ),
];

/// A key at the root of a fault matrix.
const MATRIX: &str = "row";

/// Keys at the root of a file of requirements.
const REQUIREMENTS: [&str; 2] = ["requirement", "parameters"];

/// Checks a file.
///
/// # Errors
/// Every complaint that could be found.
pub fn check(path: &Path) -> Result<Good, Refused> {
    let document = Document::read(path)?;
    let kind = match recognise(&document, path)? {
        FileKind::Sources => return sources(&document),
        FileKind::Requirements => return requirements(&document),
        FileKind::Matrix => return matrix(path),
        FileKind::Run(kind) => kind,
    };
    match kind {
        Kind::Scenario => whole_scenario(path),
        Kind::Campaign => campaign(path),
        Kind::Protocol => {
            let file: ProtocolFile = decoded(Kind::Protocol, &document)?;
            protocol(&document, &file)
        }
        Kind::Device => {
            let file: DeviceFile = decoded(Kind::Device, &document)?;
            good(&document, file.schema, "device", file.title)
        }
        Kind::People => {
            let file: PeopleFile = decoded(Kind::People, &document)?;
            good(&document, file.schema, "people", file.title)
        }
        Kind::Patients => {
            let file: PatientsFile = decoded(Kind::Patients, &document)?;
            good(&document, file.schema, "patients", file.title)
        }
    }
}

/// What kind of file this is: by its keys, or else by its folder.
///
/// # Errors
/// What is wrong with its syntax, or that nothing tells.
pub fn recognise(document: &Document, path: &Path) -> Result<FileKind, Refused> {
    let folder = path
        .parent()
        .and_then(Path::file_name)
        .and_then(|name| name.to_str());
    let by_folder = MARKS
        .iter()
        .map(|(kind, _)| *kind)
        .find(|kind| folder == Some(kind.folder()));
    let root: toml::Table = document.decode()?;
    let marked = |marks: &[&str]| {
        marks
            .iter()
            .filter(|mark| root.contains_key(**mark))
            .count()
    };
    let (kind, most) = MARKS
        .iter()
        .map(|(kind, marks)| (*kind, marked(marks)))
        .fold((Kind::Scenario, 0), |best, next| {
            if next.1 > best.1 { next } else { best }
        });
    let cites = |value: &toml::Value| value.get("citation").is_some();
    if root.contains_key(MATRIX) {
        Ok(FileKind::Matrix)
    } else if most > 0 {
        Ok(FileKind::Run(kind))
    } else if REQUIREMENTS.iter().any(|mark| root.contains_key(*mark)) {
        Ok(FileKind::Requirements)
    } else if root.values().any(cites) || path.ends_with("sources.toml") {
        Ok(FileKind::Sources)
    } else if let Some(kind) = by_folder {
        Ok(FileKind::Run(kind))
    } else {
        let message = "nothing in the file tells what kind of file it is";
        let help = "a scenario has [[arms]], a protocol [limits], a device [pump], a ward [nurse], a population [kinetics], requirements [[requirement]], a campaign [draws] or [[set]]";
        Err(vec![
            Diagnostic::whole(document.name(), code::INVALID_VALUE, message).with_help(help),
        ])
    }
}

fn whole_scenario(path: &Path) -> Result<Good, Refused> {
    let library = Library::read(path, &[])?;
    let scenario = &library.scenario;
    let mut holds = vec![count(scenario.arms.len(), "arm")];
    match scenario.cohort {
        Some(cohort) => holds.push(count(cohort.size as usize, "patient")),
        None => holds.push("one patient".to_owned()),
    }
    if !scenario.faults.is_empty() {
        holds.push(count(scenario.faults.len(), "fault"));
    }
    Ok(Good {
        kind: "scenario",
        holds: holds.join(", "),
    })
}

fn count(many: usize, word: &str) -> String {
    format!("{many} {word}{}", if many == 1 { "" } else { "s" })
}

fn campaign(path: &Path) -> Result<Good, Refused> {
    let campaign = Campaign::read(path, &[])?;
    let runs = usize::try_from(campaign.runs()).unwrap_or(usize::MAX);
    let holds = match &campaign.file.draws {
        Some(draws) => format!(
            "{}, up to {}",
            count(runs, "run"),
            count(draws.budget as usize, "fault")
        ),
        None => format!(
            "{}, {}",
            count(runs, "run"),
            count(campaign.file.set.len(), "set")
        ),
    };
    Ok(Good {
        kind: "campaign",
        holds,
    })
}

fn matrix(path: &Path) -> Result<Good, Refused> {
    let matrix = Matrix::read(path)?;
    let (cells, _) = matrix.cells(&Wanted::default());
    Ok(Good {
        kind: "fault matrix",
        holds: count(cells.len(), "cell"),
    })
}

/// Decodes, and looks for the sources and the ranges of all numbers.
fn decoded<T: DeserializeOwned>(kind: Kind, document: &Document) -> Result<T, Refused> {
    let file = document.decode()?;
    let known: BTreeSet<String> = source_list().into_keys().collect();
    let mut complaints = document.check_sources(&known, EXEMPT);
    complaints.extend(scenario::ranges::check(kind, document));
    if complaints.is_empty() {
        Ok(file)
    } else {
        Err(complaints)
    }
}

fn good(
    document: &Document,
    schema: u32,
    kind: &'static str,
    title: String,
) -> Result<Good, Refused> {
    if schema == SCHEMA {
        return Ok(Good { kind, holds: title });
    }
    let message = format!("schema {schema} is not known");
    let help = Some(format!("this bench reads `schema = {SCHEMA}`"));
    Err(vec![document.refuse(
        "schema",
        code::INVALID_VALUE,
        message,
        help,
    )])
}

/// A protocol against the controller's rules, on the device that ships with the bench.
fn protocol(document: &Document, file: &ProtocolFile) -> Result<Good, Refused> {
    let device = shipped_device();
    for new_drain in [false, true] {
        let line = infusion_types::LineVolumes {
            open: device.open_volume(),
            to_tip: device.volume_to_tip(Placement {
                new_drain,
                unprimed: false,
                drain_ul: None,
            }),
            drug: Concentration::from_micrograms_per_millilitre(500),
            reservoir: Volume::from_nanolitres(38_000_000),
        };
        let cycle = report_period(infusion_device::Profile::P1);
        if let Err(problem) = file.protocol(line, cycle) {
            let complaint =
                document.refuse(problem.key(), code::OUT_OF_RANGE, problem.to_string(), None);
            return Err(vec![complaint]);
        }
    }
    good(document, file.schema, "protocol", file.title.clone())
}

/// # Panics
/// Never: a test reads every shipped file.
fn shipped_device() -> DeviceFile {
    let name = shipped::names(Kind::Device).next().unwrap_or_default();
    let text = shipped::text(Kind::Device, name).unwrap_or_default();
    Document::from_text(name, text)
        .decode()
        .expect("the shipped device is checked by a test")
}

fn sources(document: &Document) -> Result<Good, Refused> {
    let list: BTreeMap<String, Source> = document.decode()?;
    const SEEN: [&str; 3] = ["abstract", "excerpt", "knowledge"];
    let complaints: Refused = list
        .iter()
        .filter(|(_, source)| !SEEN.contains(&source.seen.as_str()))
        .map(|(slug, source)| {
            let message = format!("`{}` does not say how much was seen", source.seen);
            let help = Some(format!("one of {}", SEEN.join(", ")));
            document.refuse(
                &format!("{slug}.seen"),
                code::UNKNOWN_VARIANT,
                message,
                help,
            )
        })
        .collect();
    let good = Good {
        kind: "sources",
        holds: format!("{} sources", list.len()),
    };
    if complaints.is_empty() {
        Ok(good)
    } else {
        Err(complaints)
    }
}

/// Requirements beside those that ship with the bench; a file that has most of their names is another
/// edition of them, and stands alone.
fn requirements(document: &Document) -> Result<Good, Refused> {
    let shipped = Requirements::shipped();
    let file: toml::Table = document.decode()?;
    let rows = file.get("requirement").and_then(toml::Value::as_array);
    let rows = rows.into_iter().flatten();
    let ids = rows.filter_map(|row| row.get("id")?.as_str());
    let known = ids.filter(|id| shipped.get(id).is_some()).count();
    let mine = if 2 * known > shipped.all().len() {
        Requirements::alone(document)?
    } else {
        Requirements::clone(&*Requirements::with([document])?)
    };
    let is_mine = |requirement: &&Requirement| mine.files().is_empty() || requirement.is_own;
    let (mut formulas, mut others) = (0_usize, 0_usize);
    for requirement in mine.all().iter().filter(is_mine) {
        match requirement.means {
            Means::Formula(_) => formulas += 1,
            Means::Pair(_) | Means::Exception(_) | Means::Gap(..) => others += 1,
        }
    }
    let plural = if formulas == 1 { "" } else { "s" };
    let mut holds = format!("{formulas} formula{plural}");
    if others > 0 {
        holds += &format!(", {others} that no run judges");
    }
    Ok(Good {
        kind: "requirements",
        holds,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str, path: &str) -> Option<FileKind> {
        recognise(&Document::from_text(path, text), Path::new(path)).ok()
    }

    #[test]
    fn shipped_files_are_recognised_wherever_they_lie() {
        for (of, _) in MARKS {
            for name in shipped::names(of) {
                let text = shipped::text(of, name).unwrap();
                assert_eq!(
                    kind(text, "elsewhere/x.toml"),
                    Some(FileKind::Run(of)),
                    "{name}"
                );
            }
        }
        assert_eq!(kind(shipped::SOURCES, "x.toml"), Some(FileKind::Sources));
        let matrix = kind(shipped::HAZARD_MATRIX, "x.toml");
        assert_eq!(matrix, Some(FileKind::Matrix));
    }

    #[test]
    fn a_folder_tells_only_where_keys_do_not() {
        assert_eq!(
            kind("schema = 1", "people/x.toml"),
            Some(FileKind::Run(Kind::People))
        );
        assert_eq!(
            kind("[pump]", "people/x.toml"),
            Some(FileKind::Run(Kind::Device))
        );
        assert_eq!(kind("schema = 1", "x.toml"), None);
        assert_eq!(kind("schema = ", "people/x.toml"), None);
    }

    #[test]
    fn every_shipped_file_is_good() {
        let configs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../configs");
        for (of, _) in MARKS {
            for name in shipped::names(of) {
                let path = configs.join(of.folder()).join(format!("{name}.toml"));
                let found = check(&path);
                assert!(found.is_ok(), "{name}: {:#?}", found.err());
            }
        }
        for kind in ["sources", "requirements"] {
            let file = configs.join(kind).with_extension("toml");
            assert_eq!(check(&file).unwrap().kind, kind);
        }
    }

    #[test]
    fn the_controllers_rules_are_pointed_at_in_the_protocol() {
        let name = shipped::names(Kind::Protocol).next().unwrap();
        let text = shipped::text(Kind::Protocol, name).unwrap();
        let mut document = Document::from_text("p.toml", text);
        document.set("limits.kept_in_24h_permille=5000").unwrap();
        let file: ProtocolFile = decoded(Kind::Protocol, &document).unwrap();
        let complaints = protocol(&document, &file).unwrap_err();
        assert!(complaints[0].position.is_some(), "{complaints:#?}");
    }
}
