//! What a type cannot say about a scenario: ranges, names that must be unique, tables that exclude
//! each other, faults that the chosen device cannot have.

use infusion_types::Alarm;
use serde_json::Value;

use super::{Fault, Infusion, Range, SCHEMA, Scenario, description};
use crate::fault;
use crate::input::{Diagnostic, Document, code};

/// Numbers that say what is to be simulated, and are nobody's claim about the world.
pub const EXEMPT: &[&str] = &[
    "schema",
    "seed",
    "run_max_h",
    "follow_up_h",
    "follow_up_stop_h",
    "cohort",
    "patient",
    "orders",
    "faults",
    "expect",
];

/// Collects complaints about one document.
struct Checker<'a> {
    document: &'a Document,
    found: Vec<Diagnostic>,
}

impl Checker<'_> {
    fn refuse(&mut self, key: &str, code: &'static str, message: String, help: &str) {
        let help = (!help.is_empty()).then(|| help.to_owned());
        self.found
            .push(self.document.refuse(key, code, message, help));
    }

    fn range(&mut self, key: &str, value: f64, (least, most): (f64, f64)) {
        if !(least..=most).contains(&value) {
            let message = format!("`{key}` is {value}; it must be between {least} and {most}");
            self.refuse(key, code::OUT_OF_RANGE, message, "");
        }
    }
}

/// Every complaint about a scenario that decoded.
#[must_use]
pub fn check(document: &Document, scenario: &Scenario) -> Vec<Diagnostic> {
    let mut checker = Checker {
        document,
        found: Vec::new(),
    };
    check_frame(&mut checker, scenario);
    check_arms(&mut checker, scenario);
    check_faults(&mut checker, scenario);
    check_orders(&mut checker, scenario);
    check_expect(&mut checker, scenario);
    checker.found
}

fn check_frame(checker: &mut Checker<'_>, scenario: &Scenario) {
    if scenario.schema != SCHEMA {
        let message = format!("schema {} is not known", scenario.schema);
        checker.refuse(
            "schema",
            code::INVALID_VALUE,
            message,
            "this bench reads `schema = 1`",
        );
    }
    checker.range("run_max_h", f64::from(scenario.run_max_h), (1.0, 2_400.0));
    checker.range(
        "follow_up_h",
        f64::from(scenario.follow_up_h),
        (0.0, 2_400.0),
    );
    checker.range(
        "follow_up_stop_h",
        f64::from(scenario.follow_up_stop_h),
        (1.0, 2_400.0),
    );
    check_who(checker, scenario);
    let explant = &scenario.explant;
    checker.range(
        "explant.drug_ug_per_ml",
        f64::from(explant.drug_ug_per_ml),
        (10.0, 10_000.0),
    );
    checker.range("explant.reservoir_ml", explant.reservoir_ml, (2.0, 40.0));
    checker.range(
        "explant.cleaning_min",
        f64::from(explant.cleaning_min),
        (1.0, 720.0),
    );
    let permille = f64::from(explant.infection_reaches_catheter_permille);
    checker.range(
        "explant.infection_reaches_catheter_permille",
        permille,
        (0.0, 1_000.0),
    );
    checker.range(
        "explant.room_temperature_c",
        explant.room_temperature_c,
        (0.0, 45.0),
    );
    checker.range(
        "explant.csf_pressure_mmhg",
        explant.csf_pressure_mmhg,
        (-20.0, 60.0),
    );
}

