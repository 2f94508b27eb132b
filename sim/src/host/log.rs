//! The audit log: what was commanded, seen, ordered and signalled, each entry sealed with the one before it.
//!
//! It belongs to the controller's host and is not the bench's trace. An entry's hash covers the hash of the
//! entry before it, so that none can be changed, taken out or moved without all behind it telling.

use std::collections::VecDeque;

use sha2::{Digest as _, Sha256};

use super::LogState;
use crate::clock::SimTime;

/// Entries beyond this push the oldest out; what they were is still in the chain. An assumption: far more than
/// a wean writes.
const KEPT_MOST: usize = 65_536;
/// An entry that is written later than this after it was made is too late, s (SR-63; the figure is an assumption).
const LATE_S: f64 = 2.0;

/// What an entry is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub(crate) enum Subject {
    /// A command left.
    Command = 1,
    /// A sheet was filled in.
    Sheet = 2,
    /// The alarms that stand are others.
    Alarms = 3,
    /// A person wants something.
    Order = 4,
}

/// One line, as it lies in the log.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Entry {
    at: SimTime,
    subject: Subject,
    detail: u64,
    seal: [u8; 32],
}

/// Something that has still to be written.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    due: SimTime,
    since: SimTime,
    subject: Subject,
    detail: u64,
}

/// A log with its chain.
#[derive(Clone, Debug)]
pub(crate) struct Log {
    entries: VecDeque<Entry>,
    head: [u8; 32],
    waiting: Vec<Waiting>,
    /// What was last to be written was, in time and whole.
    written: bool,
    /// The chain held when it was last followed.
    chain_sound: bool,
    /// So many entries from the beginning were followed and have not been touched since: their hashes would
    /// come out the same, and a chain that is followed every 30 s is half of what a run costs.
    followed: usize,
}

impl Log {
    pub(crate) fn new() -> Self {
        Self {
            entries: VecDeque::with_capacity(1_024),
            head: [0; 32],
            waiting: Vec::with_capacity(64),
            written: true,
            chain_sound: true,
            followed: 0,
        }
    }

    /// Has something written down.
    pub(crate) fn note(&mut self, now: SimTime, state: LogState, subject: Subject, detail: u64) {
        let wait_ms = match state {
            LogState::Slow(seconds) => u64::from(seconds) * 1_000,
            LogState::Sound | LogState::Full | LogState::Torn | LogState::Reordered => 0,
        };
        self.waiting.push(Waiting {
            due: now.after_millis(wait_ms),
            since: now,
            subject,
            detail,
        });
    }

    /// Writes what can be written at `now`. False when an entry finds no room, is late or does not read back.
    pub(crate) fn write(&mut self, now: SimTime, state: LogState) -> bool {
        if state == LogState::Full {
            self.written = false;
            return self.waiting.is_empty();
        }
        if self.waiting.is_empty() {
            self.written |= state == LogState::Sound;
            return true;
        }
        let mut written = 0;
        let late_s = self.lag_s(now);
        while let Some(first) = self.waiting.first().copied() {
            if first.due > now {
                break;
            }
            self.waiting.remove(0);
            self.append(&first, state);
            written += 1;
        }
        if state == LogState::Reordered && self.entries.len() >= 2 {
            let last = self.entries.len() - 1;
            self.entries.swap(last, last - 1);
            self.followed = self.followed.min(last - 1);
        }
        // Whoever writes reads back what was written, and the two entries before it.
        let from = self.entries.len().saturating_sub(written + 2);
        let whole = written == 0 || self.reads_back(from);
        if written > 0 {
            self.written = whole;
        }
        // The first that waited is the latest of them, written by now or not.
        self.written &= late_s <= LATE_S;
        whole && late_s <= 0.0
    }

    fn append(&mut self, what: &Waiting, state: LogState) {
        if self.entries.len() >= KEPT_MOST {
            self.entries.pop_front();
            self.followed = self.followed.saturating_sub(1);
        }
        let mut entry = Entry {
            at: what.since,
            subject: what.subject,
            detail: what.detail,
            seal: [0; 32],
        };
        entry.seal = seal(&self.head, &entry);
        self.head = entry.seal;
        if state == LogState::Torn {
            // The end of the line never reached the medium.
            entry.seal[16..].fill(0xff);
        }
        self.entries.push_back(entry);
    }

    /// Changes an entry behind the back of the log. False when there is none.
    pub(crate) fn alter(&mut self) -> bool {
        let middle = self.entries.len() / 2;
        self.followed = self.followed.min(middle);
        let entry = self.entries.get_mut(middle);
        entry.map(|entry| entry.detail ^= 1).is_some()
    }

    /// Follows the chain from its beginning, or from the oldest entry that is kept.
    pub(crate) fn check(&mut self) {
        let sound = self.reads_back(self.followed);
        if sound {
            self.followed = self.entries.len();
        }
        self.chain_sound = sound;
    }

