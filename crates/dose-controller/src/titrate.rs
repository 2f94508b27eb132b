//! What an assessment permits: to go down and how far, to wait, to hold, to stop.
//!
//! One entry error must never move or stop the dose by itself (SR-37), so a decrement needs two
//! consecutive assessments that both permit it, and a stop for overdose needs two that both show it.
//! Nothing here raises a dose.

use infusion_types::{Ashworth, NoData, Observation, Observed, SignCount, Timestamp, WeanSchedule};

/// So many signs of withdrawal are known.
const SIGNS: SignCount = 5;

/// What one believable assessment says about the wean.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Judged {
    at: Timestamp,
    /// Tone, in tenths of a grade.
    tone: u8,
    /// Rise of tone over the pre-wean median, in tenths.
    rise: u8,
    signs: SignCount,
    /// Tone up and sedation deeper: they contradict each other.
    contradicts: bool,
}

/// Counts of the values seen before the wean, for a median that no single entry can move far.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Counts<const N: usize>(
    #[cfg_attr(feature = "serde", serde(with = "crate::arrays"))] [u16; N],
);

impl<const N: usize> Default for Counts<N> {
    fn default() -> Self {
        Self([0; N])
    }
}

impl<const N: usize> Counts<N> {
    fn count(&mut self, index: usize) {
        if let Some(slot) = self.0.get_mut(index) {
            *slot = slot.saturating_add(1);
        }
    }

    /// The index of the median; of two in the middle, the lower.
    fn median(&self) -> Option<usize> {
        let total: u32 = self.0.iter().map(|count| u32::from(*count)).sum();
        let middle = total.checked_add(1)?.checked_div(2)?;
        let mut seen = 0_u32;
        self.0.iter().position(|count| {
            seen = seen.saturating_add(u32::from(*count));
            middle > 0 && seen >= middle
        })
    }
}

/// Everything that was learnt from assessments.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Titration {
    /// Tone before the wean, by tenths of a grade divided by five.
    tone: Counts<9>,
    /// Sedation before the wean, by RASS plus five.
    sedation: Counts<10>,
    wean_began: bool,
    latest: Option<Judged>,
    before: Option<Judged>,
    /// Not believed yet: tone that jumped.
    quarantined: Option<(Timestamp, u8)>,
    /// A number that no door let in, until a full assessment comes.
    incomplete: bool,
    refused: Option<NoData>,
    overdose: Overdose,
    unresolved_since: Option<Timestamp>,
}

/// How sure it is that the patient has too much.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
enum Overdose {
    #[default]
    None,
    /// One assessment showed signs.
    Suspected(Timestamp),
    /// Two in a row did.
    Confirmed,
}

impl Titration {
    /// Whether every time in it lies before `now`.
    pub(crate) fn is_past(&self, now: Timestamp) -> bool {
        let suspected = match self.overdose {
            Overdose::Suspected(at) => Some(at),
            Overdose::None | Overdose::Confirmed => None,
        };
        let times = [
            self.latest_at(),
            self.before.map(|judged| judged.at),
            self.quarantined.map(|(at, _)| at),
            self.unresolved_since,
            suspected,
        ];
        times.into_iter().flatten().all(|at| at <= now)
    }

    /// Whether every score in it is one of its scale.
    pub(crate) fn is_sound(&self) -> bool {
        let grade = |tone: u8| Ashworth::GRADES.contains(&tone);
        let judged = |it: &Judged| grade(it.tone) && it.rise <= it.tone && it.signs <= SIGNS;
        let mut looks = self.latest.iter().chain(&self.before);
        looks.all(judged) && self.quarantined.is_none_or(|(_, tone)| grade(tone))
    }

