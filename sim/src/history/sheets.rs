//! What the sheets show: withdrawal, overdose, contradictions, and what cannot be believed.
//!
//! Scored here anew from what was written, with the cut-offs that the requirements give; the
//! controller's own scores are not looked at.

use infusion_types::{NoData, Observed, WeanSchedule};

use super::since_h;
use super::therapy::Therapy;
use crate::clock::SimTime;

/// Tone that moves by this much within [`JUMP_WITHIN_H`] is not believed until it is seen again, grades.
const JUMP_MAS: f64 = 2.0;
/// The same.
const JUMP_WITHIN_H: f64 = 4.0;
/// Itch that counts as a sign of withdrawal, of 10.
const ITCH: u16 = 4;
/// Rise of tone above the median before the wean that does, grades.
const TONE_RISE: f64 = 1.0;
/// Heart rate above which it does, 1/min.
const HEART_RATE: u16 = 110;
/// Temperature above which it does, degrees Celsius.
const TEMPERATURE_C: f64 = 37.8;
/// Agitation that does, RASS.
const AGITATION: f64 = 2.0;
/// Signs that are withdrawal together, of the five.
const WITHDRAWAL_SIGNS: u32 = 2;
/// Breaths below which it is a sign of overdose, 1/min.
const BREATHS: u16 = 10;
/// Saturation below which it is, %.
const SATURATION: u16 = 90;
/// Sedation at or below which it is, RASS.
const SEDATION: f64 = -3.0;

/// What people have seen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sheets {
    /// Tone and sedation before the wean, sorted.
    tones: Vec<f64>,
    sedations: Vec<f64>,
    /// The latest valid sheet: tone, and when.
    tone: Option<(f64, SimTime)>,
    doubted: Option<f64>,
    valid_at: Option<SimTime>,
    /// Rise of tone, grades, and signs of withdrawal, of the two latest valid sheets; the newest first.
    responses: [Option<(f64, u32)>; 2],
    withdrawal_at: Option<SimTime>,
    overdose_at: Option<SimTime>,
    seen_at: Option<SimTime>,
    pub(crate) withdrawal_signs: u32,
    /// Enough of them stand, or a person says so.
    pub(crate) withdrawal: bool,
    /// One sheet shows overdose, and the one before did not; two in a row did.
    pub(crate) overdose_first: bool,
    pub(crate) overdose_sure: bool,
    /// Tone up and sedation deeper.
    pub(crate) contradicts: bool,
    /// Something on the latest sheet cannot be believed, or read.
    pub(crate) implausible: bool,
}

/// Room for the sheets of two weeks before a wean, one every four hours; more make more room.
const SHEETS: usize = 84;

impl Sheets {
    pub(super) fn new() -> Self {
        Self {
            tones: Vec::with_capacity(SHEETS),
            sedations: Vec::with_capacity(SHEETS),
            ..Self::default()
        }
    }

    pub(super) fn see(&mut self, now: SimTime, seen: &Observed, therapy: &Therapy) {
        self.look_for_overdose(now, seen);
        self.implausible = seen.refused().is_some();
        let (true, Ok(grade), Ok(rass)) = (seen.is_full(), seen.spasticity, seen.sedation) else {
            return;
        };
        let (tone, sedation) = (f64::from(grade.tenths()) / 10.0, f64::from(rass.get()));
        if !self.believe(now, tone) {
            self.implausible = true;
            return;
        }
        if therapy.stepped_at.is_none() {
            insert(&mut self.tones, tone);
            insert(&mut self.sedations, sedation);
        }
        let rise = tone - median(&self.tones).unwrap_or(tone);
        let deeper = median(&self.sedations).is_some_and(|usual| sedation <= usual - 1.0);
        let celsius = |it: infusion_types::Temperature| it.millidegrees() as f64 / 1e3;
        let signs = [
            seen.itch.is_ok_and(|itch| itch >= ITCH),
            rise >= TONE_RISE,
            seen.vitals
                .heart_rate_per_min
                .is_ok_and(|it| it > HEART_RATE),
            seen.vitals
                .temperature
                .is_ok_and(|it| celsius(it) > TEMPERATURE_C),
            sedation >= AGITATION,
        ];
        self.withdrawal_signs = signs.into_iter().filter(|sign| *sign).count() as u32;
        self.contradicts = rise >= TONE_RISE && deeper;
        self.responses = [Some((rise, self.withdrawal_signs)), self.responses[0]];
    }

