//! The file of a campaign as it is written, and read.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::check;
use super::draws::Drawer;
use super::known::{self, Known};
use crate::config::{Library, Refused};
use crate::input::Document;
use crate::requirement::Requirements;
use crate::scenario::{Fault, ProfileName};
use crate::shipped::{self, Kind};
use crate::trace::Digest;
use crate::verdict::RunVerdict;

/// Many runs: sets of faults at given numbers, or faults that are drawn.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct CampaignFile {
    /// Version of this file kind: 1.
    pub schema: u32,
    /// One line.
    pub title: String,
    /// Where every random draw comes from, those of the patients and those of the faults.
    pub seed: u64,
    /// Scenarios by name, or paths that end in `.toml`; their own faults and what they expect are left out.
    pub scenarios: Vec<String>,
    /// Which sensors are fitted.
    pub profiles: Vec<ProfileName>,
    /// How many patients of each scenario take turns.
    pub patients: u32,
    /// Controllers as `--controller` names them; the one that ships with the bench when left out.
    #[serde(default = "shipped_controller")]
    pub controllers: Vec<String>,
    /// A wean that is not complete by then ends, hours after the explant.
    pub run_max_h: u32,
    /// Observation after the last drug has left the pump, hours.
    pub follow_up_h: u32,
    /// Verdicts that are no failure here, beside those that never are. A violated requirement is one under any verdict.
    #[serde(default)]
    pub accept: Vec<RunVerdict>,
    /// Finds that are known and open, each with its reason: they are no failure.
    #[serde(default)]
    pub known: Vec<Known>,
    /// Faults that are drawn; there is this or `set`.
    #[serde(default)]
    pub draws: Option<Draws>,
    /// Faults at given numbers, each set with every scenario, profile, patient and controller.
    #[serde(default)]
    pub set: Vec<Set>,
}

fn shipped_controller() -> Vec<String> {
    vec!["builtin".to_owned()]
}

/// Faults that belong together.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Set {
    /// Its name, once in a file.
    pub name: String,
    /// What goes wrong; nothing at all is a set too.
    pub faults: Vec<Fault>,
}

/// How faults are drawn.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Draws {
    /// How many cases.
    pub cases: u32,
    /// At most so many faults in a case, 1 to 8, and at least one; 0 where there are only orders.
    pub budget: u32,
    /// At most so many orders of people in a case, 0 to 8: what they may do and say at any moment, at the wrong one too.
    #[serde(default)]
    pub orders: u32,
    /// How many of a thousand kinds are switched on in a case; the others do not occur in it.
    pub on_permille: u32,
    /// When a fault begins: earliest and latest, minutes after the explant.
    pub from_min: [u32; 2],
    /// How long it lasts: least and most, minutes; each order of magnitude as often.
    pub lasts_min: [u32; 2],
    /// How many of a thousand faults stay to the end.
    pub stays_permille: u32,
    /// Only these kinds of fault; all but defects of the controller when left out.
    #[serde(default)]
    pub kinds: Vec<String>,
    /// None of these kinds.
    #[serde(default)]
    pub without: Vec<String>,
    /// Narrower ranges than those that are declared: `"occlude.resistance_times" = [1e3, 1e7]`, or a list of words.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, Vec<serde_json::Value>>")]
    pub ranges: BTreeMap<String, Vec<toml::Value>>,
}

/// A scenario on a profile, without faults, and the patients that take turns in it.
#[derive(Clone, Debug)]
pub struct Base {
    /// As `weanbench run` finds it.
    pub name: String,
    /// Its name in results.
    pub short: String,
    /// Which sensors are fitted.
    pub profile: ProfileName,
    /// Everything that a run is made of, with one arm, in which there is a controller.
    pub library: Library,
    /// The arm's name, where the scenario has others too.
    pub arm: Option<String>,
    /// Patients by their numbers.
    pub patients: Vec<u64>,
}