/// One patient or a cohort, and not both.
fn check_who(checker: &mut Checker<'_>, scenario: &Scenario) {
    match (&scenario.cohort, &scenario.patient) {
        (Some(cohort), None) => {
            checker.range("cohort.size", f64::from(cohort.size), (1.0, 1e6));
            checker.range(
                "cohort.least_dose_ug_per_day",
                cohort.least_dose_ug_per_day,
                (0.0, 1e3),
            );
        }
        (None, Some(patient)) => {
            if let Some(number) = patient.number.filter(|number| *number == 0) {
                let help = "leave `number` out for the typical patient";
                let message = format!("patient {number}: they are numbered from 1");
                checker.refuse("patient.number", code::OUT_OF_RANGE, message, help);
            }
            if let Some(dose) = patient.start_dose_ug_per_day {
                checker.range("patient.start_dose_ug_per_day", dose, (1.0, 2_003.0));
            }
        }
        (Some(_), Some(_)) => {
            let message = "both [cohort] and [patient]".to_owned();
            checker.refuse(
                "patient",
                code::NOT_EXACTLY_ONE,
                message,
                "leave one of them out",
            );
        }
        (None, None) => {
            let message = "neither [cohort] nor [patient]".to_owned();
            let help = "add `[cohort]` with `size`, or `[patient]` with `number`";
            checker.refuse("title", code::NOT_EXACTLY_ONE, message, help);
        }
    }
}

fn check_arms(checker: &mut Checker<'_>, scenario: &Scenario) {
    if scenario.arms.is_empty() {
        let help = "add `[[arms]]` with `name` and `infusion`";
        checker.refuse("title", code::MISSING_KEY, "no arm".to_owned(), help);
    }
    for (index, arm) in scenario.arms.iter().enumerate() {
        let key = |field: &str| format!("arms.{index}.{field}");
        if scenario.arms[..index]
            .iter()
            .any(|other| other.name == arm.name)
        {
            let message = format!("a second arm called `{}`", arm.name);
            checker.refuse(
                &key("name"),
                code::INVALID_VALUE,
                message,
                "names are given once",
            );
        }
        if let Some(oral) = &arm.oral {
            checker.range(&key("oral.every_h"), f64::from(oral.every_h), (1.0, 24.0));
            if oral.mg_per_day.is_empty() {
                checker.refuse(
                    &key("oral.mg_per_day"),
                    code::WRONG_LENGTH,
                    "no day".to_owned(),
                    "",
                );
            }
            for (day, mg) in oral.mg_per_day.iter().enumerate() {
                checker.range(&key(&format!("oral.mg_per_day.{day}")), *mg, (0.0, 300.0));
            }
        }
        if let Some(adjunct) = arm.adjunct {
            let drive = f64::from(adjunct.drive_permille);
            checker.range(&key("adjunct.drive_permille"), drive, (0.0, 1_000.0));
            let tone = f64::from(adjunct.tone_permille);
            checker.range(&key("adjunct.tone_permille"), tone, (0.0, 1_000.0));
        }
    }
}

/// Faults that fit in the mask of a record.
const FAULTS_MOST: usize = 64;

fn check_faults(checker: &mut Checker<'_>, scenario: &Scenario) {
    if scenario.faults.len() > FAULTS_MOST {
        let message = format!(
            "{} faults; at most {FAULTS_MOST} are possible",
            scenario.faults.len()
        );
        checker.refuse("faults", code::WRONG_LENGTH, message, "");
    }
    let pumps = scenario
        .arms
        .iter()
        .any(|arm| arm.infusion == Infusion::Wean);
    for (index, fault) in scenario.faults.iter().enumerate() {
        let key = |field: &str| format!("faults.{index}.{field}");
        if scenario.faults[..index]
            .iter()
            .any(|other| other.id == fault.id)
        {
            let message = format!("a second fault called `{}`", fault.id);
            checker.refuse(
                &key("id"),
                code::INVALID_VALUE,
                message,
                "names are given once",
            );
        }
        if fault.until_min.is_some_and(|until| until <= fault.from_min) {
            let message = format!("the fault ends before it begins, at {} min", fault.from_min);
            let help = "give a later `until_min`, or leave it out for a fault that stays";
            checker.refuse(&key("until_min"), code::OUT_OF_RANGE, message, help);
        }
        if u64::from(fault.from_min) >= u64::from(scenario.run_max_h) * 60 {
            let message = format!(
                "the fault begins after the end of the run, {} h",
                scenario.run_max_h
            );
            let help = "begin it earlier, or raise `run_max_h`";
            checker.refuse(&key("from_min"), code::OUT_OF_RANGE, message, help);
        }
        if !pumps {
            let message = format!("`{}` needs a pump, and no arm has one", fault.id);
            let help = "give one arm `infusion = \"wean\"`";
            checker.refuse(&key("what"), code::INVALID_VALUE, message, help);
        }
        check_fault(checker, &key("what"), fault, scenario);
    }
}