    /// Tone that jumps waits for the next sheet to show the same.
    fn believe(&mut self, now: SimTime, tone: f64) -> bool {
        let near = |other: f64| (tone - other).abs() < JUMP_MAS;
        let confirmed = self.doubted.take().is_some_and(near);
        let jumps = self
            .tone
            .is_some_and(|(other, at)| now.hours_since(at) < JUMP_WITHIN_H && !near(other));
        if jumps && !confirmed {
            self.doubted = Some(tone);
            return false;
        }
        self.tone = Some((tone, now));
        self.valid_at = Some(now);
        true
    }

    fn look_for_overdose(&mut self, now: SimTime, seen: &Observed) {
        let below = |value: Result<u16, NoData>, least: u16| value.is_ok_and(|it| it < least);
        let breaths = seen.vitals.breaths_per_min;
        let saturation = seen.vitals.saturation_percent;
        let shows = below(breaths, BREATHS)
            || below(saturation, SATURATION)
            || seen
                .sedation
                .is_ok_and(|it| f64::from(it.get()) <= SEDATION);
        // A sheet on which a sign cannot be read takes no suspicion back.
        let looked = breaths.is_ok() && saturation.is_ok() && seen.sedation.is_ok();
        let suspected = self.overdose_first || self.overdose_sure;
        let again = self.seen_at == Some(now);
        self.seen_at = Some(now);
        if shows && !(again && suspected) {
            (self.overdose_first, self.overdose_sure) = (!suspected, suspected);
            self.overdose_at = Some(now);
        } else if !shows && looked {
            (self.overdose_first, self.overdose_sure) = (false, false);
        }
    }

    /// Notes withdrawal that stands, by signs or by a person's word.
    pub(super) fn note_withdrawal(&mut self, now: SimTime, flag: bool) {
        self.withdrawal = flag || self.withdrawal_signs >= WITHDRAWAL_SIGNS;
        if self.withdrawal {
            self.withdrawal_at = Some(now);
        }
    }

    /// Whether the latest sheet says something that somebody has to act on.
    pub(crate) const fn is_doubtful(&self) -> bool {
        self.overdose_first
            || self.overdose_sure
            || self.contradicts
            || self.implausible
            || self.withdrawal
    }

    /// The decrement that the worse of the two latest valid sheets allows, in thousandths of the basis.
    pub(crate) fn allows_permille(&self, schedule: &WeanSchedule) -> u32 {
        /// Tone is written in tenths.
        const SAME: f64 = 0.01;
        let allows = |(rise, signs): (f64, u32)| {
            let fits = |most: u8, signs_most: u8| {
                rise <= f64::from(most) / 10.0 + SAME && signs <= u32::from(signs_most)
            };
            let mut rungs = schedule.rungs.iter();
            let rung = rungs.find(|it| fits(it.tone_rise_most_tenths, it.signs_most));
            rung.map_or(0, |it| it.decrement_permille)
        };
        let each = self.responses.iter().map(|it| it.map_or(0, allows));
        each.min().unwrap_or(0)
    }

    /// Hours since withdrawal last stood.
    pub(crate) fn quiet_h(&self, now: SimTime) -> f64 {
        since_h(now, self.withdrawal_at)
    }

    /// Hours since the latest valid sheet; since therapy began when there has been none.
    pub(crate) fn age_h(&self, now: SimTime, therapy: &Therapy) -> f64 {
        since_h(now, self.valid_at.or(therapy.therapy_from))
    }

    /// Hours since the latest valid sheet.
    pub(crate) fn valid_h(&self, now: SimTime) -> f64 {
        since_h(now, self.valid_at)
    }
}

fn insert(sorted: &mut Vec<f64>, value: f64) {
    let place = sorted.partition_point(|it| *it < value);
    sorted.insert(place, value);
}

/// Of two in the middle, the lower.
fn median(sorted: &[f64]) -> Option<f64> {
    sorted.get(sorted.len().checked_sub(1)? / 2).copied()
}