    /// Takes one assessment in.
    pub(crate) fn observe(&mut self, rules: &Observation, seen: &Observed) {
        self.refused = seen.refused();
        self.suspect_overdose(rules, seen);
        self.incomplete = !seen.is_full();
        if let (false, Ok(tone), Ok(sedation)) = (self.incomplete, seen.spasticity, seen.sedation) {
            let (tone, sedation) = (tone.tenths(), sedation.get());
            if self.believes(rules, tone, seen.at) {
                self.accept(rules, seen, tone, sedation);
            }
        }
        let unresolved = self.inconsistent() || self.overdose_suspected();
        self.unresolved_since = match (unresolved, self.unresolved_since) {
            (true, None) => Some(seen.at),
            (true, since) => since,
            (false, _) => None,
        };
    }

    /// A jump is believed when the next assessment shows it too, or takes it back (SR-32).
    fn believes(&mut self, rules: &Observation, tone: u8, at: Timestamp) -> bool {
        let near = |other: u8| tone.abs_diff(other) < rules.jump_tenths;
        let later = |(then, tone): (Timestamp, u8)| at > then && near(tone);
        let confirmed = self.quarantined.take().is_some_and(later);
        let Some(latest) = self.latest else {
            return true;
        };
        let old = at.since(latest.at) >= rules.age_most;
        if confirmed || old || near(latest.tone) {
            return true;
        }
        self.quarantined = Some((at, tone));
        false
    }

    fn accept(&mut self, rules: &Observation, seen: &Observed, tone: u8, sedation: i8) {
        if !self.wean_began {
            self.tone
                .count(usize::from(tone.checked_div(5).unwrap_or_default()));
            self.sedation
                .count(usize::try_from(sedation.saturating_add(5)).unwrap_or_default());
        }
        let rise = tone.saturating_sub(self.usual_tone().unwrap_or(tone));
        let deeper = self.usual_sedation().is_some_and(|usual| sedation < usual);
        if self.latest_at().is_none_or(|latest| latest < seen.at) {
            self.before = self.latest;
        }
        self.latest = Some(Judged {
            at: seen.at,
            tone,
            rise,
            signs: signs(rules, seen, rise, sedation),
            contradicts: rise >= rules.tone_rise_tenths && deeper,
        });
    }

    fn suspect_overdose(&mut self, rules: &Observation, seen: &Observed) {
        // Each sign counts by itself: a bad entry elsewhere on the sheet hides none (SR-19).
        let below = |value: Result<u16, NoData>, least: u16| value.is_ok_and(|it| it < least);
        let shows = below(seen.vitals.breaths_per_min, rules.breaths_least)
            || below(seen.vitals.saturation_percent, rules.saturation_least)
            || seen
                .sedation
                .is_ok_and(|score| score.get() <= rules.sedation_deep);
        // A sheet on which a sign cannot be read takes no suspicion back.
        let looked = seen.vitals.breaths_per_min.is_ok()
            && seen.vitals.saturation_percent.is_ok()
            && seen.sedation.is_ok();
        self.overdose = match (self.overdose, shows) {
            (Overdose::None, true) => Overdose::Suspected(seen.at),
            // The same sheet sent twice is one look at the patient.
            (Overdose::Suspected(first), true) if seen.at <= first => Overdose::Suspected(first),
            (Overdose::Suspected(_) | Overdose::Confirmed, true) => Overdose::Confirmed,
            (_, false) if looked => Overdose::None,
            (before, false) => before,
        };
    }

    fn usual_tone(&self) -> Option<u8> {
        let index = u8::try_from(self.tone.median()?).ok()?;
        Some(index.saturating_mul(5))
    }

    fn usual_sedation(&self) -> Option<i8> {
        let index = i8::try_from(self.sedation.median()?).ok()?;
        Some(index.saturating_sub(5))
    }

    /// The pre-wean medians are fixed from here on.
    pub(crate) const fn begin_wean(&mut self) {
        self.wean_began = true;
    }

    /// When the latest believable assessment was made.
    pub(crate) fn latest_at(&self) -> Option<Timestamp> {
        self.latest.map(|judged| judged.at)
    }

