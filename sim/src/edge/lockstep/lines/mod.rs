//! What crosses: one line of JSON each way, versioned, with its own types.
//!
//! A line is a promise to strangers, and the core's types make none: each has a twin here, and both ends of
//! every row are checked by the compiler. Units are in the keys. Nothing here reads or writes anything.
//!
//! Never here: sockets, processes, clocks ([`super::channel`]).

mod alarm;
mod answer;
mod host;
mod number;
mod people;
mod prescription;
mod pump;
#[cfg(test)]
mod tests;
mod words;

use dose_controller::Protocol;
use infusion_types::{
    Abilities, AlarmSet, Assessment, Decision, Host, Inputs, Mode, Order, Session, Telemetry,
    Timestamp,
};
use serde::{Deserialize, Serialize};

use alarm::AlarmId;
use answer::AnswerLine;
use host::HostLine;
use people::{AssessmentLine, OrderLine, OrderWord};
use prescription::PrescriptionLine;
use pump::TelemetryLine;
use words::ModeWord;

/// The protocol and its version. Another version is another protocol.
pub const SCHEMA: &str = "weanbench-lockstep/1";

/// The longest line either way, bytes; the newline counts.
pub const LINE_MOST: usize = 1024 * 1024;

/// The most text that a controller may have stored, bytes.
pub const SAVED_MOST: usize = 256 * 1024;

/// From the bench.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FromBench {
    Hello(Box<Hello>),
    Ask(Box<Ask>),
    Save(At),
    Restart(Restart),
    Bye(Bye),
}

/// From the controller.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FromController {
    Ready(Ready),
    Answer(AnswerLine),
    Saved(SavedLine),
    Error(Complaint),
}

/// A new run begins: everything from before is forgotten.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Hello {
    pub(crate) schema: String,
    notice: String,
    session: u32,
    prescription: PrescriptionLine,
}

/// One cycle.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Ask {
    pub(crate) at: u64,
    telemetry: TelemetryLine,
    assessment: Option<AssessmentLine>,
    orders: Vec<OrderLine>,
    host: HostLine,
}

/// What is to be stored is asked for.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct At {
    pub(crate) at: u64,
}

/// The power was gone and is back.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Restart {
    pub(crate) at: u64,
    session: u32,
    pub(crate) saved: Option<String>,
}

/// The run is over.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Bye {}

/// Ready for the first, or the next, question.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ready {
    pub(crate) schema: String,
    #[serde(default)]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) version: String,
    #[serde(default)]
    pub(crate) reusable: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    orders: Option<Vec<OrderWord>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    modes: Option<Vec<ModeWord>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    alarms: Option<Vec<AlarmId>>,
}

/// What is to be stored; none from whoever stores nothing.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SavedLine {
    pub(crate) at: u64,
    pub(crate) state: Option<String>,
}

/// The controller gives up, and says why.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Complaint {
    pub(crate) why: String,
}

/// What one cycle was given, owned: what [`Inputs`] borrows from.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    pub(crate) at: Timestamp,
    pub(crate) telemetry: Telemetry,
    pub(crate) assessment: Option<Assessment>,
    pub(crate) orders: Vec<Order>,
    pub(crate) host: Host,
}

/// A line that is well-formed and says what cannot be.
pub(crate) type NoSense = Box<dyn std::error::Error + Send + Sync>;

impl FromBench {
    pub(crate) fn hello(protocol: &Protocol, session: Session) -> Self {
        Self::Hello(Box::new(Hello {
            schema: SCHEMA.to_owned(),
            notice: crate::NOTICE.to_owned(),
            session: session.number(),
            prescription: protocol.into(),
        }))
    }

    pub(crate) fn ask(at: Timestamp, inputs: &Inputs<'_>, has: &Abilities) -> Self {
        let orders = inputs.orders.iter().filter(|order| has.order(order.what));
        Self::Ask(Box::new(Ask {
            at: at.millis(),
            telemetry: inputs.telemetry.into(),
            assessment: inputs.assessment.map(AssessmentLine::from),
            orders: orders.map(OrderLine::from).collect(),
            host: inputs.host.into(),
        }))
    }

    pub(crate) fn restart(session: Session, at: Timestamp, saved: Option<String>) -> Self {
        Self::Restart(Restart {
            at: at.millis(),
            session: session.number(),
            saved,
        })
    }
}

