//! Windows of dose: planned, asked for, and what truly arrived.

use infusion_device::Truth;
use infusion_types::{Dose, PumpState, door};

use super::limits::Limits;
use super::therapy::Therapy;
use super::{infused, since_h, ug_per_h};
use crate::clock::SimTime;
use crate::record::Record;
use crate::rolling::Rolling;

/// The line counts as blocked from this multiple of its healthy resistance.
const BLOCKED_TIMES: f64 = 100.0;
/// A day less two steps of a ledger, which may have left out its oldest, and less ten minutes, for which this figure
/// may be as old as that in calm.
const OFF_BAND_MIN: u64 = 1_420;
/// Pieces of true flow are no finer than this, ms: it changes with every record.
const GRAIN_MS: u64 = 30_000;

/// Doses over the last hour and the last day, in µg.
#[derive(Clone, Debug)]
pub(crate) struct Doses {
    pub(crate) planned_1h: Rolling,
    /// From one weighing to the next.
    pub(crate) planned_8h: Rolling,
    pub(crate) planned_24h: Rolling,
    /// Commanded, whatever the pump made of it.
    pub(crate) commanded_1h: Rolling,
    /// Commanded, while the pump says that it infuses.
    pub(crate) asked_24h: Rolling,
    /// That, or what the pump was set to, whichever is less and whichever is more: they part where somebody
    /// else commands it, or nobody.
    pub(crate) least_24h: Rolling,
    pub(crate) most_24h: Rolling,
    pub(crate) reached_1h: Rolling,
    pub(crate) reached_8h: Rolling,
    pub(crate) reached_24h: Rolling,
    /// Commanded less planned while infusing, and planned while infusing.
    pub(crate) rounding_24h: Rolling,
    pub(crate) infusing_24h: Rolling,
    /// CSF, mL.
    pub(crate) csf_1h: Rolling,
    pub(crate) csf_4h: Rolling,
    /// The pump, as it is.
    pub(crate) pump: Pump,
    pub(crate) ledger: Ledger,
    pub(crate) astray_ug: f64,
    at: SimTime,
    reached_ug: f64,
    csf_lost_ul: f64,
    fault_at: Option<SimTime>,
    pub(crate) blocked: bool,
    pub(crate) apart: bool,
    blocked_at: Option<SimTime>,
    released_at: Option<SimTime>,
    release_reached_ug: f64,
    outside_from: Option<SimTime>,
    /// What the flow may be wrong by because of that, as a share, and over the last 24 h, ug.
    off_band_share: f64,
    pub(crate) off_band: Rolling,
}

/// What the controller's own ledger says of the last 24 h, µg and thousandths of a day's plan.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) planned: f64,
    pub(crate) given_low: f64,
    pub(crate) given_high: f64,
    pub(crate) deficit_permille: f64,
}

/// What the pump truly does, µg/h and µL.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pump {
    pub(crate) limit: f64,
    pub(crate) set: f64,
    pub(crate) tip: f64,
    pub(crate) primed_ul: f64,
    pub(crate) clamped: bool,
    pub(crate) own_program: bool,
}

impl Pump {
    fn of(truth: &Truth, before: &Self) -> Self {
        let programmed = f64::from(truth.programmed.micrograms_per_millilitre());
        let set = truth.set_flow_ul_per_h * programmed / 1e3;
        let limit = truth.limit.map_or(0.0, ug_per_h);
        // A limit that people lower is for the commands that come: what runs goes on.
        let runs_on = set.to_bits() == before.set.to_bits();
        Self {
            limit: if runs_on {
                limit.max(before.limit)
            } else {
                limit
            },
            set,
            tip: truth.tip_flow_ul_per_h * truth.tip_ug_per_ml / 1e3,
            primed_ul: truth.primed_ul,
            clamped: truth.clamped,
            own_program: truth.own_program,
        }
    }
}

impl Default for Doses {
    fn default() -> Self {
        let hours = Rolling::hours;
        Self {
            planned_1h: hours(1),
            planned_8h: hours(8),
            planned_24h: hours(24),
            commanded_1h: hours(1),
            asked_24h: hours(24),
            least_24h: hours(24),
            most_24h: hours(24),
            reached_1h: hours(1).grained(GRAIN_MS),
            reached_8h: hours(8).grained(GRAIN_MS),
            reached_24h: hours(24).grained(GRAIN_MS),
            rounding_24h: hours(24),
            infusing_24h: hours(24),
            csf_1h: hours(1).grained(GRAIN_MS),
            csf_4h: hours(4).grained(GRAIN_MS),
            pump: Pump::default(),
            ledger: Ledger::default(),
            astray_ug: 0.0,
            at: SimTime::ZERO,
            reached_ug: 0.0,
            csf_lost_ul: 0.0,
            fault_at: None,
            blocked: false,
            apart: false,
            blocked_at: None,
            released_at: None,
            release_reached_ug: 0.0,
            off_band_share: 0.0,
            off_band: Rolling::minutes(OFF_BAND_MIN),
            outside_from: None,
        }
    }
}