/// A campaign whose every scenario has been checked.
#[derive(Clone, Debug)]
pub struct Campaign {
    /// As it was written, with what was put over it.
    pub file: CampaignFile,
    /// Scenario by scenario, and profile by profile within.
    pub bases: Vec<Base>,
    /// Faults that are drawn.
    pub(super) drawer: Option<Drawer>,
    /// Sets that no such device can have: base and set.
    pub(super) unfit: Vec<(usize, usize)>,
    /// The file's text, and what was put over it.
    text: String,
    /// Whether numbers, controllers and requirements are those of the file.
    as_written: bool,
}

impl Campaign {
    /// Reads one, with `overrides` put over it.
    ///
    /// # Errors
    /// Every complaint that could be found.
    pub fn read(path: &Path, overrides: &[String]) -> Result<Self, Refused> {
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::of(Document::read(path)?, folder, overrides)
    }

    /// One that ships with the bench; none when there is no such one.
    ///
    /// # Errors
    /// Every complaint that could be found.
    pub fn shipped(name: &str, overrides: &[String]) -> Option<Result<Self, Refused>> {
        let text = shipped::text(Kind::Campaign, name)?;
        let path = format!("{}/{name}.toml", Kind::Campaign.folder());
        let document = Document::from_text(path, text);
        Some(Self::of(document, Path::new(""), overrides))
    }

    /// From its text, as if it lay in `folder`.
    ///
    /// # Errors
    /// Every complaint that could be found.
    pub fn from_text(
        name: &str,
        text: &str,
        folder: &Path,
        overrides: &[String],
    ) -> Result<Self, Refused> {
        Self::of(Document::from_text(name, text), folder, overrides)
    }

    fn of(mut document: Document, folder: &Path, overrides: &[String]) -> Result<Self, Refused> {
        for assignment in overrides {
            document
                .set(assignment)
                .map_err(|complaint| vec![complaint])?;
        }
        let document = &document;
        let file: CampaignFile = document.decode()?;
        check::frame(document, &file)?;
        let bases = check::bases(document, &file, folder)?;
        let drawer = file.draws.as_ref();
        let drawer = drawer.map(|draws| Drawer::new(document, file.seed, draws));
        let unfit = check::sets(document, &file, &bases)?;
        known::check(document, &file, &bases)?;
        let campaign = Self {
            text: [document.text(), &overrides.join("\n")].join("\n"),
            as_written: overrides.is_empty(),
            drawer: drawer.transpose()?,
            unfit,
            bases,
            file,
        };
        check::draws(document, &campaign)?;
        Ok(campaign)
    }

    /// One number for the text of the campaign and of everything that it names. Runs of campaigns with the same
    /// one, made by the same code, are the same runs.
    #[must_use]
    pub fn identity(&self) -> String {
        let mut digest = Digest::new();
        digest.str(&self.text);
        for base in &self.bases {
            let library = &base.library;
            let texts = &library.texts;
            for text in [
                &library.text,
                &texts.protocol,
                &texts.device,
                &texts.people,
                &texts.patients,
            ] {
                digest.str(text);
            }
            for (name, text) in library.requirements.files() {
                digest.str(name);
                digest.str(text);
            }
        }
        for controller in &self.file.controllers {
            digest.str(controller);
        }
        digest.hex()
    }

    /// Judges runs by other requirements than those that ship with the bench.
    #[must_use]
    pub fn judged_by(mut self, requirements: &Arc<Requirements>) -> Self {
        for base in &mut self.bases {
            base.library.requirements = Arc::clone(requirements);
        }
        self
    }

    /// Puts other controllers in the place of those that the file names.
    #[must_use]
    pub fn under(mut self, controllers: Vec<String>) -> Self {
        self.file.controllers = controllers;
        self.as_written = false;
        self
    }

    /// Whether nothing was put over what the file says.
    pub(super) const fn is_as_written(&self) -> bool {
        self.as_written
    }

    /// Whether a run that ends so is no failure here.
    #[must_use]
    pub fn accepts(&self, verdict: RunVerdict) -> bool {
        verdict.acceptable() || self.file.accept.contains(&verdict)
    }
}