/// Ranges, and what a fault of this kind cannot do.
fn check_fault(checker: &mut Checker<'_>, key: &str, fault: &Fault, scenario: &Scenario) {
    let (known, given) = description(&fault.what);
    let found = checker.found.len();
    for parameter in &known.parameters {
        let value = given.get(&parameter.name).and_then(Value::as_f64);
        if let (Some(value), Range::Number { least, most, .. }) = (value, &parameter.range) {
            let key = format!("{key}.{}.{}", known.name, parameter.name);
            checker.range(&key, value, (*least, *most));
        }
    }
    if !fault.what.fits(scenario.profile) {
        let place = ["sensor", "reading"]
            .into_iter()
            .find(|it| given.contains_key(*it));
        let key = [key, &known.name]
            .into_iter()
            .chain(place)
            .collect::<Vec<&str>>()
            .join(".");
        let message = format!("profile {:?} has no such sensor", scenario.profile);
        checker.refuse(
            &key,
            code::INVALID_VALUE,
            message,
            "choose `profile = \"P2\"`",
        );
    }
    check_start(checker, key, fault, &known.name);
    let good = checker.found.len() == found;
    if good && fault::changes_nothing(&fault.what, &scenario.explant) {
        let message = format!("`{}` with these numbers changes nothing", known.name);
        let help = "choose others, or leave the fault out";
        checker.refuse(key, code::INVALID_VALUE, message, help);
    }
}

/// What can begin at the explant alone does, and what is built in stays.
fn check_start(checker: &mut Checker<'_>, key: &str, fault: &Fault, name: &str) {
    let mut refuse = |field: &str, message: String, help: &str| {
        let key = key.replace("what", field);
        checker.refuse(&key, code::OUT_OF_RANGE, message, help);
    };
    if fault.what.is_built_in() {
        let message = format!("`{name}` is there from the start to the end");
        let help = "give `from_min = 0`, and no `until_min`";
        if fault.from_min > 0 {
            refuse("from_min", message, help);
        } else if fault.until_min.is_some() {
            refuse("until_min", message, help);
        }
    } else if fault.what.only_at_start() && fault.from_min > 0 {
        let message = format!("`{name}` happens before the first cycle, at the start alone");
        refuse("from_min", message, "give `from_min = 0`");
    }
}

fn check_orders(checker: &mut Checker<'_>, scenario: &Scenario) {
    for (index, order) in scenario.orders.iter().enumerate() {
        if let super::Doing::Refill {
            drug_ug_per_ml,
            volume_ml,
        } = order.what
        {
            let key = |field: &str| format!("orders.{index}.what.refill.{field}");
            checker.range(
                &key("drug_ug_per_ml"),
                f64::from(drug_ug_per_ml),
                (10.0, 10_000.0),
            );
            checker.range(&key("volume_ml"), volume_ml, (2.0, 40.0));
        }
    }
}

fn check_expect(checker: &mut Checker<'_>, scenario: &Scenario) {
    let Some(expect) = &scenario.expect else {
        return;
    };
    let lists = [("alarms", &expect.alarms), ("no_alarms", &expect.no_alarms)];
    for (field, names) in lists {
        for (index, name) in names.iter().enumerate() {
            if !Alarm::ALL.iter().any(|alarm| alarm.id() == name) {
                let key = format!("expect.{field}.{index}");
                let message = format!("there is no alarm `{name}`");
                checker.refuse(
                    &key,
                    code::UNKNOWN_VARIANT,
                    message,
                    "they run from AL-01 to AL-44",
                );
            }
        }
    }
}
