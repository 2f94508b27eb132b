//! What a type cannot say about a campaign: names, numbers, and every scenario against its own check.

use std::path::Path;

use super::file::{Base, Campaign, CampaignFile, Draws};
use crate::case::Case;
use crate::config::{Library, Refused};
use crate::input::{Document, code};
use crate::scenario::{Infusion, OnePatient, SCHEMA};
use crate::study::complaints::{Complaints, of_faults, read_scenario};

/// Patients that a campaign may ask for.
const PATIENTS_MOST: u32 = 10_000;
/// Cases that it may ask for.
const CASES_MOST: u32 = 10_000_000;
/// Faults in one case, and orders.
const BUDGET_MOST: u32 = 8;
/// Patients that are looked at before it is said that the pump can deliver nobody's dose.
const LOOKED_AT_MOST: u64 = 1_000;
/// Cases that are drawn to see whether any fault fits.
const TRIED: u64 = 8;

/// Everything that can be said without reading anything else.
pub(super) fn frame(document: &Document, file: &CampaignFile) -> Result<(), Refused> {
    let mut complaints = Complaints::new(document);
    if file.schema != SCHEMA {
        let help = Some("this bench reads `schema = 1`".to_owned());
        let message = format!("schema {} is not known", file.schema);
        complaints.refuse("schema", code::INVALID_VALUE, message, help);
    }
    within(
        &mut complaints,
        "patients",
        file.patients,
        (1, PATIENTS_MOST),
    );
    let profiles: Vec<String> = file.profiles.iter().map(|it| format!("{it:?}")).collect();
    once(&mut complaints, "scenarios", &file.scenarios);
    once(&mut complaints, "profiles", &profiles);
    once(&mut complaints, "controllers", &file.controllers);
    for (index, set) in file.set.iter().enumerate() {
        if file.set[..index].iter().any(|it| it.name == set.name) {
            let key = format!("set.{index}.name");
            let message = format!("a second set called `{}`", set.name);
            let help = Some("names are given once".to_owned());
            complaints.refuse(&key, code::INVALID_VALUE, message, help);
        }
    }
    match (&file.draws, file.set.is_empty()) {
        (Some(draws), true) => of_draws(&mut complaints, draws, file.run_max_h),
        (None, false) => {}
        (Some(_), false) => {
            let help = Some("leave one of them out".to_owned());
            let message = "both [draws] and [[set]]".to_owned();
            complaints.refuse("draws", code::NOT_EXACTLY_ONE, message, help);
        }
        (None, true) => {
            let help = Some("add `[draws]`, or a `[[set]]` with `name` and `faults`".to_owned());
            let message = "neither [draws] nor [[set]]".to_owned();
            complaints.refuse("title", code::NOT_EXACTLY_ONE, message, help);
        }
    }
    complaints.done()
}

fn within(complaints: &mut Complaints<'_>, key: &str, value: u32, (least, most): (u32, u32)) {
    if !(least..=most).contains(&value) {
        let message = format!("`{key}` is {value}; it must be between {least} and {most}");
        complaints.refuse(key, code::OUT_OF_RANGE, message, None);
    }
}

/// At least one, and none twice.
fn once(complaints: &mut Complaints<'_>, key: &str, names: &[String]) {
    if names.is_empty() {
        let message = format!("`{key}` is empty: nothing would be flown");
        let help = Some("give at least one".to_owned());
        complaints.refuse(key, code::WRONG_LENGTH, message, help);
    }
    for (index, name) in names.iter().enumerate() {
        if names[..index].contains(name) {
            let message = format!("{name} a second time");
            let help = Some("name each once".to_owned());
            complaints.refuse(
                &format!("{key}.{index}"),
                code::INVALID_VALUE,
                message,
                help,
            );
        }
    }
}

fn of_draws(complaints: &mut Complaints<'_>, draws: &Draws, run_max_h: u32) {
    within(complaints, "draws.cases", draws.cases, (1, CASES_MOST));
    let least = u32::from(draws.orders == 0);
    within(
        complaints,
        "draws.budget",
        draws.budget,
        (least, BUDGET_MOST),
    );
    within(complaints, "draws.orders", draws.orders, (0, BUDGET_MOST));
    within(
        complaints,
        "draws.on_permille",
        draws.on_permille,
        (1, 1_000),
    );
    within(
        complaints,
        "draws.stays_permille",
        draws.stays_permille,
        (0, 1_000),
    );
    within(
        complaints,
        "draws.lasts_min.0",
        draws.lasts_min[0],
        (1, u32::MAX),
    );
    let last = run_max_h.saturating_mul(60).saturating_sub(1);
    within(complaints, "draws.from_min.1", draws.from_min[1], (0, last));
    for (key, [least, most]) in [("from_min", draws.from_min), ("lasts_min", draws.lasts_min)] {
        if least > most {
            let message = format!("`draws.{key}` goes from {least} to {most}");
            let help = Some("the least comes first".to_owned());
            complaints.refuse(&format!("draws.{key}"), code::OUT_OF_RANGE, message, help);
        }
    }
}

