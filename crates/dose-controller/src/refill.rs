//! Whether anybody knows what was filled into the reservoir (AL-18).
//!
//! A drug that is entered and refused has perhaps been filled in all the same; who goes on with the drug
//! before believes in something that nobody has said. It has been, when somebody says that the reservoir was
//! filled, or when two users say alike what is in it. From then on its content is unknown, until two users
//! enter a drug that is taken. One user alone who asks for a drug and is refused changes nothing.

use core::time::Duration;

use infusion_types::{Concentration, Timestamp, User};

/// What was said of the last filling.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Refill {
    /// When it was filled, unless its drug has been entered since.
    filled: Option<Timestamp>,
    /// The drug that was refused last, who entered it, and when.
    refused: Option<(Concentration, User, Timestamp)>,
    unknown: bool,
}

impl Refill {
    /// Somebody has filled it.
    pub(crate) fn fill(&mut self, now: Timestamp, window: Duration) {
        self.filled = Some(now);
        self.unknown |= self.refused.is_some_and(|(.., at)| now.since(at) <= window);
    }

    /// Somebody has entered a drug, and was refused.
    pub(crate) fn refuse(
        &mut self,
        now: Timestamp,
        window: Duration,
        (drug, by): (Concentration, User),
    ) {
        let filled = self.filled.is_some_and(|at| now.since(at) <= window);
        let confirmed = self.refused.is_some_and(|(other, user, at)| {
            other == drug && user != by && now.since(at) <= window
        });
        self.unknown |= filled || confirmed;
        self.refused = Some((drug, by, now));
    }

    /// Two users have entered a drug that cannot be followed.
    pub(crate) const fn lose(&mut self) {
        self.unknown = true;
    }

    /// Two users have entered a drug, and it was taken.
    pub(crate) fn know(&mut self) {
        *self = Self::default();
    }

    /// Whether nobody knows.
    pub(crate) const fn is_unknown(&self) -> bool {
        self.unknown
    }

    /// Whether every time in it lies before `now`.
    pub(crate) fn is_past(&self, now: Timestamp) -> bool {
        let refused = self.refused.map(|(.., at)| at);
        self.filled.into_iter().chain(refused).all(|at| at <= now)
    }
}
