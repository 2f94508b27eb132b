//! The reservoir by the books, against the reservoir on the scales.
//!
//! The books run on the flow that was asked for. A weighing that disagrees by more than the scales
//! and the pump's stated accuracy can explain is repeated; when the second one disagrees too, the
//! dose interval moves by the difference (AL-17, SR-47).
//!
//! Between two weighings a low rate moves less than the scales can tell: at 100 µg a day a line that lets nothing
//! through would never show. So books are kept since older weighings too, and what is missing from day to day adds
//! up against these.
//!
//! A weighing that was off by itself is worse than one that finds it so: everything after it disagrees with it, the
//! repetition as well. So what disagrees with the latest has to disagree with the one that is kept from before it too, as
//! far as scales go; otherwise it was the latest that was off. Without this two of a thousand sound weans were stopped for
//! an over-delivery that nobody had given.

use core::time::Duration;

use infusion_types::{Carry, Concentration, Dose, DoseRate, Flow, Sensing, Timestamp, Volume};

use crate::protocol::Protocol;

/// Older weighings that are kept. An assumption: with half a day between them they reach back two days, in which a
/// line that lets nothing through shows at any rate that the pump can give.
const OLDER: usize = 4;
/// They lie so far apart.
const APART: Duration = Duration::from_secs(12 * 3_600);
/// What the scales may be off by, in their sigma: against the weighing before, and against each of several older
/// ones, of which by chance some disagree more often.
const SIGMA: u64 = 4;
const SIGMA_OLDER: u64 = 5;

/// The books since one moment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Books {
    since: Timestamp,
    /// Left by now, if all that was asked for has come.
    left: Volume,
    /// Moved since.
    moved: Volume,
    /// They begin with a weighing, and not with what somebody says that was filled in.
    weighed: bool,
}

impl Books {
    const fn new(since: Timestamp, left: Volume, weighed: bool) -> Self {
        Self {
            since,
            left,
            moved: Volume::ZERO,
            weighed,
        }
    }

    const fn draw(&mut self, volume: Volume) {
        self.left = self.left.saturating_sub(volume);
    }

    const fn advance(&mut self, moved: Volume) {
        self.draw(moved);
        self.moved = self.moved.saturating_add(moved);
    }

    /// What the pump may be off by since, given its stated accuracy.
    fn pump_error(&self, protocol: &Protocol) -> Volume {
        let permille = u64::from(protocol.limits().pump_tolerance_permille);
        let error = self.moved.nanolitres().saturating_mul(permille);
        Volume::from_nanolitres(error.checked_div(1_000).unwrap_or(u64::MAX))
    }

    /// How much more, and how much less, a weighing finds than is left by these books.
    const fn apart(&self, weighed: Volume) -> (Volume, Volume) {
        (
            weighed.saturating_sub(self.left),
            self.left.saturating_sub(weighed),
        )
    }

    /// By how much a weighing disagrees, if scales of so many sigma and the pump cannot explain it.
    fn against(
        &self,
        protocol: &Protocol,
        weighed: Volume,
        (sigma, fifth): (u64, Volume),
    ) -> Option<Finding> {
        let scales = scales(protocol, sigma);
        let most = scales.max(fifth).saturating_add(self.pump_error(protocol));
        let (missing, extra) = self.apart(weighed);
        (missing.max(extra) >= most).then_some(Finding::Discrepant {
            since: self.since,
            missing,
            extra,
        })
    }
}

/// The books of one reservoir.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Reservoir {
    carry: Carry,
    /// Since the last weighing that agreed, or since it was filled.
    latest: Books,
    /// Since weighings before that, the newest first.
    older: [Option<Books>; OLDER],
    first_disagreement: Option<Timestamp>,
    discrepancy: bool,
}

/// What a weighing found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Finding {
    /// It agrees with the books.
    Agrees,
    /// It does not; weigh again.
    Doubtful,
    /// It does not, twice: this much less, or more, has left than the books say.
    Discrepant {
        since: Timestamp,
        missing: Volume,
        extra: Volume,
    },
}

impl Reservoir {
    pub(crate) const fn new(filled: Volume, now: Timestamp) -> Self {
        Self {
            carry: Carry::NONE,
            latest: Books::new(now, filled, false),
            older: [None; OLDER],
            first_disagreement: None,
            discrepancy: false,
        }
    }

    fn books(&mut self) -> impl Iterator<Item = &mut Books> {
        core::iter::once(&mut self.latest).chain(self.older.iter_mut().flatten())
    }

    /// The pump was asked for `flow` during `elapsed`.
    pub(crate) fn advance(&mut self, flow: Flow, elapsed: Duration) {
        let flow = u64::try_from(flow.nanolitres_per_hour()).unwrap_or_default();
        let moved = DoseRate::from_nanograms_per_hour(flow).over(elapsed, &mut self.carry);
        let moved = Volume::from_nanolitres(moved.nanograms());
        self.books().for_each(|books| books.advance(moved));
    }

