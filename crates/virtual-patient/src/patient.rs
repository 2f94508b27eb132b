//! A person, moved through time.
//!
//! Time is whole milliseconds and the states move on a fixed grid. What arrives within a grid step is
//! added up and applied as a constant rate over that step, so that cost and result do not depend on
//! how finely [`Patient::advance`] is called:
//!
//! ```text
//!   grid   |-----------------------|-----------------------|
//!   calls  |--|--|--|--|--|--|--|--|----------|------------|
//!           add mass, time, leak   ^ occupancy of the step's start drives dependence and withdrawal;
//!                                    then the drug moves; tablets of the step are swallowed
//! ```

use std::time::Duration;

use crate::exchange::{Adjunct, Input, Signs};
use crate::kinetics::{BRAIN, GUT, LUMBAR, LinearState, PLASMA, Propagator, SPINAL};
use crate::parameters::Parameters;
use crate::response::{Lags, Opponent, Site};
use crate::vitals::{Bedside, Illness};

/// A person at some moment.
#[derive(Clone, Debug)]
pub struct Patient {
    parameters: Parameters,
    cord: Site,
    brain: Site,
    lags: Lags,
    grid_ms: u64,
    grid_h: f64,
    propagators: Vec<(u32, Propagator)>,
    states: LinearState,
    opponent: Opponent,
    bedside: Bedside,
    occupancy: (f64, f64),
    adjunct: Adjunct,
    within: Within,
}

/// What has arrived since the last grid point.
#[derive(Clone, Copy, Debug, Default)]
struct Within {
    elapsed_ms: u64,
    intrathecal_ug: f64,
    oral_ug: f64,
    leak_ml_per_h_ms: f64,
    damping_ms: f64,
}

impl Patient {
    /// A person who has been on the titrated dose for months, fully adapted and well.
    ///
    /// # Panics
    /// If `grid` is not a positive whole number of milliseconds.
    #[must_use]
    pub fn new(parameters: Parameters, grid: Duration) -> Self {
        let grid_ms = whole_ms(grid);
        assert!(grid_ms > 0, "a grid step takes time");
        let grid_h = grid_ms as f64 / MS_PER_H;
        let response = &parameters.response;
        let cord = Site::new(response.ec50_spinal_ng_per_ml, response.hill);
        let brain = Site::new(parameters.ec50_brain_ng_per_ml, response.hill);
        let states = parameters.steady_state;
        Self {
            cord,
            brain,
            lags: Lags::new(response, grid_h),
            grid_ms,
            grid_h,
            propagators: vec![(0, Propagator::new(&parameters.kinetics, 0.0, grid_h))],
            states,
            opponent: Opponent::adapted(parameters.spinal_at_start, response.accepted_brain),
            bedside: Bedside::at_rest(&parameters.vitals, grid_h),
            occupancy: (
                cord.occupancy(states[SPINAL]),
                brain.occupancy(states[BRAIN]),
            ),
            adjunct: Adjunct::default(),
            within: Within::default(),
            parameters,
        }
    }

    /// Lets `by` pass under `input`; the mass is spread evenly over it.
    ///
    /// A call with no duration only says which other drugs act from now on, and adds its mass to the
    /// grid step at hand.
    ///
    /// # Panics
    /// If `by` is not a whole number of milliseconds, or a number lies outside the range
    /// that its field states.
    pub fn advance(&mut self, by: Duration, input: Input) {
        let Input {
            intrathecal_ug,
            leak_ml_per_h,
            adjunct,
        } = input;
        assert!(
            (0.0..f64::INFINITY).contains(&intrathecal_ug),
            "mass of {intrathecal_ug} ug"
        );
        assert!(
            (0.0..=1000.0).contains(&leak_ml_per_h),
            "leak of {leak_ml_per_h} mL/h"
        );
        assert!(
            (0.0..=1.0).contains(&adjunct.drive) && (0.0..=1.0).contains(&adjunct.tone),
            "{adjunct:?}"
        );
        self.adjunct = adjunct;
        let (mut left_ms, mut left_ug) = (whole_ms(by), intrathecal_ug);
        loop {
            let ms = left_ms.min(self.grid_ms - self.within.elapsed_ms);
            // The last part takes what is left, so that nothing is lost to rounding.
            let ug = if ms == left_ms {
                left_ug
            } else {
                left_ug * (ms as f64 / left_ms as f64)
            };
            self.within.elapsed_ms += ms;
            self.within.intrathecal_ug += ug;
            self.within.leak_ml_per_h_ms += leak_ml_per_h * ms as f64;
            self.within.damping_ms += adjunct.drive * ms as f64;
            (left_ms, left_ug) = (left_ms - ms, left_ug - ug);
            if self.within.elapsed_ms == self.grid_ms {
                self.grid_step();
            }
            if left_ms == 0 {
                break;
            }
        }
    }