/// Every scenario on every profile, without faults.
pub(super) fn bases(
    document: &Document,
    file: &CampaignFile,
    folder: &Path,
) -> Result<Vec<Base>, Refused> {
    let mut bases = Vec::new();
    for (index, scenario) in file.scenarios.iter().enumerate() {
        for profile in &file.profiles {
            let overrides = [
                format!("seed={}", file.seed),
                format!("profile={profile:?}"),
                format!("run_max_h={}", file.run_max_h),
                format!("follow_up_h={}", file.follow_up_h),
                "faults=[]".to_owned(),
            ];
            let key = format!("scenarios.{index}");
            let place = (document, key.as_str(), "run_max_h");
            let (name, library) = read_scenario(place, scenario, folder, &overrides)?;
            let base = base((name, scenario), *profile, library, file.patients);
            bases.push(base.map_err(|message| {
                vec![document.refuse(&key, code::INVALID_VALUE, message, None)]
            })?);
        }
    }
    Ok(bases)
}

/// A scenario as a base: one arm, in which there is a controller, and patients by their numbers.
fn base(
    (name, scenario): (String, &str),
    profile: crate::scenario::ProfileName,
    mut library: Library,
    patients: u32,
) -> Result<Base, String> {
    let arms = &mut library.scenario.arms;
    let others = arms.len() > 1;
    arms.retain(|arm| arm.infusion == Infusion::Wean);
    arms.truncate(1);
    let Some(arm) = arms.first().map(|arm| arm.name.clone()) else {
        return Err(format!("no arm of `{name}` has a controller"));
    };
    let scenario_file = &mut library.scenario;
    scenario_file.expect = None;
    let cohort = scenario_file.cohort.take();
    scenario_file.patient = Some(OnePatient {
        number: None,
        ..scenario_file.patient.unwrap_or_default()
    });
    let floor = f64::from(scenario_file.explant.drug_ug_per_ml)
        * library.protocol.limits.flow_least_ul_per_h
        * 24.0
        / 1e3;
    let least = cohort.map_or(floor, |cohort| floor.max(cohort.least_dose_ug_per_day));
    // A case is a scenario of one patient, in which nobody is drawn again: whose dose is too low takes no turn.
    let taken = |patient: &u64| {
        let case = Case::new(&library, &library.scenario.arms[0], *patient);
        case.is_ok_and(|case| case.start_dose_ug_per_day() >= least)
    };
    let looked_at = 1..=u64::from(patients) + LOOKED_AT_MOST;
    let numbers = looked_at.filter(taken).take(patients as usize);
    let patients: Vec<u64> = numbers.collect();
    if patients.is_empty() {
        return Err(format!("the pump can deliver nobody's dose in `{name}`"));
    }
    let short = Path::new(scenario).file_stem();
    let short = short.map_or_else(
        || scenario.to_owned(),
        |it| it.to_string_lossy().into_owned(),
    );
    Ok(Base {
        name,
        short,
        profile,
        library,
        arm: others.then_some(arm),
        patients,
    })
}

/// Every set on every base. What a profile cannot have is left out there, and must be possible somewhere.
pub(super) fn sets(
    document: &Document,
    file: &CampaignFile,
    bases: &[Base],
) -> Result<Vec<(usize, usize)>, Refused> {
    let mut complaints = Complaints::new(document);
    let mut unfit = Vec::new();
    let empty = Document::from_text("", "");
    for (index, set) in file.set.iter().enumerate() {
        let mut fits = false;
        for (place, base) in bases.iter().enumerate() {
            if !set.faults.iter().all(|it| it.what.fits(base.profile)) {
                unfit.push((place, index));
                continue;
            }
            fits = true;
            let mut library = base.library.clone();
            library.scenario.faults.clone_from(&set.faults);
            let found = of_faults(&empty, &library, base.patients[0]);
            if let Some(first) = found.into_iter().next() {
                let key = format!("set.{index}.faults");
                complaints.refuse(&key, first.code, first.message, first.help);
                break;
            }
        }
        if !fits {
            let message = format!("no profile here has the sensors of `{}`", set.name);
            let help = Some("add `\"P2\"` to `profiles`".to_owned());
            let key = format!("set.{index}.faults");
            complaints.refuse(&key, code::INVALID_VALUE, message, help);
        }
    }
    complaints.done()?;
    Ok(unfit)
}

/// That something can be drawn at all.
pub(super) fn draws(document: &Document, campaign: &Campaign) -> Result<(), Refused> {
    let budget = campaign.file.draws.as_ref().map_or(0, |it| it.budget);
    if budget == 0 {
        return Ok(());
    }
    let tried = campaign.cases().min(TRIED);
    let found = (0..tried).any(|number| !campaign.case(number).faults.is_empty());
    if found {
        return Ok(());
    }
    let message = "no fault of these kinds, with numbers of these ranges, fits these scenarios";
    let help = Some("name other `kinds`, or wider `ranges`".to_owned());
    let key = "draws.kinds";
    Err(vec![document.refuse(
        key,
        code::INVALID_VALUE,
        message,
        help,
    )])
}