    /// The number that was refused in the latest assessment.
    pub(crate) const fn refused(&self) -> Option<NoData> {
        self.refused
    }

    /// Withdrawal signs in the latest believable assessment.
    pub(crate) fn signs(&self) -> SignCount {
        self.latest.map_or(0, |judged| judged.signs)
    }

    /// AL-27: incomplete, quarantined or contradictory.
    pub(crate) fn inconsistent(&self) -> bool {
        self.incomplete
            || self.quarantined.is_some()
            || self.latest.is_some_and(|judged| judged.contradicts)
    }

    /// One assessment showed overdose and nobody has confirmed it.
    pub(crate) const fn overdose_suspected(&self) -> bool {
        matches!(self.overdose, Overdose::Suspected(_))
    }

    /// AL-04.
    pub(crate) const fn overdose_confirmed(&self) -> bool {
        matches!(self.overdose, Overdose::Confirmed)
    }

    /// Whether a doubt has stood for too long.
    pub(crate) fn unresolved(&self, rules: &Observation, now: Timestamp) -> bool {
        self.unresolved_since
            .is_some_and(|since| now.since(since) >= rules.unresolved)
    }

    /// Whether signs of overdose have waited for too long for a second look.
    pub(crate) fn unconfirmed(&self, rules: &Observation, now: Timestamp) -> bool {
        self.second_look_by(rules).is_some_and(|by| now >= by)
    }

    /// Until when signs of overdose have to be looked at again.
    pub(crate) fn second_look_by(&self, rules: &Observation) -> Option<Timestamp> {
        match self.overdose {
            Overdose::Suspected(at) => Some(at.after(rules.unconfirmed)),
            Overdose::None | Overdose::Confirmed => None,
        }
    }

    /// Whether the latest two believable assessments are fresh enough for a decrement.
    pub(crate) fn two_fresh(&self, rules: &Observation, now: Timestamp) -> TwoFresh {
        let fresh = |judged: Judged| now.since(judged.at) <= rules.age_most;
        let limit = rules.age_most.saturating_mul(2);
        match (self.latest, self.before) {
            (Some(latest), Some(before)) if fresh(latest) => {
                if latest.at.since(before.at) <= limit {
                    TwoFresh::Yes
                } else {
                    TwoFresh::One
                }
            }
            (Some(latest), None) if fresh(latest) => TwoFresh::One,
            (Some(_) | None, _) => TwoFresh::None,
        }
    }

    /// The decrement that both of the latest assessments permit, in thousandths of the basis.
    pub(crate) fn permitted(&self, wean: &WeanSchedule) -> Option<u32> {
        let allowed = |judged: Judged| {
            let fits =
                |rise_most, signs_most| judged.rise <= rise_most && judged.signs <= signs_most;
            let rung = wean
                .rungs
                .iter()
                .find(|r| fits(r.tone_rise_most_tenths, r.signs_most));
            rung.map(|rung| rung.decrement_permille)
        };
        Some(allowed(self.latest?)?.min(allowed(self.before?)?))
    }
}

/// How many fresh assessments there are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum TwoFresh {
    None,
    One,
    Yes,
}

fn signs(rules: &Observation, seen: &Observed, rise: u8, sedation: i8) -> SignCount {
    let stands = [
        seen.itch.is_ok_and(|itch| itch >= rules.itch),
        rise >= rules.tone_rise_tenths,
        seen.vitals
            .heart_rate_per_min
            .is_ok_and(|rate| rate > rules.heart_rate),
        seen.vitals
            .temperature
            .is_ok_and(|temperature| temperature > rules.temperature),
        sedation >= rules.agitation,
    ];
    u8::try_from(stands.into_iter().filter(|stands| *stands).count()).unwrap_or(u8::MAX)
}

#[cfg(test)]
#[path = "titrate_tests.rs"]
mod tests;
