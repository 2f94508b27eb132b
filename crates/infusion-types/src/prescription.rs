//! What was prescribed: bounds, times, and what assessments, sensors and the schedule may do.
//!
//! Fields are plain, so that a file can fill them. Nothing here says whether a wean may use them: that is for a controller
//! to decide. No default exists: every number comes from a file.

use core::fmt;
use core::time::Duration;

use crate::{Concentration, DailyDose, Dose, Flow, Pressure, Temperature, Volume};

/// Bounds on dose and flow.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// The most that anybody may authorise.
    pub ceiling: DailyDose,
    /// At or below this the wean may end (SR-16).
    pub floor_dose: DailyDose,
    /// Least flow that the pump can deliver (SR-17).
    pub flow_least: Flow,
    /// Most flow that the pump can deliver as therapy.
    pub flow_most: Flow,
    /// Smallest change of flow that the pump can make (SR-18).
    pub flow_quantum: Flow,
    /// Flow while priming.
    pub flow_prime: Flow,
    /// What of the plan must be left after 24 h, in thousandths (SR-04); 500 or more.
    pub kept_in_24h_permille: u32,
    /// Excess in an hour that harms (AL-01, AL-02).
    pub excess: Dose,
    /// The pump's stated accuracy, in thousandths of the volume moved.
    pub pump_tolerance_permille: u32,
}

/// Bounds on time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Timing {
    /// Longest wait between two decisions; the pump's report period.
    pub cycle: Duration,
    /// How long the self-test takes; at most 70 s (SR-55).
    pub self_test: Duration,
    /// How long a command stays good.
    pub lease: Duration,
    /// How long a prime stays good without a renewal.
    pub prime_lease: Duration,
    /// Longest silence towards the pump.
    pub ping_every: Duration,
    /// Wait for a read-back before a retry.
    pub read_back: Duration,
    /// From `Authorise` to `Start` (AL-39).
    pub start_within: Duration,
    /// A pair of users must agree within this.
    pub second_user_within: Duration,
    /// Programming left alone so long alarms, low and medium; then the entry is discarded (AL-39, SR-76).
    pub idle: [Duration; 2],
    /// The pump may read back something else so long; then it is told once more (AL-37, SR-29).
    pub differs: Duration,
    /// A gap beyond this needs a new authorisation (SR-15).
    pub gap_most: Duration,
    /// A gap beyond this quarters the dose instead of halving it.
    pub gap_long: Duration,
    /// From the end of a passing cause to going on by itself.
    pub settle: Duration,
    /// A pause beyond this alarms (AL-38).
    pub pause_most: Duration,
    /// Catheter dwell that alarms, low and medium (AL-40).
    pub dwell: [Duration; 2],
    /// Time to empty that alarms, low and medium (AL-14, AL-15).
    pub empty: [Duration; 2],
    /// Link age that alarms, low and medium (AL-22, AL-23).
    pub link: [Duration; 2],
    /// A report counts for so many cycles after it was made; two at most (SR-30).
    pub report_cycles: u32,
    /// And not at all when it was made so long from now: one of the two clocks is wrong (SR-30).
    pub report_ahead: Duration,
}

/// What assessments may do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Observation {
    /// Age beyond which no decrement happens (SR-06).
    pub age_most: Duration,
    /// Age beyond which the wean holds (SR-33).
    pub missing: Duration,
    /// Withdrawal signs that alarm (SR-34).
    pub withdrawal_signs: u8,
    /// Itch that counts as a sign, 0 to 10.
    pub itch: u16,
    /// Rise of tone over the pre-wean median that counts as a sign, in tenths of a grade.
    pub tone_rise_tenths: u8,
    /// Heart rate above which a sign counts.
    pub heart_rate: u16,
    /// Temperature above which a sign counts.
    pub temperature: Temperature,
    /// RASS from which agitation counts as a sign.
    pub agitation: i8,
    /// Breaths per minute below which overdose is suspected.
    pub breaths_least: u16,
    /// Saturation below which overdose is suspected, %.
    pub saturation_least: u16,
    /// RASS at or below which overdose is suspected.
    pub sedation_deep: i8,
    /// Change of tone within `age_most` that is not believed at once, in tenths of a grade.
    pub jump_tenths: u8,
    /// A contradiction or a missing confirmation that lasts this long becomes more urgent.
    pub unresolved: Duration,
    /// Signs of overdose that nobody has confirmed or taken back so long are most urgent (AL-27).
    pub unconfirmed: Duration,
    /// No decrement this long after withdrawal signs have gone (SR-07).
    pub after_withdrawal: Duration,
}