    /// A prime took `volume`. It is no therapy: it does not count towards what the pump may be off by.
    pub(crate) fn draw(&mut self, volume: Volume) {
        self.books().for_each(|books| books.draw(volume));
    }

    /// Left that the pump can deliver.
    pub(crate) const fn usable(&self, sensing: &Sensing) -> Volume {
        self.latest.left.saturating_sub(sensing.unusable)
    }

    /// Whether the pump may have moved all that it can, given its stated accuracy.
    pub(crate) fn may_be_empty(&self, protocol: &Protocol) -> bool {
        self.usable(protocol.sensing()) <= self.latest.pump_error(protocol)
    }

    /// Whether it holds what people can have entered.
    pub(crate) fn is_sound(&self) -> bool {
        let mut older = self.older.iter().flatten();
        self.latest.left <= Volume::MOST && older.all(|books| books.left <= Volume::MOST)
    }

    /// Whether every time in it lies before `now`.
    pub(crate) fn is_past(&self, now: Timestamp) -> bool {
        let older = self.older.iter().flatten().map(|books| books.since);
        let times = older.chain(self.first_disagreement);
        self.latest.since <= now && times.into_iter().all(|at| at <= now)
    }

    /// AL-17.
    pub(crate) const fn discrepancy(&self) -> bool {
        self.discrepancy
    }

    /// Whether a second weighing is wanted by now.
    pub(crate) fn wants_weighing(&self, sensing: &Sensing, now: Timestamp) -> bool {
        self.first_disagreement
            .is_some_and(|first| now.since(first) >= sensing.weigh_again)
    }

    /// Somebody weighed.
    pub(crate) fn weigh(
        &mut self,
        protocol: &Protocol,
        (planned_24h, drug): (Dose, Concentration),
        now: Timestamp,
        weighed: Volume,
    ) -> Finding {
        let fifth = fifth(planned_24h, drug);
        let latest = self.latest.against(protocol, weighed, (SIGMA, fifth));
        let latest = latest.filter(|_| self.is_shared(protocol, weighed));
        let mut older = self.older.iter().flatten();
        let older = || older.find_map(|it| it.against(protocol, weighed, (SIGMA_OLDER, fifth)));
        let Some(discrepant) = latest.or_else(older) else {
            self.discrepancy = false;
            self.agree(now, weighed);
            return Finding::Agrees;
        };
        match self.first_disagreement {
            Some(first) if now.since(first) >= protocol.sensing().weigh_again => {
                self.discrepancy = true;
                self.older = [None; OLDER];
                self.settle(now, weighed);
                discrepant
            }
            Some(_) => Finding::Doubtful,
            None => {
                self.first_disagreement = Some(now);
                Finding::Doubtful
            }
        }
    }

    /// Whether the weighing before the latest, where one is kept, disagrees in the same direction.
    fn is_shared(&self, protocol: &Protocol, weighed: Volume) -> bool {
        let Some(before) = self.older.first().copied().flatten() else {
            return true;
        };
        let (missing, extra) = self.latest.apart(weighed);
        let (missing_before, extra_before) = before.apart(weighed);
        let shared = if missing > extra {
            missing_before
        } else {
            extra_before
        };
        shared >= scales(protocol, SIGMA)
    }

    /// A weighing agrees: the one before it grows old.
    fn agree(&mut self, now: Timestamp, weighed: Volume) {
        let before = self.latest;
        let newest = self.older.first().copied().flatten();
        let is_apart = newest.is_none_or(|newest| before.since.since(newest.since) >= APART);
        if before.weighed && is_apart {
            self.older.rotate_right(1);
            if let Some(first) = self.older.first_mut() {
                *first = Some(before);
            }
        }
        self.settle(now, weighed);
    }

    fn settle(&mut self, now: Timestamp, weighed: Volume) {
        self.latest = Books::new(now, weighed, true);
        self.first_disagreement = None;
    }

    /// How long the rest lasts at `flow`; for ever when nothing flows.
    pub(crate) fn time_left(&self, sensing: &Sensing, flow: Flow) -> Duration {
        let flow = u64::try_from(flow.nanolitres_per_hour()).unwrap_or_default();
        let millis = u128::from(self.usable(sensing).nanolitres())
            .saturating_mul(3_600_000)
            .checked_div(u128::from(flow));
        millis.map_or(Duration::MAX, |millis| {
            Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))
        })
    }
}

/// What scales may be off by, in their sigma.
fn scales(protocol: &Protocol, sigma: u64) -> Volume {
    let one = protocol.sensing().weighing_sigma.nanolitres();
    Volume::from_nanolitres(one.saturating_mul(sigma))
}

/// A fifth of a day's plan as a volume: ng divided by ng/µL, times 1000 nL/µL, divided by 5.
fn fifth(planned_24h: Dose, drug: Concentration) -> Volume {
    let per_microlitre = u64::from(drug.micrograms_per_millilitre().max(1));
    let fifth = planned_24h.nanograms().saturating_mul(200);
    Volume::from_nanolitres(fifth.checked_div(per_microlitre).unwrap_or(u64::MAX))
}
