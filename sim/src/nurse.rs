//! Who looks at the patient and weighs the pump: often late, never exact, and with no view of the
//! model behind the signs.

use infusion_types::{Ashworth, Assessment, Order, OrderKind, Timestamp, User};
use virtual_patient::Signs;

use crate::clock::SimTime;
use crate::draw::{Draws, Purpose};
use crate::scenario::Nurse as Rules;
use crate::ward::{Departure, Departures, Ward};

/// The nurse's user number; clinicians have others.
pub const NURSE: User = User(3);

/// Beats per minute that a degree of fever brings. An assumption: Liebermeister's eight to ten.
const BEATS_PER_DEGREE: f64 = 9.0;

/// A nurse with a round to make.
#[derive(Clone, Debug)]
pub struct Nurse {
    rules: Rules,
    ward: Ward,
    departed: Departures,
    /// The patient as they were found first: what signs are measured against.
    at_first: Option<Signs>,
    /// The last sheet.
    last: Option<Assessment>,
    /// The round that comes next, counted from the explant.
    round: u64,
    assess_at: SimTime,
    weigh_at: SimTime,
    repeat_assessment_at: SimTime,
    repeat_weighing_at: SimTime,
}

impl Nurse {
    /// A nurse whose first round is one interval after the explant.
    #[must_use]
    pub fn new(rules: Rules, draws: &Draws) -> Self {
        let mut nurse = Self {
            rules,
            ward: Ward::ATTENTIVE,
            departed: Departures::default(),
            at_first: None,
            last: None,
            round: 0,
            assess_at: SimTime::ZERO,
            weigh_at: SimTime::from_minutes(u64::from(rules.weigh_every_min)),
            repeat_assessment_at: SimTime::NEVER,
            repeat_weighing_at: SimTime::NEVER,
        };
        nurse.plan_round(draws);
        nurse
    }

    /// How they depart from their rules from now on.
    pub const fn obey(&mut self, ward: &Ward) {
        self.ward = *ward;
    }

    /// How they have departed since it was last asked.
    pub fn departed(&mut self) -> Departures {
        std::mem::take(&mut self.departed)
    }

    /// When there is something to do next.
    #[must_use]
    pub fn due(&self) -> SimTime {
        self.due_to_assess()
            .min(self.weigh_at)
            .min(self.repeat_weighing_at)
    }

    fn due_to_assess(&self) -> SimTime {
        self.assess_at.min(self.repeat_assessment_at)
    }

    /// The controller asks for another look, or another weighing.
    pub fn asked(&mut self, now: SimTime, draws: &Draws, assessment: bool, weighing: bool) {
        let [least, most] = self.rules.repeat_after_s;
        let soon = || {
            let mut draw = draws.at(Purpose::Lateness, "repeat", now.millis());
            now.after_millis(draw.within(u64::from(least) * 1_000, u64::from(most) * 1_000))
        };
        if assessment && self.repeat_assessment_at == SimTime::NEVER {
            self.repeat_assessment_at = soon();
        }
        if weighing && self.repeat_weighing_at == SimTime::NEVER {
            self.repeat_weighing_at = soon();
        }
    }

    /// An assessment, if it is time for one. `at` is the moment on the controller's clock.
    pub fn assess(
        &mut self,
        now: SimTime,
        at: Timestamp,
        draws: &Draws,
        signs: &Signs,
    ) -> Option<Assessment> {
        let well = *self.at_first.get_or_insert(*signs);
        if now < self.due_to_assess() {
            return None;
        }
        if now >= self.assess_at {
            self.plan_round(draws);
            // Very late for one round, a nurse does not go back in time for the next.
            self.assess_at = self.assess_at.max(now.after_millis(1_000));
        }
        self.repeat_assessment_at = SimTime::NEVER;
        if self.ward.nurse_away {
            self.departed.note(Departure::RoundMissed);
            return None;
        }
        let rated = |ward: Ward| self.rate(now, at, draws, &seen(&ward, signs, &well));
        let ward = self.ward;
        let (open, cool) = (
            Ward {
                masked_permille: 0,
                ..ward
            },
            Ward {
                fever_c: 0.0,
                ..ward
            },
        );
        let shown = rated(ward);
        let hides = !same(&shown, &rated(open));
        let burns = !same(&shown, &rated(cool));
        self.departed.note_if(hides, Departure::Hidden);
        self.departed.note_if(burns, Departure::Feverish);
        Some(self.write(shown))
    }

    /// What comes on paper of what was rated.
    fn write(&mut self, rated: Assessment) -> Assessment {
        let mut sheet = rated;
        if self.ward.scales_swapped {
            std::mem::swap(&mut sheet.spasticity, &mut sheet.spasms);
            self.departed
                .note_if(!same(&sheet, &rated), Departure::Swapped);
        }
        if let Some(last) = self.last.filter(|_| self.ward.old_sheet) {
            sheet = Assessment {
                at: rated.at,
                ..last
            };
            self.departed.note_if(!same(&sheet, &rated), Departure::Old);
        }
        self.last = Some(sheet);
        sheet
    }