    /// A tablet of `oral_ug` micrograms: it is in the gut at once when given at a grid point, otherwise
    /// from the next one on.
    ///
    /// # Panics
    /// If the mass is negative or not finite.
    pub fn swallow(&mut self, oral_ug: f64) {
        assert!(
            (0.0..f64::INFINITY).contains(&oral_ug),
            "tablet of {oral_ug} ug"
        );
        if self.within.elapsed_ms == 0 {
            self.states[GUT] += oral_ug;
        } else {
            self.within.oral_ug += oral_ug;
        }
    }

    /// What is true of the person now.
    #[must_use]
    pub fn signs(&self) -> Signs {
        let Parameters {
            kinetics,
            response,
            vitals,
            paradoxical,
            spinal_at_start,
            ..
        } = &self.parameters;
        let illness = self.illness();
        let Illness {
            withdrawal,
            overdose,
        } = illness;
        let mas = response.mas(self.occupancy.0, self.adjunct.tone, withdrawal, overdose);
        let [
            heart_rate_per_min,
            systolic_mmhg,
            temperature_c,
            breaths_per_min,
            saturation_percent,
            sedation,
            itch,
        ] = self.bedside.read(vitals, *paradoxical, illness);
        Signs {
            mas,
            mas_at_start: response.mas(*spinal_at_start, 0.0, 0.0, 0.0),
            spasms: response.spasms(mas),
            withdrawal,
            overdose,
            sedation,
            itch,
            heart_rate_per_min,
            systolic_mmhg,
            temperature_c,
            breaths_per_min,
            saturation_percent,
            seizure_per_h: vitals.seizure.hazard_per_h(withdrawal),
            csf_lumbar_ng_per_ml: self.states[LUMBAR] / kinetics.v1_ml * 1000.0,
            plasma_ng_per_ml: self.states[PLASMA] / kinetics.vc_l,
        }
    }

    /// The eight linear states as of the last grid point.
    #[must_use]
    pub const fn linear_state(&self) -> LinearState {
        self.states
    }

    /// The dose the person was titrated to, ug/day.
    #[must_use]
    pub const fn start_dose_ug_per_day(&self) -> f64 {
        self.parameters.start_dose_ug_per_day
    }

    /// The values of this person.
    #[must_use]
    pub const fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    fn illness(&self) -> Illness {
        let response = &self.parameters.response;
        Illness {
            withdrawal: self.opponent.withdrawal(),
            overdose: response.overdose(self.occupancy.1, self.opponent.brain),
        }
    }

    /// Ends the grid step: everything is driven by the state of its start, then the drug has moved.
    fn grid_step(&mut self) {
        let Within {
            intrathecal_ug,
            oral_ug,
            leak_ml_per_h_ms,
            damping_ms,
            ..
        } = std::mem::take(&mut self.within);
        let grid_ms = self.grid_ms as f64;
        let illness = self.illness();
        let Parameters {
            response,
            vitals,
            paradoxical,
            ..
        } = &self.parameters;
        self.bedside.step(vitals, *paradoxical, illness);
        self.opponent
            .step(response, &self.lags, self.occupancy, damping_ms / grid_ms);
        let known = self.propagator(leak_ml_per_h_ms / grid_ms);
        let propagator = &self.propagators[known].1;
        self.states = propagator.step(&self.states, intrathecal_ug / self.grid_h);
        self.states[GUT] += oral_ug;
        self.occupancy = (
            self.cord.occupancy(self.states[SPINAL]),
            self.brain.occupancy(self.states[BRAIN]),
        );
    }

    /// Where the propagator of this leak stands; it is made when first needed.
    fn propagator(&mut self, leak_ml_per_h: f64) -> usize {
        // To the nearest whole number; a leak is bounded when it comes in.
        let leak = libm::round(leak_ml_per_h) as u32;
        let known = self.propagators.iter().position(|(of, _)| *of == leak);
        known.unwrap_or_else(|| {
            let kinetics = &self.parameters.kinetics;
            let made = Propagator::new(kinetics, f64::from(leak), self.grid_h);
            self.propagators.push((leak, made));
            self.propagators.len() - 1
        })
    }
}

const MS_PER_H: f64 = 3_600_000.0;

/// A duration in milliseconds; a finer one is a bug of the caller and would lose time unseen.
fn whole_ms(duration: Duration) -> u64 {
    assert!(
        duration.subsec_nanos().is_multiple_of(1_000_000),
        "{duration:?} is not in whole milliseconds"
    );
    duration.as_secs() * 1000 + u64::from(duration.subsec_millis())
}
