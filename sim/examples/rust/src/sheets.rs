//! What nurses saw: which signs of withdrawal stand, and whether overdose does.

use infusion_types::{Ashworth, NoData, Observation, Observed, Timestamp, Wait};

/// Signs of withdrawal with which the dose still goes down.
const SIGNS_MOST: u8 = 1;

/// A sheet that is full and believed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sheet {
    /// When; none before there is one.
    pub(crate) at: Option<Timestamp>,
    pub(crate) tone_tenths: u8,
    /// Signs of withdrawal, of the five.
    pub(crate) signs: u8,
}

/// The last two sheets, and what is known from those before.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sheets {
    pub(crate) before: Sheet,
    pub(crate) last: Sheet,
    /// How often each grade of tone was seen before the first rung: their median is the usual tone.
    pub(crate) grades: [u32; Ashworth::GRADES.len()],
    /// Tone that jumped: not believed until the next sheet shows it too.
    pub(crate) jumped_tenths: Option<u8>,
    /// Sheets in a row that showed overdose, up to two: one is a suspicion.
    pub(crate) overdose: u8,
    /// A person says so.
    pub(crate) withdrawal_flagged: bool,
    pub(crate) overdose_flagged: bool,
    pub(crate) withdrawal_at: Option<Timestamp>,
}

impl Sheets {
    /// Takes a sheet in. Tone counts as usual until the wean has begun.
    pub(crate) fn take(
        &mut self,
        now: Timestamp,
        rules: &Observation,
        seen: &Observed,
        begun: bool,
    ) {
        self.look_for_overdose(rules, seen);
        let at = seen.at.min(now);
        let (Ok(tone), true) = (seen.spasticity, seen.is_full() && Some(at) > self.last.at) else {
            return;
        };
        let tone = tone.tenths();
        if !self.believes(at, rules, tone) {
            return;
        }
        let seen_so_far = Ashworth::GRADES.iter().zip(&mut self.grades);
        for (_, count) in seen_so_far.filter(|(grade, _)| !begun && **grade == tone) {
            *count = count.saturating_add(1);
        }
        let rise = tone.saturating_sub(self.usual_tone().unwrap_or(tone));
        let signs = [
            seen.itch.is_ok_and(|it| it >= rules.itch),
            rise >= rules.tone_rise_tenths,
            seen.vitals
                .heart_rate_per_min
                .is_ok_and(|it| it > rules.heart_rate),
            seen.vitals
                .temperature
                .is_ok_and(|it| it > rules.temperature),
            seen.sedation.is_ok_and(|it| it.get() >= rules.agitation),
        ];
        self.before = self.last;
        self.last = Sheet {
            at: Some(at),
            tone_tenths: tone,
            signs: signs.into_iter().map(u8::from).fold(0, u8::saturating_add),
        };
    }

    /// Each sign of overdose counts by itself; a sheet on which one cannot be read takes nothing back.
    fn look_for_overdose(&mut self, rules: &Observation, seen: &Observed) {
        let below = |value: Result<u16, NoData>, least| value.is_ok_and(|it| it < least);
        let (breaths, saturation) = (seen.vitals.breaths_per_min, seen.vitals.saturation_percent);
        if below(breaths, rules.breaths_least)
            || below(saturation, rules.saturation_least)
            || seen
                .sedation
                .is_ok_and(|it| it.get() <= rules.sedation_deep)
        {
            self.overdose = self.overdose.saturating_add(1).min(2);
        } else if breaths.is_ok() && saturation.is_ok() && seen.sedation.is_ok() {
            self.overdose = 0;
        }
    }

    fn believes(&mut self, at: Timestamp, rules: &Observation, tone: u8) -> bool {
        let near = |other: u8| tone.abs_diff(other) < rules.jump_tenths;
        let confirmed = self.jumped_tenths.take().is_some_and(near);
        let old = self
            .last
            .at
            .is_none_or(|last| at.since(last) >= rules.age_most);
        let believed = confirmed || old || near(self.last.tone_tenths);
        if !believed {
            self.jumped_tenths = Some(tone);
        }
        believed
    }

    /// The median before the first rung; of two in the middle, the lower.
    fn usual_tone(&self) -> Option<u8> {
        let all = self.grades.iter().copied().fold(0, u32::saturating_add);
        let half = all.div_ceil(2).max(1);
        let mut seen = 0_u32;
        let mut grades = Ashworth::GRADES.iter().zip(&self.grades);
        let median = grades.find(|(_, count)| {
            seen = seen.saturating_add(**count);
            seen >= half
        });
        median.map(|(grade, _)| *grade)
    }

    /// Whether withdrawal stands, by the last sheet or by a person's word.
    pub(crate) const fn withdraws(&self, rules: &Observation) -> bool {
        self.withdrawal_flagged || self.last.signs >= rules.withdrawal_signs
    }

    /// Remembers when it last stood.
    pub(crate) const fn note_withdrawal(&mut self, now: Timestamp, rules: &Observation) {
        if self.withdraws(rules) {
            self.withdrawal_at = Some(now);
        }
    }

    /// What speaks against a rung: signs, lately or still, or that nobody looked twice.
    pub(crate) fn waits(&self, now: Timestamp, rules: &Observation) -> Option<Wait> {
        let within = |at: Option<Timestamp>, time| at.is_some_and(|at| now.since(at) <= time);
        if within(self.withdrawal_at, rules.after_withdrawal) {
            Some(Wait::AfterWithdrawal)
        } else if !within(self.before.at, rules.age_most) {
            Some(Wait::SecondAssessment)
        } else if self.before.signs.max(self.last.signs) > SIGNS_MOST {
            Some(Wait::Response)
        } else {
            None
        }
    }

    /// Overdose on two sheets in a row, or by a person's word.
    pub(crate) const fn overdosed(&self) -> bool {
        self.overdose_flagged || self.overdose >= 2
    }

    /// Overdose on one sheet that nobody has confirmed or taken back.
    pub(crate) const fn overdose_suspected(&self) -> bool {
        self.overdose == 1
    }

    /// When the patient was last seen.
    pub(crate) const fn last_at(&self) -> Option<Timestamp> {
        self.last.at
    }
}