/// What sensors may do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Sensing {
    /// One standard deviation of a weighing.
    pub weighing_sigma: Volume,
    /// Wait before a weighing is repeated.
    pub weigh_again: Duration,
    /// Volume that the pump cannot deliver.
    pub unusable: Volume,
    /// Line pressure that means occlusion (AL-09).
    pub pressure_most: Pressure,
    /// Line pressure below which an occlusion counts as gone; noise about one threshold would toggle.
    pub pressure_gone: Pressure,
    /// How long a pressure above the first must stand.
    pub pressure_for: Duration,
    /// Standard deviation of one flow reading: the larger of this and `flow_sigma_permille`.
    pub flow_sigma: Flow,
    /// The same in thousandths of the flow.
    pub flow_sigma_permille: u32,
    /// Stated gain error of the flow sensor, in thousandths.
    pub flow_gain_permille: u32,
    /// Stated offset of the flow sensor.
    pub flow_offset: Flow,
    /// Time constant of the mean by which too little flow is judged (AL-09).
    pub flow_mean_over: Duration,
    /// Free flow must stand this long (AL-02).
    pub free_flow_for: Duration,
    /// Flow while stopped, or backwards, must stand this long (AL-02, AL-03).
    pub wrong_flow_for: Duration,
    /// Air that alarms, and air that stops (AL-11).
    pub air: [Volume; 2],
    /// How long air must stand; one reading alone stops nothing.
    pub air_for: Duration,
    /// Silence of one sensor that alarms (AL-28).
    pub dropout: Duration,
    /// A noisy sensor that says the same so long is stuck (AL-28).
    pub stuck_for: Duration,
    /// One standard deviation of a reading of the drain bag.
    pub drain_sigma: Volume,
    /// CSF lost in one hour and in four that alarms (AL-41).
    pub csf_loss: [Volume; 2],
    /// Rated temperature band, low and high (AL-42).
    pub temperature: [Temperature; 2],
    /// How long outside the band.
    pub temperature_for: Duration,
    /// What the flow may be wrong by for each degree outside the band, in thousandths (SR-79).
    pub temperature_error_permille_per_c: u32,
    /// A motor that says so long that it stands still is stalled (AL-13).
    pub stall_for: Duration,
    /// Battery that alarms, medium and high (AL-30, AL-31).
    pub battery: [Duration; 2],
}

/// What a decrement is a share of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Basis {
    /// The rung in force.
    Current,
    /// The dose that the wean began with.
    Initial,
}

/// One answer to a response: how far to go down when things are at most this bad.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Rung {
    /// The decrement, in thousandths of the basis; 200 to 500.
    pub decrement_permille: u32,
    /// Rise of tone over the pre-wean median, in tenths of a grade.
    pub tone_rise_most_tenths: u8,
    /// Withdrawal signs.
    pub signs_most: u8,
}

/// The rungs of a protocol, best response first; at most [`Rungs::MOST`].
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Rungs {
    rungs: [Rung; Self::MOST],
    count: usize,
}

impl Rungs {
    /// Most rungs that a protocol can tell apart.
    pub const MOST: usize = 6;

    /// The rungs in this order.
    ///
    /// # Errors
    /// [`RungCount`] for none, or for more than [`Rungs::MOST`].
    pub fn new(rungs: &[Rung]) -> Result<Self, RungCount> {
        let mut kept = Self::default();
        if rungs.is_empty() || rungs.len() > Self::MOST {
            return Err(RungCount(rungs.len()));
        }
        for (slot, rung) in kept.rungs.iter_mut().zip(rungs) {
            *slot = *rung;
        }
        kept.count = rungs.len();
        Ok(kept)
    }

    /// The rungs, best response first.
    pub fn iter(&self) -> impl Iterator<Item = &Rung> {
        self.rungs.iter().take(self.count)
    }
}

/// So many rungs: none, or more than can be told apart.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RungCount(pub usize);

impl fmt::Display for RungCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} rungs; between 1 and {} are possible",
            self.0,
            Rungs::MOST
        )
    }
}

impl core::error::Error for RungCount {}

/// What the schedule wants.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct WeanSchedule {
    /// What a decrement is a share of.
    pub basis: Basis,
    /// From one decrement to the next (SR-05).
    pub every: Duration,
    /// From the start of therapy to the first decrement.
    pub first_after: Duration,
    /// The last rung.
    pub final_dose: DailyDose,
    /// How long the last rung lasts before the end is asked for (SR-16).
    pub last_rung_for: Duration,
    /// Answers to the response.
    pub rungs: Rungs,
}

/// The patient's own line, as the people at the bedside know it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct LineVolumes {
    /// The open external part, which is primed.
    pub open: Volume,
    /// Everything from pump to tip.
    pub to_tip: Volume,
    /// The drug that the reservoir holds at first.
    pub drug: Concentration,
    /// The reservoir as filled at first.
    pub reservoir: Volume,
}

/// A prescription as somebody wrote it down.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Prescription {
    /// Bounds on dose and flow.
    pub limits: Limits,
    /// Bounds on time.
    pub timing: Timing,
    /// What assessments may do.
    pub observation: Observation,
    /// What sensors may do.
    pub sensing: Sensing,
    /// What the schedule wants.
    pub wean: WeanSchedule,
    /// The patient's line.
    pub line: LineVolumes,
}
