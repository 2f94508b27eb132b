//! A prescription that has been checked: [`Protocol::new`] refuses numbers that no wean may use.

use infusion_types::{
    Limits, LineVolumes, Observation, Prescription, Sensing, Timing, WeanSchedule,
};

use crate::rules::{self, ProtocolError};

/// A checked prescription.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Protocol(Prescription);

impl Protocol {
    /// Checks a prescription.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn new(prescription: Prescription) -> Result<Self, ProtocolError> {
        rules::check(&prescription)?;
        Ok(Self(prescription))
    }

    /// What was prescribed, as it was written down.
    #[must_use]
    pub const fn prescription(&self) -> &Prescription {
        &self.0
    }

    /// Bounds on dose and flow.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// Bounds on time.
    #[must_use]
    pub const fn timing(&self) -> &Timing {
        &self.0.timing
    }

    /// What assessments may do.
    #[must_use]
    pub const fn observation(&self) -> &Observation {
        &self.0.observation
    }

    /// What sensors may do.
    #[must_use]
    pub const fn sensing(&self) -> &Sensing {
        &self.0.sensing
    }

    /// What the schedule wants.
    #[must_use]
    pub const fn wean(&self) -> &WeanSchedule {
        &self.0.wean
    }

    /// The patient's line.
    #[must_use]
    pub const fn line(&self) -> &LineVolumes {
        &self.0.line
    }
}
