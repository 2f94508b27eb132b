//! One run of a campaign as a row of its table.

use super::cases::CampaignCase;
use super::file::Campaign;
use crate::bench::Stalled;
use crate::judge::{Judged, Outcome};
use crate::requirement::{Finding, Requirement};
use crate::study::rows::{Column, Values};
use crate::verdict::RunVerdict;

/// What one run came to. No clock is in it.
#[derive(Clone, Debug)]
pub(super) struct Row {
    case: u64,
    controller: String,
    scenario: String,
    profile: String,
    patient: u64,
    seed: u64,
    faults: String,
    kinds: String,
    judged: Result<Judged, Stalled>,
}

impl Row {
    pub(super) fn of(
        case: &CampaignCase<'_>,
        (campaign, controller): (&Campaign, usize),
        judged: Result<Judged, Stalled>,
    ) -> Self {
        Self {
            case: case.number,
            controller: campaign.file.controllers[controller].clone(),
            scenario: case.base.short.clone(),
            profile: format!("{:?}", case.base.profile),
            patient: case.patient,
            seed: case.base.library.scenario.seed,
            faults: case.events_text(),
            kinds: case.kinds().join(" "),
            judged,
        }
    }

    fn verdict(&self) -> RunVerdict {
        let judged = self.judged.as_ref();
        judged.map_or(RunVerdict::Stalled, |judged| judged.verdict)
    }

    fn good(&self) -> Option<&Judged> {
        self.judged.as_ref().ok()
    }
}

/// The names of the columns that others look for.
pub(super) mod name {
    pub(in super::super) const CASE: &str = "case";
    pub(in super::super) const CONTROLLER: &str = "controller";
    pub(in super::super) const PROFILE: &str = "profile";
    pub(in super::super) const KINDS: &str = "kinds";
    pub(in super::super) const VERDICT: &str = "verdict";
    pub(in super::super) const VIOLATED: &str = "violated";
    pub(in super::super) const DIGEST: &str = "digest";
}

/// The name of the column of a requirement's margin.
pub(super) fn margin_name(requirement: &Requirement) -> String {
    requirement.id.replace('-', "_")
}

/// The columns of some rows. Every campaign has the same ones, but for the requirements of the user's.
pub(super) fn columns<'c>(campaign: &'c Campaign, rows: &[Row]) -> Vec<Column<'c>> {
    let mut columns = who(rows);
    columns.extend(what(campaign, rows));
    columns.extend(outcomes(rows));
    columns.push(text(name::DIGEST, rows, |row| {
        row.good().map(|judged| judged.digest.hex())
    }));
    let requirements = campaign.bases[0].library.requirements.judged().enumerate();
    columns.extend(requirements.map(|(place, requirement)| {
        let margin = |row: &Row| {
            let finding = row.good()?.findings.get(place)?;
            finding.margin.filter(|_| finding.armed > 0)
        };
        Column {
            name: margin_name(requirement),
            unit: requirement.unit(),
            values: Values::Number(rows.iter().map(margin).collect()),
        }
    }));
    columns
}

fn text(name: &str, rows: &[Row], of: impl Fn(&Row) -> Option<String>) -> Column<'static> {
    Column {
        name: name.to_owned(),
        unit: "",
        values: Values::Text(rows.iter().map(of).collect()),
    }
}

fn count(name: &str, rows: &[Row], of: impl Fn(&Row) -> u64) -> Column<'static> {
    Column {
        name: name.to_owned(),
        unit: "",
        values: Values::Count(rows.iter().map(|row| Some(of(row))).collect()),
    }
}

fn who(rows: &[Row]) -> Vec<Column<'static>> {
    vec![
        count(name::CASE, rows, |row| row.case),
        text(name::CONTROLLER, rows, |row| Some(row.controller.clone())),
        text("scenario", rows, |row| Some(row.scenario.clone())),
        text(name::PROFILE, rows, |row| Some(row.profile.clone())),
        count("patient", rows, |row| row.patient),
        count("seed", rows, |row| row.seed),
        text("faults", rows, |row| Some(row.faults.clone())),
        text(name::KINDS, rows, |row| Some(row.kinds.clone())),
    ]
}

fn what(campaign: &Campaign, rows: &[Row]) -> Vec<Column<'static>> {
    let requirements = &campaign.bases[0].library.requirements;
    let among = |judged: &Judged, is_so: fn(&Finding) -> bool| {
        let found = requirements.judged().zip(&judged.findings);
        let found = found.filter(|(_, finding)| is_so(finding));
        let ids: Vec<&str> = found
            .map(|(requirement, _)| requirement.id.as_str())
            .collect();
        ids.join(" ")
    };
    vec![
        text(name::VERDICT, rows, |row| {
            Some(row.verdict().name().to_owned())
        }),
        text(name::VIOLATED, rows, |row| {
            Some(among(row.good()?, Finding::violated))
        }),
        text("not_detectable", rows, |row| {
            Some(among(row.good()?, |finding| finding.not_detectable))
        }),
        text("alarms", rows, |row| {
            let alarms = row.good()?.alarms;
            let ids: Vec<&str> = alarms.iter().map(|alarm| alarm.id()).collect();
            Some(ids.join(" "))
        }),
        text("without_effect", rows, |row| {
            Some(row.good()?.idle_faults.join(" "))
        }),
        text("stalled", rows, |row| {
            row.judged.as_ref().err().map(|stalled| stalled.why.clone())
        }),
    ]
}

/// What is true of the patient; what was not there is null.
fn outcomes(rows: &[Row]) -> Vec<Column<'static>> {
    let number = |name: &str, unit: &'static str, of: &dyn Fn(&Judged) -> Option<f64>| Column {
        name: name.to_owned(),
        unit,
        values: Values::Number(
            rows.iter()
                .map(|row| row.good().and_then(of).filter(|value| value.is_finite()))
                .collect(),
        ),
    };
    let patient = |name: &str, unit: &'static str, of: fn(&Outcome) -> Option<f64>| {
        number(name, unit, &|judged| of(&judged.outcome))
    };
    vec![
        number("excess_ug", "ug", &|judged| {
            judged.worst.map(|it| it.excess_ug)
        }),
        number("deficit", "", &|judged| judged.worst.map(|it| it.deficit)),
        patient("start_dose_ug_per_day", "ug/day", |it| {
            Some(it.start_dose_ug_per_day)
        }),
        patient("first_decrement_h", "h", |it| it.first_decrement_h),
        patient("completed_h", "h", |it| it.completed_h),
        patient("withdrawal_from_h", "h", |it| it.withdrawal_from_h),
        patient("peak_withdrawal", "", |it| Some(it.peak_withdrawal)),
        patient("peak_overdose", "", |it| Some(it.peak_overdose)),
        patient("peak_mas_rise", "", |it| Some(it.peak_mas_rise)),
    ]
}
