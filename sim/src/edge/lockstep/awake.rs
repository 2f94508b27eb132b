//! What is about to come is looked out for before anybody sleeps over it.
//!
//! To fall asleep and be woken costs several times what both ends compute in a cycle, and more yet where a core
//! has to be woken too. So each end stays awake for a moment, and gives way to whoever wants its core between two
//! looks. Where that has not helped, as when the other end thinks for long, it sleeps at once for some cycles
//! before it tries again. Nothing but time is won: what is heard is the same.

use std::io::{self, Read};
use std::os::fd::AsFd;
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// The longest that anybody stays awake for one line.
const LOOK_FOR: Duration = Duration::from_micros(100);
/// Lines that are slept over after one that was not worth the wait.
const SLEPT_OVER: u32 = 200;

/// Somebody who waits for one line after the other.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Awake {
    sleeps_over: u32,
}

impl Awake {
    /// Looks until something is to be seen, but not for long.
    #[expect(
        clippy::disallowed_methods,
        reason = "how long to look can be seen on a clock alone"
    )]
    pub(super) fn look_out<T>(&mut self, mut look: impl FnMut() -> Option<T>) -> Option<T> {
        if let Some(left) = self.sleeps_over.checked_sub(1) {
            self.sleeps_over = left;
            return None;
        }
        let begun = Instant::now();
        loop {
            if let Some(seen) = look() {
                return Some(seen);
            }
            if begun.elapsed() > LOOK_FOR {
                self.sleeps_over = SLEPT_OVER;
                return None;
            }
            thread::yield_now();
        }
    }
}

/// Whoever is read from by somebody who waits awake.
#[derive(Debug)]
pub(super) struct Watched<R> {
    inner: R,
    awake: Awake,
}

impl<R> Watched<R> {
    pub(super) fn new(inner: R) -> Self {
        let awake = Awake::default();
        Self { inner, awake }
    }
}

impl<R: Read + AsFd> Read for Watched<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let inner = &self.inner;
        let something = || {
            let mut here = [PollFd::new(inner, PollFlags::IN)];
            // Whatever is wrong is said by the read itself.
            let count = poll(&mut here, Some(&Timespec::default())).unwrap_or(1);
            (count > 0).then_some(())
        };
        let _ = self.awake.look_out(something);
        self.inner.read(into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_come_is_slept_over_for_a_while_and_then_looked_out_for_again() {
        let mut awake = Awake::default();
        let mut looks = 0;
        let mut look = |awake: &mut Awake, seen: Option<u8>| {
            let before = looks;
            let got = awake.look_out(|| {
                looks += 1;
                seen
            });
            (got, looks > before)
        };
        assert_eq!(look(&mut awake, Some(1)), (Some(1), true));
        assert_eq!(look(&mut awake, None), (None, true));
        for _ in 0..SLEPT_OVER {
            assert_eq!(look(&mut awake, Some(1)), (None, false));
        }
        assert_eq!(look(&mut awake, Some(2)), (Some(2), true));
        assert_eq!(look(&mut awake, Some(3)), (Some(3), true));
    }

    #[test]
    fn a_reader_that_is_watched_reads_what_there_is_and_ends() {
        let (near, far) = std::os::unix::net::UnixStream::pair().unwrap();
        io::Write::write_all(&mut &far, b"line").unwrap();
        let mut watched = Watched::new(near);
        let mut some = [0; 8];
        assert_eq!(watched.read(&mut some).unwrap(), 4);
        drop(far);
        assert_eq!(watched.read(&mut some).unwrap(), 0);
    }
}
