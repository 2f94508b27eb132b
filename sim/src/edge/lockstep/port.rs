//! Stands where a controller stands, and asks somebody outside.
//!
//! Every word that comes back is held against what was asked; the first that does not fit ends the run as
//! stalled, with what was expected and what came.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use dose_controller::Protocol;
use infusion_types::{Abilities, Decision, Inputs, Session, Timestamp};

use super::channel::{Channel, shown, shown_at};
use super::lines::{self, Bye, FromBench, FromController, Ready, SAVED_MOST, SCHEMA};
use super::source::Shelf;
use crate::declared;
use crate::kept::Kept;
use crate::port::{ControllerPort, Stalled};

/// A controller at the other end of a connection.
#[derive(Debug)]
pub struct Lockstep {
    channel: Option<Channel>,
    shelf: Arc<Shelf>,
    patience: Duration,
    ready: Ready,
    has: Abilities,
    at: Timestamp,
    next: Timestamp,
}

/// What is being waited for.
#[derive(Clone, Copy)]
struct Expected {
    to: &'static str,
    at: Option<Timestamp>,
    word: &'static str,
}

impl Expected {
    fn stalled(self, channel: Option<&Channel>, came: impl Display) -> Stalled {
        let at = self
            .at
            .map_or_else(String::new, |at| format!(" at {} ms", at.millis()));
        let last = channel.and_then(Channel::last_words);
        let last = last.map_or_else(String::new, |last| format!("; last on stderr: {last}"));
        Stalled {
            why: format!(
                "to `{}`{at} it was to say `{}`, and {came}{last}",
                self.to, self.word
            ),
        }
    }
}

impl Lockstep {
    /// Greets a controller: a new run begins.
    ///
    /// # Errors
    /// [`Stalled`], when it does not greet back as it must.
    pub(super) fn greet(
        channel: Channel,
        (shelf, patience): (Arc<Shelf>, Duration),
        (protocol, session): (Protocol, Session),
    ) -> Result<Self, Stalled> {
        let mut port = Self {
            channel: Some(channel),
            shelf,
            patience,
            ready: Ready::all("", ""),
            has: Abilities::ALL,
            at: Timestamp::ZERO,
            next: Timestamp::ZERO,
        };
        let expected = Expected {
            to: "hello",
            at: None,
            word: "ready",
        };
        let hello = FromBench::hello(&protocol, session);
        port.ready = port.expect_ready(expected, &hello)?;
        port.has = port.ready.abilities();
        Ok(port)
    }

    /// The name and the version that it gave.
    #[must_use]
    pub fn name(&self) -> (&str, &str) {
        (&self.ready.name, &self.ready.version)
    }

    /// Its process, if it is one of this machine that was started for it.
    #[must_use]
    pub fn process(&self) -> Option<u32> {
        self.channel.as_ref().and_then(Channel::process)
    }

    /// Whether it takes another run when one is over.
    #[must_use]
    pub const fn reusable(&self) -> bool {
        self.ready.reusable
    }

    /// Says `message` and hears one line. Whoever once said what cannot be is not asked again.
    fn exchange(
        &mut self,
        expected: Expected,
        message: &FromBench,
    ) -> Result<FromController, Stalled> {
        let Some(mut channel) = self.channel.take() else {
            return Err(expected.stalled(None, "it has stalled before"));
        };
        lines::write(message, channel.out());
        let said = match channel.exchange(self.patience) {
            Ok(line) => lines::read::<FromController>(line)
                .map_err(|wrong| format!("this came: {}: {wrong}", shown_at(line, wrong.column()))),
            Err(trouble) => Err(trouble.to_string()),
        };
        match said {
            Ok(FromController::Error(complaint)) => {
                let came = format!("it gave up: {}", shown(complaint.why.as_bytes()));
                Err(expected.stalled(Some(&channel), came))
            }
            Ok(said) => {
                self.channel = Some(channel);
                Ok(said)
            }
            Err(came) => Err(expected.stalled(Some(&channel), came)),
        }
    }

