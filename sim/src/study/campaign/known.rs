//! What a campaign file says is known and open: a find that is no failure when it comes.

use schemars::JsonSchema;
use serde::Deserialize;

use super::file::{Base, Campaign, CampaignFile};
use super::finds::{Find, Finds, State};
use crate::catalogue;
use crate::config::Refused;
use crate::input::{Document, code, suggest};
use crate::study::complaints::Complaints;
use crate::study::orders::{DONE, SAID};
use crate::verdict::RunVerdict;

/// A find that somebody has looked into and left open.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// The requirement that is violated, or the verdict that none explains.
    pub what: String,
    /// The kinds of fault that it takes, in any order; none where it takes none.
    pub faults: Vec<String>,
    /// Under which controller; the one that ships with the bench when left out.
    #[serde(default = "shipped")]
    pub controller: String,
    /// Why it is left open.
    pub why: String,
}

fn shipped() -> String {
    "builtin".to_owned()
}

impl Known {
    fn find(&self, state: State) -> Find {
        let mut faults = self.faults.clone();
        faults.sort_unstable();
        Find {
            state,
            what: self.what.clone(),
            faults,
            controller: self.controller.clone(),
            runs: 0,
            margin: None,
            unit: String::new(),
            case: 0,
            replay: String::new(),
            why: Some(self.why.clone()),
        }
    }
}

impl Finds {
    /// What the campaign's own file says is known; none where it says nothing. What a campaign as it was written does
    /// not meet is fixed; one with other numbers or controllers may simply not have met it.
    #[must_use]
    pub fn known(campaign: &Campaign) -> Option<Self> {
        let known = &campaign.file.known;
        let state = if campaign.is_as_written() {
            State::Known
        } else {
            State::Unmet
        };
        (!known.is_empty()).then(|| Self {
            schema: 1,
            campaign: campaign.identity(),
            find: known.iter().map(|it| it.find(state)).collect(),
        })
    }
}

/// Names that there are, and a reason for each.
pub(super) fn check(
    document: &Document,
    file: &CampaignFile,
    bases: &[Base],
) -> Result<(), Refused> {
    let mut complaints = Complaints::new(document);
    let kinds = catalogue::faults().iter().map(|it| it.name());
    let orders = DONE.iter().chain(&SAID).copied();
    let kinds: Vec<&str> = kinds.chain(orders).collect();
    let requirements = bases.first().map(|base| &base.library.requirements);
    let judged = requirements.into_iter().flat_map(|all| all.judged());
    let mut whats: Vec<&str> = judged.map(|it| it.id.as_str()).collect();
    whats.extend(RunVerdict::ALL.map(RunVerdict::name));
    for (index, known) in file.known.iter().enumerate() {
        let mut named = |key: &str, name: &str, names: &[&str], word: &str| {
            if !names.contains(&name) {
                let key = format!("known.{index}.{key}");
                let message = format!("no {word} is called `{name}`");
                complaints.refuse(&key, code::INVALID_VALUE, message, suggest(name, names));
            }
        };
        // Requirements of one's own are read later, from a file of their own.
        let own = !known.what.starts_with("SR-") && !known.what.starts_with("WB-");
        if !own
            || known
                .what
                .chars()
                .all(|it| it.is_ascii_lowercase() || it == '_')
        {
            named("what", &known.what, &whats, "requirement or verdict");
        }
        for (place, kind) in known.faults.iter().enumerate() {
            named(&format!("faults.{place}"), kind, &kinds, "fault or order");
        }
        if known.why.trim().is_empty() {
            let message = "nothing says why this find is left open".to_owned();
            complaints.refuse(
                &format!("known.{index}.why"),
                code::INVALID_VALUE,
                message,
                None,
            );
        }
    }
    complaints.done()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const FILE: &str = include_str!("../../../../configs/campaigns/swarm.toml");

    fn read(what: &str, why: &str, set: &[&str]) -> Result<Campaign, Refused> {
        let known =
            format!("[[known]]\nwhat = '{what}'\nfaults = ['occlude', 'air']\nwhy = '{why}'\n");
        let set: Vec<String> = set.iter().map(|it| (*it).to_owned()).collect();
        let text = [FILE, &known].join("\n");
        Campaign::from_text("c.toml", &text, Path::new(""), &set)
    }

    #[test]
    fn what_the_file_knows_is_told_as_known_and_with_other_numbers_is_not_told_as_fixed() {
        let none = Finds {
            schema: 1,
            campaign: String::new(),
            find: Vec::new(),
        };
        let cases = [
            (&[][..], State::Fixed),
            (&["draws.cases=4"][..], State::Unmet),
        ];
        for (set, gone) in cases {
            let campaign = read("SR-39", "as it is", set).expect("a good file");
            let known = Finds::known(&campaign).expect("one");
            assert_eq!(known.find[0].faults, ["air", "occlude"]);
            let mut now = none.clone();
            now.campaign = campaign.identity();
            assert_eq!(now.clone().against(&known, true).find[0].state, gone);
            // Met again, whatever else it was beside.
            now.find = known.find.clone();
            now.find[0].faults.push("stall".to_owned());
            let met = now.against(&known, true);
            assert_eq!(met.find.len(), 1);
            assert_eq!(met.find[0].state, State::Known);
            assert_eq!(met.find[0].why.as_deref(), Some("as it is"));
        }
    }

    #[test]
    fn a_find_that_there_cannot_be_is_refused() {
        let bad = [
            (
                "SR-3",
                "as it is",
                "no requirement or verdict is called `SR-3`",
            ),
            (
                "unsave",
                "as it is",
                "no requirement or verdict is called `unsave`",
            ),
            ("SR-39", " ", "nothing says why"),
        ];
        for (what, why, said) in bad {
            let refused = read(what, why, &[]).expect_err("bad");
            assert!(
                refused[0].render(false).contains(said),
                "{}",
                refused[0].render(false)
            );
        }
        assert!(read("WARD-03", "one of our own", &[]).is_ok());
    }
}