impl FromBench {
    /// The same, by way of what it means.
    ///
    /// # Errors
    /// What of it means nothing.
    pub(crate) fn again(self) -> Result<Self, NoSense> {
        Ok(match self {
            Self::Hello(hello) => {
                let (protocol, session) = hello.read()?;
                Self::hello(&protocol, session)
            }
            Self::Ask(ask) => {
                let given = ask.read()?;
                Self::ask(given.at, &given.inputs(), &Abilities::ALL)
            }
            Self::Save(_) | Self::Restart(_) | Self::Bye(_) => self,
        })
    }
}

impl FromController {
    /// The same, by way of what it means.
    ///
    /// # Errors
    /// What of it means nothing.
    pub(crate) fn again(self) -> Result<Self, NoSense> {
        Ok(match self {
            Self::Answer(answer) => {
                let (at, next) = (answer.at, answer.next);
                let (at, next) = (Timestamp::from_millis(at), Timestamp::from_millis(next));
                Self::answer(at, next, &answer.decision()?)
            }
            Self::Ready(ready) => {
                let _ = ready.abilities();
                Self::Ready(ready)
            }
            Self::Saved(_) | Self::Error(_) => self,
        })
    }
}

impl Hello {
    /// # Errors
    /// A prescription that no controller may use.
    pub(crate) fn read(self) -> Result<(Protocol, Session), NoSense> {
        let session = Session::new(self.session);
        Ok((self.prescription.try_into()?, session))
    }
}

impl Restart {
    pub(crate) const fn session(&self) -> Session {
        Session::new(self.session)
    }
}

impl Ask {
    /// # Errors
    /// A reading that is none.
    pub(crate) fn read(self) -> Result<Given, NoSense> {
        let assessment = self.assessment.map(Assessment::try_from).transpose()?;
        let orders: Result<Vec<Order>, _> = self.orders.into_iter().map(Order::try_from).collect();
        Ok(Given {
            at: Timestamp::from_millis(self.at),
            telemetry: self.telemetry.try_into()?,
            assessment,
            orders: orders?,
            host: self.host.try_into()?,
        })
    }
}

impl Given {
    pub(crate) fn inputs(&self) -> Inputs<'_> {
        Inputs {
            telemetry: &self.telemetry,
            assessment: self.assessment.as_ref(),
            orders: &self.orders,
            host: &self.host,
        }
    }
}

impl Ready {
    /// What a controller that has everything says.
    pub(crate) fn all(name: &str, version: &str) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            name: name.to_owned(),
            version: version.to_owned(),
            reusable: true,
            orders: None,
            modes: None,
            alarms: None,
        }
    }

    /// What it has; what it is silent of it has.
    pub(crate) fn abilities(&self) -> Abilities {
        let mut has = Abilities::ALL;
        if let Some(orders) = &self.orders {
            has = has.with_orders(orders.iter().map(|word| word.example()));
        }
        if let Some(modes) = &self.modes {
            has = has.with_modes(modes.iter().map(|word| Mode::from(*word)));
        }
        if let Some(alarms) = &self.alarms {
            has.alarms = alarms
                .iter()
                .fold(AlarmSet::EMPTY, |set, it| set.with(it.0, true));
        }
        has
    }
}

impl FromController {
    pub(crate) fn answer(at: Timestamp, next: Timestamp, decision: &Decision) -> Self {
        Self::Answer(AnswerLine::of(at, next, decision))
    }
}

/// A line of JSON, with its newline, into `line`, which is emptied first.
pub(crate) fn write<T: Serialize>(message: &T, line: &mut Vec<u8>) {
    line.clear();
    serde_json::to_writer(&mut *line, message).expect("these types have no key that is not a word");
    line.push(b'\n');
}

/// A message from a line.
///
/// # Errors
/// What of it is not as it must be.
pub(crate) fn read<'de, T: Deserialize<'de>>(line: &'de [u8]) -> Result<T, serde_json::Error> {
    serde_json::from_slice(line)
}

/// A line that was read, made anew by `again`, and written.
///
/// # Errors
/// What of it is not as it must be, in words.
pub(crate) fn once_more<'de, T: Deserialize<'de> + Serialize>(
    line: &'de [u8],
    again: impl FnOnce(T) -> Result<T, NoSense>,
) -> Result<Vec<u8>, String> {
    let message = read::<T>(line).map_err(|wrong| wrong.to_string())?;
    let message = again(message).map_err(|wrong| wrong.to_string())?;
    let mut line = Vec::new();
    write(&message, &mut line);
    Ok(line)
}