    fn reads_back(&self, from: usize) -> bool {
        let mut before = match from.checked_sub(1) {
            Some(place) => self.entries[place].seal,
            None if self.entries.len() < KEPT_MOST => [0; 32],
            None => return self.reads_back(1),
        };
        self.entries.range(from..).all(|entry| {
            let sound = seal(&before, entry) == entry.seal;
            before = entry.seal;
            sound
        })
    }

    /// Whether it could be written, and its chain holds.
    pub(crate) const fn works(&self) -> bool {
        self.written && self.chain_sound
    }

    /// How long the oldest thing that is not written has waited, s.
    pub(crate) fn lag_s(&self, now: SimTime) -> f64 {
        self.waiting
            .first()
            .map_or(0.0, |first| now.since(first.since).as_secs_f64())
    }

    /// When the next entry can be written.
    pub(crate) fn due(&self) -> SimTime {
        self.waiting
            .first()
            .map_or(SimTime::NEVER, |first| first.due)
    }

    /// Entries in it.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }
}

fn seal(before: &[u8; 32], entry: &Entry) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(before);
    hash.update(entry.at.millis().to_le_bytes());
    hash.update([entry.subject as u8]);
    hash.update(entry.detail.to_le_bytes());
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(state: LogState) -> Log {
        let mut log = Log::new();
        for at in 0..20 {
            let now = SimTime::from_minutes(at);
            log.note(now, state, Subject::Order, at);
            log.write(now, state);
        }
        log
    }

    #[test]
    fn a_sound_log_reads_back() {
        let mut log = filled(LogState::Sound);
        log.check();
        assert!(log.works() && log.len() == 20);
    }

    #[test]
    fn an_entry_that_was_changed_shows_when_the_chain_is_followed() {
        let mut log = filled(LogState::Sound);
        log.check();
        log.alter();
        assert!(log.works(), "nobody has looked yet");
        log.check();
        for minute in 30..33 {
            assert!(!log.works(), "and it stays so");
            let now = SimTime::from_minutes(minute);
            log.write(now, LogState::Sound);
            assert!(!log.works(), "with nothing to write");
            log.note(now, LogState::Sound, Subject::Order, minute);
            log.write(now, LogState::Sound);
            assert!(!log.works(), "with something written");
        }
        log.check();
        assert!(!log.works(), "and when it is followed again");
    }

    #[test]
    fn what_cannot_be_written_whole_and_in_order_shows_at_once() {
        for state in [LogState::Full, LogState::Torn, LogState::Reordered] {
            assert!(!filled(state).works(), "{state:?}");
        }
    }

    #[test]
    fn a_log_that_pushes_out_its_oldest_is_read_back_as_any_other() {
        let mut log = Log::new();
        let mut write = |at: usize, state: LogState| {
            let now = SimTime::from_millis(at as u64);
            log.note(now, state, Subject::Order, at as u64);
            log.write(now, state);
            if at.is_multiple_of(1_000) {
                log.check();
            }
            (log.works(), log.len())
        };
        for at in 0..=KEPT_MOST {
            assert!(write(at, LogState::Sound).0, "{at}");
        }
        assert_eq!(write(KEPT_MOST + 1, LogState::Sound), (true, KEPT_MOST));
        assert_eq!(write(KEPT_MOST + 2, LogState::Torn), (false, KEPT_MOST));
    }

    #[test]
    fn what_shows_is_what_became_of_an_entry() {
        let mut log = Log::new();
        let now = SimTime::from_minutes(1);
        assert!(log.write(now, LogState::Full), "nothing was to be written");
        assert!(!log.works());
        log.note(now, LogState::Full, Subject::Order, 1);
        assert!(!log.write(now, LogState::Full));
        assert!(log.write(now, LogState::Sound), "there is room in time");
        log.note(now, LogState::Torn, Subject::Order, 2);
        assert!(!log.write(now, LogState::Torn));
        log.check();
        assert!(!log.works());
        let later = now.after_millis(60_000);
        assert!(log.write(later, LogState::Sound), "nothing more happens");
        let slow = LogState::Slow(1);
        log.note(later, slow, Subject::Order, 3);
        assert!(log.write(later, slow), "it is not late yet");
        assert!(!log.write(log.due(), slow));
    }

    #[test]
    fn a_slow_log_lags() {
        let now = SimTime::from_minutes(1);
        for (takes_s, works) in [(1, true), (2, true), (3, false), (60, false)] {
            let slow = LogState::Slow(takes_s);
            let mut log = Log::new();
            log.note(now, slow, Subject::Sheet, 1);
            log.write(now, slow);
            // Nobody looks while it waits.
            assert!(log.works() && log.len() == 0);
            let due = log.due();
            log.write(due, slow);
            assert_eq!((log.works(), log.len()), (works, 1), "{takes_s} s");
            log.note(due, slow, Subject::Sheet, 2);
            log.write(due, slow);
            assert_eq!(log.works(), works, "the next one is no faster");
            log.write(log.due(), LogState::Sound);
            log.write(log.due(), LogState::Sound);
            assert!(log.works(), "it is fast again");
        }
    }
}
