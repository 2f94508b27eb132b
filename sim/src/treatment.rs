//! What a patient gets beside the pump: tablets by the clock, and an adjunct from a day on.

use virtual_patient::Adjunct;

use crate::clock::SimTime;
use crate::scenario::Arm;

/// The plan of an arm, and how far it has been followed.
#[derive(Clone, Debug)]
pub struct Treatment<'a> {
    arm: &'a Arm,
    tablets_given: u64,
}

impl<'a> Treatment<'a> {
    /// The plan from the explant on.
    #[must_use]
    pub const fn new(arm: &'a Arm) -> Self {
        Self {
            arm,
            tablets_given: 0,
        }
    }

    /// The same plan as another case has it, as far as it has been followed.
    pub(crate) const fn by(&self, arm: &'a Arm) -> Self {
        Self {
            arm,
            tablets_given: self.tablets_given,
        }
    }

    /// When the next tablet is due.
    #[must_use]
    pub fn due(&self) -> SimTime {
        match &self.arm.oral {
            Some(oral) => SimTime::from_hours(self.tablets_given * u64::from(oral.every_h)),
            None => SimTime::NEVER,
        }
    }

    /// The tablets that are due at `now`, µg.
    pub fn tablets_ug(&mut self, now: SimTime) -> f64 {
        let Some(oral) = &self.arm.oral else {
            return 0.0;
        };
        let mut swallowed_mg = 0.0;
        while self.due() <= now {
            let day = usize::try_from(self.due().millis() / 86_400_000).unwrap_or(usize::MAX);
            let mg_per_day = oral.mg_per_day.get(day).or(oral.mg_per_day.last());
            swallowed_mg +=
                mg_per_day.copied().unwrap_or_default() * f64::from(oral.every_h) / 24.0;
            self.tablets_given += 1;
        }
        swallowed_mg * 1e3
    }

    /// When the adjunct begins.
    #[must_use]
    pub fn adjunct_from(&self) -> SimTime {
        let from = self
            .arm
            .adjunct
            .map(|adjunct| SimTime::from_hours(u64::from(adjunct.from_h)));
        from.unwrap_or(SimTime::NEVER)
    }

    /// The adjunct in force at `now`.
    #[must_use]
    pub fn adjunct(&self, now: SimTime) -> Adjunct {
        match self.arm.adjunct {
            Some(adjunct) if now >= self.adjunct_from() => Adjunct {
                drive: f64::from(adjunct.drive_permille) / 1e3,
                tone: f64::from(adjunct.tone_permille) / 1e3,
            },
            Some(_) | None => Adjunct::default(),
        }
    }
}