    fn expect_ready(&mut self, expected: Expected, message: &FromBench) -> Result<Ready, Stalled> {
        let said = self.exchange(expected, message)?;
        let FromController::Ready(ready) = said else {
            return Err(self.broken(expected, other_word(&said)));
        };
        if ready.schema != SCHEMA {
            let came = format!("it speaks `{}`, and the bench `{SCHEMA}`", ready.schema);
            return Err(self.broken(expected, came));
        }
        Ok(ready)
    }

    /// It has said what cannot be: the connection is given up.
    fn broken(&mut self, expected: Expected, came: impl Display) -> Stalled {
        let channel = self.channel.take();
        expected.stalled(channel.as_ref(), came)
    }
}

impl ControllerPort for Lockstep {
    fn step(&mut self, now: Timestamp, inputs: &Inputs<'_>) -> Result<Decision, Stalled> {
        let expected = Expected {
            to: "ask",
            at: Some(now),
            word: "answer",
        };
        self.at = now;
        let ask = FromBench::ask(now, inputs, &self.has);
        let said = self.exchange(expected, &ask)?;
        let FromController::Answer(answer) = said else {
            return Err(self.broken(expected, other_word(&said)));
        };
        if answer.at != now.millis() {
            let came = format!("its answer is to {} ms", answer.at);
            return Err(self.broken(expected, came));
        }
        let decision = match answer.decision() {
            Ok(decision) => decision,
            Err(wrong) => return Err(self.broken(expected, wrong)),
        };
        self.next = Timestamp::from_millis(answer.next);
        match declared::beyond(&self.has, now, &decision, self.next) {
            Some(came) => Err(self.broken(expected, came)),
            None => Ok(decision),
        }
    }

    fn poll_timeout(&self) -> Timestamp {
        self.next
    }

    fn saved(&mut self) -> Result<Option<Kept>, Stalled> {
        let (at, word) = (self.at, "saved");
        let expected = Expected {
            to: "save",
            at: Some(at),
            word,
        };
        let save = FromBench::Save(lines::At { at: at.millis() });
        let said = self.exchange(expected, &save)?;
        let FromController::Saved(saved) = said else {
            return Err(self.broken(expected, other_word(&said)));
        };
        if saved.at != at.millis() {
            let came = format!("what it saved is of {} ms", saved.at);
            return Err(self.broken(expected, came));
        }
        let length = saved.state.as_ref().map_or(0, String::len);
        if length > SAVED_MOST {
            let came = format!("its state has {length} bytes; {SAVED_MOST} is the most");
            return Err(self.broken(expected, came));
        }
        Ok(saved.state.map(Kept::Foreign))
    }

    fn restart(
        &mut self,
        session: Session,
        now: Timestamp,
        saved: Option<Kept>,
    ) -> Result<(), Stalled> {
        let expected = Expected {
            to: "restart",
            at: Some(now),
            word: "ready",
        };
        let saved = saved.and_then(Kept::foreign);
        let restart = FromBench::restart(session, now, saved);
        let ready = self.expect_ready(expected, &restart)?;
        if ready.abilities() != self.has {
            let came = "it has other orders, modes or alarms than before";
            return Err(self.broken(expected, came));
        }
        Ok(())
    }

    fn abilities(&self) -> Abilities {
        self.has
    }
}

impl Drop for Lockstep {
    /// Whoever can be used again waits for the next run; everybody else is told that it is over.
    fn drop(&mut self) {
        let Some(mut channel) = self.channel.take() else {
            return;
        };
        if self.ready.reusable {
            self.shelf.put(channel);
        } else {
            part(&mut channel);
        }
    }
}

/// Tells it that it is over.
pub(super) fn part(channel: &mut Channel) {
    lines::write(&FromBench::Bye(Bye::default()), channel.out());
    channel.part();
}

fn other_word(said: &FromController) -> String {
    let word = match said {
        FromController::Ready(_) => "ready",
        FromController::Answer(_) => "answer",
        FromController::Saved(_) => "saved",
        FromController::Error(_) => "error",
    };
    format!("it said `{word}`")
}
