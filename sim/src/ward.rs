//! What is wrong with the people, as numbers. Their rules are in the ward's file; this is what departs from
//! them for a while.

/// How people depart from their rules.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ward {
    /// Nobody looks at the patient, and nobody weighs.
    pub nurse_away: bool,
    /// Nobody answers an alarm or a question.
    pub nobody_answers: bool,
    /// Alarms are acknowledged, and nothing else is done.
    pub acknowledges_only: bool,
    /// Another alarm is acknowledged than the one that is meant.
    pub acknowledges_another: bool,
    /// Nobody presses start, though all is ready.
    pub nobody_starts: bool,
    /// Nobody confirms the end.
    pub nobody_confirms: bool,
    /// Share of the signs of withdrawal that other drugs hide, thousandths.
    pub masked_permille: u32,
    /// Fever and a fast heart that have another cause, °C above what the patient shows.
    pub fever_c: f64,
}

impl Ward {
    /// Everybody keeps to the rules.
    pub const ATTENTIVE: Self = Self {
        nurse_away: false,
        nobody_answers: false,
        acknowledges_only: false,
        acknowledges_another: false,
        nobody_starts: false,
        nobody_confirms: false,
        masked_permille: 0,
        fever_c: 0.0,
    };
}
