//! Cases by their numbers: which scenario, which patient, which faults and orders.

use std::fmt::Write;

use serde_json::Value;

use super::file::{Base, Campaign};
use crate::catalogue::fault_name;
use crate::config::Library;
use crate::scenario::{Fault, Scenario, Scripted, description};
use crate::study::{again, orders};

/// Drawn cases of one patient that follow each other: what is the same before their faults begin can be flown once.
pub(super) const TOGETHER: u64 = 8;

/// One case of a campaign: a complete scenario.
#[derive(Clone, Debug)]
pub struct CampaignCase<'a> {
    /// Its number, from 0.
    pub number: u64,
    /// The scenario that it is made of.
    pub base: &'a Base,
    /// The patient.
    pub patient: u64,
    /// What goes wrong.
    pub faults: Vec<Fault>,
    /// What people do beside what the scenario has them do; only where cases are drawn.
    pub orders: Vec<Scripted>,
    /// The set that the faults are, if they were not drawn.
    pub set: Option<&'a str>,
}

impl Campaign {
    /// How many cases there are.
    #[must_use]
    pub fn cases(&self) -> u64 {
        match &self.file.draws {
            Some(draws) => u64::from(draws.cases),
            None => (0..self.bases.len()).map(|base| self.cases_of(base)).sum(),
        }
    }

    /// How many runs: every case under every controller.
    #[must_use]
    pub fn runs(&self) -> u64 {
        self.cases() * self.file.controllers.len() as u64
    }

    /// Sets that no device of a base can have, with all their patients.
    #[must_use]
    pub fn skipped(&self) -> u64 {
        let patients = |(base, _): &(usize, usize)| self.bases[*base].patients.len() as u64;
        self.unfit.iter().map(patients).sum()
    }

    /// The sets that a base can have.
    fn sets_of(&self, base: usize) -> impl Iterator<Item = usize> + '_ {
        (0..self.file.set.len()).filter(move |set| !self.unfit.contains(&(base, *set)))
    }

    fn cases_of(&self, base: usize) -> u64 {
        (self.sets_of(base).count() * self.bases[base].patients.len()) as u64
    }

    /// A case by its number, which is below [`cases`](Self::cases).
    ///
    /// # Panics
    /// If there is no such case.
    #[must_use]
    pub fn case(&self, number: u64) -> CampaignCase<'_> {
        assert!(number < self.cases(), "there is no case {number}");
        if let Some(drawer) = &self.drawer {
            let turn = number / TOGETHER;
            let bases = self.bases.len() as u64;
            let base = &self.bases[(turn % bases) as usize];
            let patients = base.patients.len() as u64;
            let patient = base.patients[(turn / bases % patients) as usize];
            let faults = drawer.faults(number, base, patient);
            return CampaignCase {
                number,
                base,
                patient,
                orders: drawer.orders(number, (base, patient), &faults),
                faults,
                set: None,
            };
        }
        let mut rest = number;
        let mut place = 0;
        while rest >= self.cases_of(place) {
            rest -= self.cases_of(place);
            place += 1;
        }
        let sets: Vec<usize> = self.sets_of(place).collect();
        let base = &self.bases[place];
        let set = &self.file.set[sets[rest as usize % sets.len()]];
        CampaignCase {
            number,
            base,
            patient: base.patients[rest as usize / sets.len()],
            faults: set.faults.clone(),
            orders: Vec::new(),
            set: Some(&set.name),
        }
    }
}

impl CampaignCase<'_> {
    /// Everything that its run is made of.
    #[must_use]
    pub fn library(&self) -> Library {
        let mut library = self.base.library.clone();
        library.scenario.faults.clone_from(&self.faults);
        library.scenario.orders.extend_from_slice(&self.orders);
        library
    }

    /// The scenario by itself, ready to be saved beside the one that it is made of.
    #[must_use]
    pub fn scenario(&self, campaign: &Campaign) -> Scenario {
        let mut scenario = self.base.library.scenario.clone();
        let title = &campaign.file.title;
        scenario.title = format!("{title}: case {}", self.number);
        scenario.about = format!("Made of `{}`. {}", self.base.short, self.events_text());
        if let Some(patient) = &mut scenario.patient {
            patient.number = Some(self.patient);
        }
        scenario.faults.clone_from(&self.faults);
        scenario.orders.extend_from_slice(&self.orders);
        scenario
    }

    /// The kinds of its faults and of its own orders, each once, by name.
    #[must_use]
    pub fn kinds(&self) -> Vec<&'static str> {
        let faults = self.faults.iter().map(|it| fault_name(&it.what));
        let orders = self.orders.iter().map(|it| orders::name(&it.what));
        let mut kinds: Vec<&str> = faults.chain(orders).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    /// Its faults and its own orders in short: kind, numbers, from when on, and for how long.
    #[must_use]
    pub fn events_text(&self) -> String {
        let faults = self.faults.iter().map(short);
        let orders = self.orders.iter().map(ordered);
        let texts: Vec<String> = faults.chain(orders).collect();
        texts.join("; ")
    }

    /// The command that runs it again under a controller.
    ///
    /// # Panics
    /// Never: the campaign has been checked, and so has every fault that was drawn.
    #[must_use]
    pub fn replay(&self, controller: &str) -> String {
        let library = self.library();
        let arm = &library.scenario.arms[0];
        let case = crate::case::Case::new(&library, arm, self.patient);
        let case = case.expect("the campaign has been checked");
        let mut command = again::command(&self.base.name, &case);
        if !self.orders.is_empty() {
            command.push(' ');
            command.push_str(&again::ordered(&library.scenario.orders));
        }
        if let Some(arm) = &self.base.arm {
            let _ = write!(command, " --arm {}", again::quoted(arm));
        }
        command + &again::by(controller)
    }
}

fn short(fault: &Fault) -> String {
    let (known, given) = description(&fault.what);
    let mut text = known.name.clone();
    let numbers: Vec<String> = given
        .iter()
        .map(|(key, value)| format!("{key} {}", plain(value)))
        .collect();
    if !numbers.is_empty() {
        let _ = write!(text, " ({})", numbers.join(", "));
    }
    let _ = write!(text, " at {} min", fault.from_min);
    if let Some(until) = fault.until_min {
        let _ = write!(text, " for {}", until.saturating_sub(fault.from_min));
    }
    text
}

/// An order, and what is in it if anything is.
fn ordered(order: &Scripted) -> String {
    let mut text = orders::name(&order.what).to_owned();
    let given = serde_json::to_value(order.what).unwrap_or_default();
    if let Some(body) = given.as_object().and_then(|it| it.values().next()) {
        let _ = write!(text, " {body}");
    }
    let _ = write!(text, " at {} min", order.at_min);
    text
}

/// A value without its quotes, large numbers by their exponent.
fn plain(value: &Value) -> String {
    match (value.as_str(), value.as_f64()) {
        (Some(word), _) => word.to_owned(),
        (None, Some(number)) if number.abs() >= 1e6 => format!("{number:e}"),
        (None, _) => value.to_string(),
    }
}
