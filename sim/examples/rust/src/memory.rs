//! What outlives a loss of power, as bytes. One list of fields writes them and reads them back, so that the two cannot
//! differ. Whoever hosts the controller keeps a checksum over them.

use core::mem;

use infusion_types::{AlarmSet, DoseRate, StopCause, Timestamp};

use crate::SmallWean;

/// Bytes that it takes: 64 bits a field.
pub(crate) const KEPT: usize = 8 * 159;

/// A page that is written, or one that is read.
enum Page<'a> {
    /// The room that is left.
    Out(&'a mut [u8]),
    /// What is left to be read.
    In(&'a [u8]),
}

impl SmallWean {
    /// Writes down what must outlive a loss of power; whether it has changed.
    pub(crate) fn write_down(&mut self) -> bool {
        let mut written = [0; KEPT];
        self.keep(&mut Page::Out(&mut written));
        mem::replace(&mut self.kept, written) != written
    }

    /// Takes up what was written down; none if it cannot be that.
    pub(crate) fn read_back(&mut self, saved: &[u8]) -> Option<()> {
        self.keep(&mut Page::In(saved))
    }

    /// The list. A restart asks the pump, and people, for what is not on it.
    fn keep(&mut self, page: &mut Page<'_>) -> Option<()> {
        macro_rules! fields {
            ($($field:expr),* $(,)?) => { $(page.word(&mut $field)?;)* };
        }
        fields!(
            self.stop,
            self.halted_at,
            self.primed_ms,
            self.pump.sequence
        );
        let plan = &mut self.plan;
        fields!(plan.rate, plan.authorised, plan.authorised_at);
        fields!(plan.began_at, plan.due, plan.stepped, plan.low_since);
        let panel = &mut self.panel;
        fields!(panel.active, panel.acknowledged, panel.escalated);
        let sheets = &mut self.sheets;
        fields!(sheets.jumped_tenths, sheets.overdose, sheets.withdrawal_at);
        fields!(sheets.withdrawal_flagged, sheets.overdose_flagged);
        for sheet in [&mut sheets.before, &mut sheets.last] {
            fields!(sheet.at, sheet.tone_tenths, sheet.signs);
        }
        for count in &mut sheets.grades {
            fields!(*count);
        }
        for span in &mut self.books.spans {
            let rates = &mut span.rates;
            fields!(span.from, rates.planned, rates.low, rates.high);
        }
        Some(())
    }
}

impl Page<'_> {
    /// Writes one field, or reads it. None at the end of the page, and for a word that no such field can be.
    fn word<W: Word>(&mut self, field: &mut W) -> Option<()> {
        match self {
            Self::Out(room) => {
                let (bytes, rest) = mem::take(room).split_first_chunk_mut()?;
                *bytes = field.to_word().to_le_bytes();
                *room = rest;
            }
            Self::In(left) => {
                let (bytes, rest) = left.split_first_chunk()?;
                *field = W::of_word(u64::from_le_bytes(*bytes))?;
                *left = rest;
            }
        }
        Some(())
    }
}

/// What can be kept as one word.
trait Word: Sized {
    fn to_word(&self) -> u64;
    fn of_word(word: u64) -> Option<Self>;
}

macro_rules! word {
    ($($type:ty: $to:expr, $of:expr;)*) => {$(
        impl Word for $type {
            fn to_word(&self) -> u64 {
                $to(*self)
            }

            fn of_word(word: u64) -> Option<Self> {
                $of(word)
            }
        }
    )*};
}

word! {
    u64: |it| it, Some;
    u32: u64::from, |word| u32::try_from(word).ok();
    u8: u64::from, |word| u8::try_from(word).ok();
    bool: u64::from, |word| (word < 2).then_some(word == 1);
    Timestamp: Timestamp::millis, |word| Some(Timestamp::from_millis(word));
    DoseRate: DoseRate::nanograms_per_hour, |word| Some(DoseRate::from_nanograms_per_hour(word));
    AlarmSet: AlarmSet::bits, |word| AlarmSet::try_from(word).ok();
}

/// None is the last of all words: a time that never comes.
impl<W: Word> Word for Option<W> {
    fn to_word(&self) -> u64 {
        self.as_ref().map_or(u64::MAX, W::to_word)
    }

    fn of_word(word: u64) -> Option<Self> {
        if word == u64::MAX {
            Some(None)
        } else {
            W::of_word(word).map(Some)
        }
    }
}

/// The causes for which it stops.
const CAUSES: [StopCause; 5] = [
    StopCause::Primed,
    StopCause::Paused,
    StopCause::Ordered,
    StopCause::OverdoseSigns,
    StopCause::Weaned,
];

impl Word for StopCause {
    fn to_word(&self) -> u64 {
        let before = CAUSES.iter().take_while(|cause| *cause != self);
        before.fold(0, |count, _| count.saturating_add(1))
    }

    fn of_word(word: u64) -> Option<Self> {
        CAUSES.get(usize::try_from(word).ok()?).copied()
    }
}

#[cfg(test)]
mod tests {
    use infusion_types::{NoRestart, Session};
    use weanbench::case::Case;
    use weanbench::config::Library;

    use super::*;

    fn controller() -> SmallWean {
        let library = Library::shipped("first", &[]).unwrap().unwrap();
        let case = Case::new(&library, &library.scenario.arms[0], 1).unwrap();
        SmallWean::new(case.protocol().unwrap().prescription(), Session::new(1)).unwrap()
    }

    #[test]
    fn the_list_fills_the_page_and_reads_back_the_same() {
        let mut page = [0; KEPT];
        for (word, place) in page.chunks_exact_mut(8).zip(0_u64..) {
            // Small enough for every kind of field, and no two alike where that can be.
            let small = [place % 2, place][usize::from(place > 30)];
            word.copy_from_slice(&small.to_le_bytes());
        }
        let mut controller = controller();
        let mut left = Page::In(&page);
        assert_eq!(controller.keep(&mut left), Some(()));
        assert!(matches!(left, Page::In([])));
        assert!(controller.write_down());
        assert_eq!(controller.kept, page);
        assert!(!controller.write_down(), "nothing has changed");
    }

    #[test]
    fn what_cannot_have_been_written_is_refused() {
        use infusion_types::DoseControl;
        let mut controller = controller();
        let (session, now) = (Session::new(1), Timestamp::from_millis(5));
        let mut page = [0; KEPT];
        for length in [0, 7, KEPT - 1] {
            let cut = Some(&page[..length]);
            assert_eq!(controller.restart(session, now, cut), Err(NoRestart));
        }
        assert_eq!(controller.restart(session, now, Some(&page)), Ok(()));
        page[0] = 9; // There is no ninth cause.
        assert_eq!(
            controller.restart(session, now, Some(&page)),
            Err(NoRestart)
        );
    }
}