impl Doses {
    /// What held since the record before; `therapy` still stands there.
    pub(super) fn advance(&mut self, record: &Record<'_>, therapy: &Therapy) {
        let now = record.at;
        let if_so = |so: bool, rate: f64| if so { rate } else { 0.0 };
        let in_therapy = therapy.in_therapy();
        let rate = infused(therapy.sent);
        let says = record.telemetry.and_then(|telemetry| telemetry.state.ok());
        let runs =
            says.is_some_and(|it| matches!(it.value, PumpState::Infusing | PumpState::Holding));
        let planned = if_so(in_therapy, therapy.plan);
        let asked = if_so(in_therapy && runs, rate.unwrap_or(0.0));
        let set = if_so(in_therapy, self.pump.set);
        let infuses = therapy.mode.infuses();
        let error = rate.map_or(0.0, |rate| rate - therapy.plan);
        for (rolling, rate) in [
            (&mut self.planned_1h, planned),
            (&mut self.planned_8h, planned),
            (&mut self.planned_24h, planned),
            (
                &mut self.commanded_1h,
                if_so(in_therapy, rate.unwrap_or(0.0)),
            ),
            (&mut self.asked_24h, asked),
            (&mut self.least_24h, asked.min(set)),
            (&mut self.most_24h, asked.max(set)),
            (&mut self.rounding_24h, if_so(infuses, error)),
            (&mut self.infusing_24h, if_so(infuses, therapy.plan)),
            (&mut self.off_band, asked * self.off_band_share),
        ] {
            rolling.hold(now, rate);
        }
        if let Some(truth) = record.truth {
            self.advance_truth(now, truth);
        }
        self.at = now;
    }

    fn advance_truth(&mut self, now: SimTime, truth: &Truth) {
        let hours = now.hours_since(self.at);
        if hours <= 0.0 {
            return;
        }
        let reached = (truth.reached_ug - self.reached_ug) / hours;
        let csf_ml = (truth.csf_lost_ul - self.csf_lost_ul) / 1e3 / hours;
        self.reached_1h.hold(now, reached);
        self.reached_8h.hold(now, reached);
        self.reached_24h.hold(now, reached);
        self.csf_1h.hold(now, csf_ml);
        self.csf_4h.hold(now, csf_ml);
        (self.reached_ug, self.csf_lost_ul) = (truth.reached_ug, truth.csf_lost_ul);
    }

    /// What this record says of faults, the line and the room.
    pub(super) fn learn(&mut self, record: &Record<'_>, limits: &Limits) {
        let now = record.at;
        if let Some(decision) = record.decision {
            let ug = |dose: Dose| dose.nanograms() as f64 / 1e3;
            self.ledger = Ledger {
                planned: ug(decision.planned_24h),
                given_low: ug(decision.estimate_24h.low),
                given_high: ug(decision.estimate_24h.high),
                deficit_permille: f64::from(decision.deficit_permille),
            };
        }
        if record.faults != 0 {
            self.fault_at = Some(now);
        }
        if let Some(truth) = record.truth {
            self.pump = Pump::of(truth, &self.pump);
            self.astray_ug = self.astray_ug.max(truth.balance_error_ug().abs());
            let blocked = truth.connected && truth.resistance_times > BLOCKED_TIMES;
            if blocked && !self.blocked {
                self.blocked_at = Some(now);
            }
            if self.blocked && !blocked {
                self.released_at = Some(now);
                self.release_reached_ug = truth.reached_ug;
            }
            self.blocked = blocked;
            self.apart = truth.connected && truth.connector_share < 1.0;
        }
        // A number that is none says nothing of the room.
        let says = record
            .telemetry
            .and_then(|it| door::temperature_reading_c(it.temperature_c).ok());
        let [cold, warm] = limits.rated_c;
        let beyond_c = says.map_or(0.0, |it| {
            let celsius = it.value.millidegrees() as f64 / 1e3;
            (cold - celsius).max(celsius - warm).max(0.0)
        });
        self.off_band_share = beyond_c * limits.error_per_c;
        self.outside_from = (beyond_c > 0.0).then(|| self.outside_from.unwrap_or(now));
    }

    /// Hours since a fault last acted; 0 while one does.
    pub(crate) fn fault_free_h(&self, now: SimTime) -> f64 {
        since_h(now, self.fault_at)
    }

    /// Whether none has acted so far.
    pub(crate) const fn no_fault_yet(&self) -> bool {
        self.fault_at.is_none()
    }

    /// Share of a day's plan that `given` lacks; hours before the session count as given.
    pub(crate) fn deficit(&self, given: &Rolling, now: SimTime, therapy: &Therapy) -> f64 {
        let session_h = therapy
            .therapy_from
            .map_or(0.0, |from| now.hours_since(from));
        let planned = self.planned_24h.integral();
        let days_plan = planned * 24.0 / session_h.clamp(1e-9, 24.0);
        let missing = (planned - given.integral()).max(0.0);
        if days_plan > 0.0 {
            missing / days_plan
        } else {
            0.0
        }
    }

    /// Hours since the line was blocked last; 0 while it is not.
    pub(crate) fn blocked_h(&self, now: SimTime) -> f64 {
        if self.blocked {
            since_h(now, self.blocked_at)
        } else {
            0.0
        }
    }

    /// Hours since a block was released.
    pub(crate) fn released_h(&self, now: SimTime) -> f64 {
        since_h(now, self.released_at)
    }

    /// What has reached the patient since then, µg.
    pub(crate) fn since_release_ug(&self) -> f64 {
        self.reached_ug - self.release_reached_ug
    }

    /// Hours for which the pump has been outside its rated band.
    pub(crate) fn outside_h(&self, now: SimTime) -> f64 {
        self.outside_from.map_or(0.0, |from| now.hours_since(from))
    }
}
