//! One person: drawn out of standard normals, then titrated.
//!
//! Titration is causal: sensitivity and accepted occupancy decide the dose, the dose decides nothing.

use crate::kinetics::{BRAIN, Kinetics, LinearState, SPINAL};
use crate::population::{DoseRange, Draw, Population, Spread, UnitNormals};
use crate::quantile::{beta_from_normal, normal_cdf};
use crate::response::{Response, Site};
use crate::vitals::Vitals;

/// One person on the dose that suits them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameters {
    /// Kinetics of this person.
    pub kinetics: Kinetics,
    /// Response of this person.
    pub response: Response,
    /// Signs at the bedside.
    pub vitals: Vitals,
    /// Whether an overdose mimics withdrawal.
    pub paradoxical: bool,
    /// Titrated dose, ug/day.
    pub start_dose_ug_per_day: f64,
    /// The states on that dose.
    pub steady_state: LinearState,
    /// Occupancy at the cord on that dose; the accepted one unless the dose met its range.
    pub spinal_at_start: f64,
    /// Concentration of half occupancy in the brain, ng/mL.
    pub ec50_brain_ng_per_ml: f64,
}

impl Parameters {
    /// The typical person.
    #[must_use]
    pub fn typical(population: &Population) -> Self {
        let Population {
            kinetics,
            response,
            vitals,
            spread: _,
            dose,
        } = *population;
        Self::titrated(kinetics, response, vitals, dose)
    }

    /// The person whom these normals stand for.
    #[must_use]
    pub fn drawn(population: &Population, normals: &UnitNormals) -> Self {
        let spread = &population.spread;
        let mut person = Self::titrated(
            drawn_kinetics(&population.kinetics, spread, normals),
            drawn_response(&population.response, spread, normals),
            population.vitals,
            population.dose,
        );
        let place = normal_cdf(normals.of(Draw::Paradoxical));
        person.paradoxical = place < spread.paradoxical_fraction;
        person
    }

    /// A person with these values, on the dose at which the accepted occupancy is reached.
    ///
    /// The dose stays within `range`; where it meets an end, the occupancy is another one.
    #[must_use]
    pub fn titrated(
        kinetics: Kinetics,
        response: Response,
        vitals: Vitals,
        range: DoseRange,
    ) -> Self {
        let wanted = wanted_dose(&kinetics, &response);
        let dose = wanted.clamp(range.lowest_ug_per_day, range.highest_ug_per_day);
        Self::on_dose(kinetics, response, vitals, dose)
    }

    /// The same person, but of the sensitivity that makes this dose, in ug/day, the titrated one.
    ///
    /// The dose must be positive; no range applies to it.
    #[must_use]
    pub fn with_start_dose(self, ug_per_day: f64) -> Self {
        let Self {
            kinetics,
            mut response,
            vitals,
            paradoxical,
            ..
        } = self;
        response.ec50_spinal_ng_per_ml *= ug_per_day / wanted_dose(&kinetics, &response);
        Self {
            paradoxical,
            ..Self::on_dose(kinetics, response, vitals, ug_per_day)
        }
    }

    /// A person who has been on this dose for months.
    fn on_dose(kinetics: Kinetics, response: Response, vitals: Vitals, ug_per_day: f64) -> Self {
        let rate_ug_per_h = ug_per_day / 24.0;
        let steady_state = kinetics
            .steady_per_unit_rate()
            .map(|share| share * rate_ug_per_h);
        let cord = Site::new(response.ec50_spinal_ng_per_ml, response.hill);
        // Brain sensitivity follows from the occupancy that goes with the dose, not the reverse.
        let ec50_brain_ng_per_ml =
            response.concentration_for(steady_state[BRAIN], 1.0 - response.accepted_brain);
        Self {
            kinetics,
            response,
            vitals,
            paradoxical: false,
            start_dose_ug_per_day: ug_per_day,
            steady_state,
            spinal_at_start: cord.occupancy(steady_state[SPINAL]),
            ec50_brain_ng_per_ml,
        }
    }
}

/// The dose, ug/day, that brings the cord to the accepted occupancy.
fn wanted_dose(kinetics: &Kinetics, response: &Response) -> f64 {
    let target =
        response.concentration_for(response.ec50_spinal_ng_per_ml, response.accepted_spinal);
    target / kinetics.steady_per_unit_rate()[SPINAL] * 24.0
}

fn drawn_kinetics(typical: &Kinetics, spread: &Spread, normals: &UnitNormals) -> Kinetics {
    let volume = normals.factor(Draw::CsfVolume, spread.cv_volume);
    let clearance = normals.factor(Draw::CsfClearance, spread.cv_clearance);
    let exchange = normals.factor(Draw::CsfExchange, spread.cv_exchange);
    let ke = normals.factor(Draw::EffectSite, spread.cv_ke);
    let ratio = normals.factor(Draw::EffectSiteRatio, spread.cv_ke_ratio);
    Kinetics {
        v1_ml: typical.v1_ml * volume,
        v2_ml: typical.v2_ml * volume,
        v3_ml: typical.v3_ml * volume,
        cl1_ml_per_h: typical.cl1_ml_per_h * clearance,
        cl2_ml_per_h: typical.cl2_ml_per_h * clearance,
        cl3_ml_per_h: typical.cl3_ml_per_h * clearance,
        q12_ml_per_h: typical.q12_ml_per_h * exchange,
        q23_ml_per_h: typical.q23_ml_per_h * exchange,
        ke_spinal_per_h: typical.ke_spinal_per_h * ke,
        ke_brain_per_h: typical.ke_brain_per_h * ke * ratio,
        delivery: typical.delivery * normals.factor(Draw::Delivery, spread.cv_delivery),
        k10_per_h: typical.k10_per_h * normals.factor(Draw::OralClearance, spread.cv_k10),
        gain_spinal: typical.gain_spinal * normals.factor(Draw::GainSpinal, spread.cv_gain_spinal),
        gain_brain: typical.gain_brain * normals.factor(Draw::GainBrain, spread.cv_gain_brain),
        ..*typical
    }
}

fn drawn_response(typical: &Response, spread: &Spread, normals: &UnitNormals) -> Response {
    let dependence = normals.factor(Draw::Dependence, spread.cv_tau_dependence);
    let withdrawal = normals.factor(Draw::WithdrawalTime, spread.cv_tau_withdrawal);
    let occupancy = |mean: f64, sum: f64, draw: Draw| {
        beta_from_normal(mean * sum, (1.0 - mean) * sum, normals.of(draw))
    };
    let spinal = occupancy(
        typical.accepted_spinal,
        spread.beta_sum_spinal,
        Draw::AcceptedSpinal,
    );
    let tone = typical.mas_untreated + spread.sd_mas_untreated * normals.of(Draw::UntreatedTone);
    Response {
        ec50_spinal_ng_per_ml: typical.ec50_spinal_ng_per_ml
            * normals.factor(Draw::Ec50, spread.cv_ec50),
        accepted_spinal: spinal.clamp(spread.accepted_spinal_min, spread.accepted_spinal_max),
        accepted_brain: occupancy(
            typical.accepted_brain,
            spread.beta_sum_brain,
            Draw::AcceptedBrain,
        ),
        tau_dependence_h: typical.tau_dependence_h * dependence,
        tau_onset_h: typical.tau_onset_h * withdrawal,
        tau_recovery_h: typical.tau_recovery_h * withdrawal,
        kappa: typical.kappa * normals.factor(Draw::Susceptibility, spread.cv_kappa),
        mas_untreated: tone.clamp(spread.mas_untreated_min, spread.mas_untreated_max),
        ..*typical
    }
}