    /// A weighing, if it is time for one, of a reservoir that `weigh` reads.
    pub fn weigh(&mut self, now: SimTime, weigh: impl FnOnce() -> Option<f64>) -> Option<Order> {
        if now < self.weigh_at.min(self.repeat_weighing_at) {
            return None;
        }
        if now >= self.weigh_at {
            let every = u64::from(self.rules.weigh_every_min) * 60_000;
            self.weigh_at = self.weigh_at.after_millis(every);
        }
        self.repeat_weighing_at = SimTime::NEVER;
        if self.ward.nurse_away {
            self.departed.note(Departure::RoundMissed);
            return None;
        }
        weigh().map(|volume| Order {
            by: NURSE,
            what: OrderKind::VolumeCheck(volume),
        })
    }

    /// The next round is at its hour, and then late.
    fn plan_round(&mut self, draws: &Draws) {
        self.round += 1;
        let hour = SimTime::from_minutes(self.round * u64::from(self.rules.assess_every_min));
        let most = u64::from(self.rules.late_max_min) * 60_000;
        let late = draws
            .at(Purpose::Lateness, "round", hour.millis())
            .within(0, most);
        self.assess_at = hour.after_millis(late);
    }

    /// What is written down: signs that can be seen, scattered as raters scatter.
    fn rate(&self, now: SimTime, at: Timestamp, draws: &Draws, signs: &Signs) -> Assessment {
        let mut first = draws.at(Purpose::Rating, "scores", now.millis());
        let mut second = draws.at(Purpose::Rating, "vitals", now.millis());
        let noise = &self.rules.noise;
        let spasticity = signs.mas + noise.spasticity * first.normal();
        let spasms = signs.spasms + noise.spasms * first.normal();
        let sedation = signs.sedation + noise.sedation * first.normal();
        let itch = signs.itch + noise.itch * first.normal();
        let breaths = signs.breaths_per_min + noise.breaths_per_min * second.normal();
        let saturation = signs.saturation_percent + noise.saturation_percent * second.normal();
        let heart_rate = signs.heart_rate_per_min + noise.heart_rate_per_min * second.normal();
        let systolic = signs.systolic_mmhg + noise.systolic_mmhg * second.normal();
        let temperature = signs.temperature_c + noise.temperature_c * second.normal();
        Assessment {
            at,
            spasticity: Ok(grade(spasticity)),
            spasms: Ok(libm::round(spasms).clamp(0.0, 4.0)),
            sedation: Ok(libm::round(sedation).clamp(-5.0, 4.0)),
            breaths_per_min: Ok(libm::round(breaths).max(0.0)),
            saturation_percent: Ok(libm::round(saturation).clamp(0.0, 100.0)),
            heart_rate_per_min: Ok(libm::round(heart_rate).max(0.0)),
            systolic_mmhg: Ok(libm::round(systolic).max(0.0)),
            temperature_c: Ok(libm::round(temperature * 10.0) / 10.0),
            itch: Ok(libm::round(itch).clamp(0.0, 10.0)),
        }
    }
}

/// The signs as they can be seen through other drugs and another illness, of somebody who was `well`.
fn seen(ward: &Ward, signs: &Signs, well: &Signs) -> Signs {
    let hidden = f64::from(ward.masked_permille) / 1e3;
    // What rises in withdrawal is hidden; what sinks in an overdose is not.
    let shown = |is: f64, was: f64| is - (is - was).max(0.0) * hidden;
    Signs {
        mas: shown(signs.mas, well.mas),
        spasms: shown(signs.spasms, well.spasms),
        sedation: shown(signs.sedation, well.sedation),
        itch: shown(signs.itch, well.itch),
        systolic_mmhg: shown(signs.systolic_mmhg, well.systolic_mmhg),
        heart_rate_per_min: shown(signs.heart_rate_per_min, well.heart_rate_per_min)
            + BEATS_PER_DEGREE * ward.fever_c,
        temperature_c: signs.temperature_c + ward.fever_c,
        ..*signs
    }
}

/// Whether two sheets say the same, to the last bit.
fn same(one: &Assessment, other: &Assessment) -> bool {
    let entries = |sheet: &Assessment| {
        [
            sheet.spasticity,
            sheet.spasms,
            sheet.sedation,
            sheet.breaths_per_min,
            sheet.saturation_percent,
            sheet.heart_rate_per_min,
            sheet.systolic_mmhg,
            sheet.temperature_c,
            sheet.itch,
        ]
        .map(|entry| entry.map(f64::to_bits))
    };
    entries(one) == entries(other)
}

/// The grade of the scale that lies nearest; of two, the lower.
fn grade(tone: f64) -> f64 {
    let distance = |grade: &f64| (tone - grade).abs();
    let grades = Ashworth::GRADES.map(|tenths| f64::from(tenths) / 10.0);
    let nearest = grades
        .into_iter()
        .min_by(|a, b| distance(a).total_cmp(&distance(b)));
    nearest.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tone_becomes_the_nearest_grade() {
        for (tone, grade_of_it) in [
            (-1.0, 0.0),
            (0.49, 0.0),
            (0.5, 0.0),
            (1.3, 1.5),
            (2.5, 2.0),
            (2.6, 3.0),
            (9.0, 4.0),
        ] {
            assert!((grade(tone) - grade_of_it).abs() < 1e-12, "{tone}");
        }
    }
}
