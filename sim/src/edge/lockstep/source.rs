//! Where controllers from outside come from, and where they wait between two runs.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dose_controller::Protocol;
use infusion_types::Session;

use super::channel::Channel;
use super::port::{Lockstep, part};
use super::words::split;
use crate::port::{AnyController, Controllers, Stalled};

/// Where a controller is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Place {
    /// A process that is started: its command line, in words.
    Process(Vec<String>),
    /// Whoever listens at this address.
    Tcp(String),
    /// Whoever listens at this socket.
    Unix(PathBuf),
}

/// Why a place is none.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Bad {
    /// Nothing is named.
    #[error("`{0}` names no controller")]
    Empty(String),
    /// A quote is open.
    #[error("a quote is open in `{0}`")]
    Quote(String),
    /// An address has no port.
    #[error("`{0}` is no address with a port, such as 127.0.0.1:7007")]
    Address(String),
}

impl Place {
    /// The place that `exec:COMMAND`, `tcp:ADDRESS` or `unix:PATH` names; none if it is none of these.
    ///
    /// # Errors
    /// [`Bad`], if it is one and names nothing.
    pub fn parse(text: &str) -> Result<Option<Self>, Bad> {
        let Some((kind, rest)) = text.split_once(':') else {
            return Ok(None);
        };
        let place = match kind {
            "exec" => {
                let words = split(rest).ok_or_else(|| Bad::Quote(rest.to_owned()))?;
                if words.is_empty() {
                    return Err(Bad::Empty(text.to_owned()));
                }
                Self::Process(words)
            }
            "tcp" => {
                let port = rest.rsplit_once(':').map(|(_, port)| port.parse::<u16>());
                if !matches!(port, Some(Ok(_))) {
                    return Err(Bad::Address(rest.to_owned()));
                }
                Self::Tcp(rest.to_owned())
            }
            "unix" if rest.is_empty() => return Err(Bad::Empty(text.to_owned())),
            "unix" => Self::Unix(PathBuf::from(rest)),
            _ => return Ok(None),
        };
        Ok(Some(place))
    }

    fn connect(&self, patience: Duration) -> io::Result<Channel> {
        match self {
            Self::Process(words) => Channel::start(words),
            Self::Tcp(address) => Channel::tcp(address, patience),
            Self::Unix(path) => Channel::unix(path, patience),
        }
    }
}

/// Controllers that wait for their next run.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    waiting: Mutex<Vec<Channel>>,
}

impl Shelf {
    pub(super) fn put(&self, channel: Channel) {
        if let Ok(mut waiting) = self.waiting.lock() {
            waiting.push(channel);
        }
    }

    fn take(&self) -> Option<Channel> {
        self.waiting.lock().ok()?.pop()
    }
}

impl Drop for Shelf {
    fn drop(&mut self) {
        if let Ok(waiting) = self.waiting.get_mut() {
            for channel in waiting {
                part(channel);
            }
        }
    }
}

/// A source of controllers from outside. One that says in its greeting that it can be used again serves run
/// after run, as many at a time as there are runs at a time; any other is started, or called, anew for each.
#[derive(Debug)]
pub struct External {
    place: Place,
    name: String,
    patience: Duration,
    shelf: Arc<Shelf>,
}

impl External {
    /// Controllers at `place`, which was named `name` on the command line; each answer may take `patience`.
    #[must_use]
    pub fn new(name: &str, place: Place, patience: Duration) -> Self {
        Self {
            name: name.to_owned(),
            place,
            patience,
            shelf: Arc::default(),
        }
    }

    /// A controller that has been greeted.
    ///
    /// # Errors
    /// [`Stalled`], when none can be had or it does not greet back.
    pub fn greet(&self, protocol: Protocol, session: Session) -> Result<Lockstep, Stalled> {
        let channel = match self.shelf.take() {
            Some(channel) => channel,
            None => self.place.connect(self.patience).map_err(|why| Stalled {
                why: format!("`{}` cannot be reached: {why}", self.name),
            })?,
        };
        let shelf = Arc::clone(&self.shelf);
        Lockstep::greet(channel, (shelf, self.patience), (protocol, session))
    }
}

impl Controllers for External {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn open(&self, protocol: Protocol, session: Session) -> Result<AnyController, Stalled> {
        Ok(Box::new(self.greet(protocol, session)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_named_as_on_the_command_line() {
        let words = ["python3", "my controller.py"].map(str::to_owned).to_vec();
        for (text, place) in [
            ("exec:python3 'my controller.py'", Place::Process(words)),
            ("tcp:[::1]:7007", Place::Tcp("[::1]:7007".to_owned())),
            ("unix:/tmp/a", Place::Unix(PathBuf::from("/tmp/a"))),
        ] {
            assert_eq!(Place::parse(text), Ok(Some(place)));
        }
        for other in ["builtin", "canary:x", "lib:x.so", "C:\\x"] {
            assert_eq!(Place::parse(other), Ok(None));
        }
        for (bad, why) in [
            ("exec:", "names no controller"),
            ("exec:  ", "names no controller"),
            ("exec:'a", "a quote is open"),
            ("tcp:localhost", "no address with a port"),
            ("tcp:localhost:99999", "no address with a port"),
            ("unix:", "names no controller"),
        ] {
            let said = Place::parse(bad).unwrap_err().to_string();
            assert!(said.contains(why), "{bad}: {said}");
        }
    }
}
