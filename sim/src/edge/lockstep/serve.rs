//! The other end: any controller of the bench behind the protocol, for whoever connects.
//!
//! It is what the shipped controller is tested through, and the reference for whoever writes this end anew.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::thread;

use dose_controller::Protocol;
use infusion_types::{Session, Timestamp};

use super::awake::Watched;
use super::lines::{
    self, Complaint, FromBench, FromController, LINE_MOST, NoSense, Ready, SCHEMA, SavedLine,
};
use crate::kept::Kept;
use crate::port::{AnyController, ControllerPort, Stalled};

/// Makes a controller for a run.
pub type Make<'m> = dyn Fn(Protocol, Session) -> Result<AnyController, Stalled> + Sync + 'm;

/// What it is called.
#[derive(Clone, Copy, Debug)]
pub struct Named<'n> {
    /// Its name.
    pub name: &'n str,
    /// Its version.
    pub version: &'n str,
}

/// Serves whoever speaks on `input` until they say goodbye or go.
///
/// # Errors
/// What the system says.
pub fn serve(
    mut input: impl BufRead,
    mut output: impl Write,
    (named, make): (Named<'_>, &Make<'_>),
) -> io::Result<()> {
    let mut desk = Desk {
        named,
        make,
        controller: None,
    };
    let (mut line, mut said) = (Vec::new(), Vec::new());
    let most = u64::try_from(LINE_MOST).unwrap_or(u64::MAX);
    loop {
        line.clear();
        let length = input.by_ref().take(most).read_until(b'\n', &mut line)?;
        if length == 0 {
            return Ok(());
        }
        let too_long = length >= LINE_MOST && line.last() != Some(&b'\n');
        let answer = match lines::read(&line) {
            _ if too_long => Err(format!("a line of more than {LINE_MOST} bytes").into()),
            Ok(FromBench::Bye(_)) => return Ok(()),
            Ok(message) => desk.answer(message),
            Err(wrong) => Err(wrong.into()),
        };
        let answer = answer.unwrap_or_else(|why| {
            FromController::Error(Complaint {
                why: why.to_string(),
            })
        });
        lines::write(&answer, &mut said);
        output.write_all(&said)?;
        output.flush()?;
        if too_long {
            // Nobody knows where the next line begins.
            return Ok(());
        }
    }
}

/// Reads a line as any of the bench's words is read, and says what was read once more; for fuzzing.
///
/// # Errors
/// What of it is not as it must be, in words.
pub fn decode(line: &[u8]) -> Result<Vec<u8>, String> {
    lines::once_more(line, FromBench::again)
}

/// Serves on stdin and stdout.
///
/// # Errors
/// What the system says.
pub fn on_stdio(named: Named<'_>, make: &Make<'_>) -> io::Result<()> {
    let input = BufReader::new(Watched::new(io::stdin().lock()));
    serve(input, io::stdout().lock(), (named, make))
}

/// Serves everybody who connects, each on a thread. `listening` is told the address.
///
/// # Errors
/// What the system says.
pub fn on_tcp(
    address: &str,
    (named, make): (Named<'_>, &Make<'_>),
    listening: impl FnOnce(&str),
) -> io::Result<()> {
    let listener = TcpListener::bind(address)?;
    listening(&listener.local_addr()?.to_string());
    thread::scope(|scope| {
        for stream in listener.incoming() {
            let stream = stream?;
            stream.set_nodelay(true)?;
            let input = BufReader::new(Watched::new(stream.try_clone()?));
            // Whoever goes in the middle of a word has gone.
            scope.spawn(move || serve(input, stream, (named, make)));
        }
        Ok(())
    })
}

/// Serves everybody who connects, each on a thread.
///
/// # Errors
/// What the system says.
pub fn on_unix(path: &Path, (named, make): (Named<'_>, &Make<'_>)) -> io::Result<()> {
    let listener = listen(path)?;
    thread::scope(|scope| {
        for stream in listener.incoming() {
            let stream = stream?;
            let input = BufReader::new(Watched::new(stream.try_clone()?));
            scope.spawn(move || serve(input, stream, (named, make)));
        }
        Ok(())
    })
}

/// Whoever listened here and was ended has left the name of the socket behind. It is taken over only where nobody answers.
fn listen(path: &Path) -> io::Result<UnixListener> {
    let bound = UnixListener::bind(path);
    let is_socket = fs::symlink_metadata(path).is_ok_and(|it| it.file_type().is_socket());
    let nobody = || {
        let refused = |why: io::Error| why.kind() == io::ErrorKind::ConnectionRefused;
        UnixStream::connect(path).is_err_and(refused)
    };
    if bound.is_err() && is_socket && nobody() {
        fs::remove_file(path)?;
        return UnixListener::bind(path);
    }
    bound
}

/// One conversation.
struct Desk<'m> {
    named: Named<'m>,
    make: &'m Make<'m>,
    controller: Option<AnyController>,
}

impl Desk<'_> {
    fn controller(&mut self) -> Result<&mut AnyController, NoSense> {
        self.controller
            .as_mut()
            .ok_or_else(|| "`hello` comes first".into())
    }

    fn ready(&self) -> FromController {
        FromController::Ready(Ready::all(self.named.name, self.named.version))
    }

    fn answer(&mut self, message: FromBench) -> Result<FromController, NoSense> {
        match message {
            FromBench::Hello(hello) if hello.schema != SCHEMA => {
                let why = format!("`{}` is not spoken here; `{SCHEMA}` is", hello.schema);
                Err(why.into())
            }
            FromBench::Hello(hello) => {
                let (protocol, session) = hello.read()?;
                self.controller = Some((self.make)(protocol, session)?);
                Ok(self.ready())
            }
            FromBench::Ask(ask) => {
                let given = ask.read()?;
                let controller = self.controller()?;
                let decision = controller.step(given.at, &given.inputs())?;
                let next = controller.poll_timeout();
                Ok(FromController::answer(given.at, next, &decision))
            }
            FromBench::Save(lines::At { at }) => {
                let saved = self.controller()?.saved()?;
                let state = saved.map(|kept| hexadecimal(&kept.to_bytes()));
                Ok(FromController::Saved(SavedLine { at, state }))
            }
            FromBench::Restart(restart) => {
                let session = restart.session();
                let at = Timestamp::from_millis(restart.at);
                let saved = restart.saved.as_deref().map(kept).transpose()?;
                self.controller()?.restart(session, at, saved)?;
                Ok(self.ready())
            }
            FromBench::Bye(_) => Err("nothing is left to answer".into()),
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .map(|digit| char::from(DIGITS[usize::from(digit)]))
        .collect()
}

fn kept(text: &str) -> Result<Kept, NoSense> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let pair = |pair: &[u8]| {
        let [high, low] = *pair else { return None };
        u8::try_from(digit(high)? * 16 + digit(low)?).ok()
    };
    let bytes: Option<Vec<u8>> = text.as_bytes().chunks(2).map(pair).collect();
    let kept = bytes.and_then(|bytes| Kept::from_bytes(&bytes));
    kept.ok_or_else(|| "what was stored is not what this controller stores".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::{Controllers, Shipped};

    fn said(lines: &[u8]) -> Vec<String> {
        let named = Named {
            name: "it",
            version: "0",
        };
        let mut said = Vec::new();
        let make: &Make<'_> = &|protocol, session| Shipped.open(protocol, session);
        serve(lines, &mut said, (named, make)).unwrap();
        let said = String::from_utf8(said).unwrap();
        said.lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_line_without_an_end_is_refused_and_nothing_behind_it_is_read() {
        let mut longest = vec![b' '; LINE_MOST - 1];
        longest.push(b'\n');
        let mut longer = vec![b' '; 3 * LINE_MOST];
        longer.push(b'\n');
        let next: &[u8] = b"{\"save\":{\"at\":1}}\n";
        assert_eq!(said(&[&longest, next].concat()).len(), 2);
        let said = said(&[&longer, next].concat());
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].contains("more than 1048576 bytes"), "{said:?}");
    }

    #[test]
    fn a_socket_that_nobody_listens_at_is_taken_over_and_nothing_else() {
        let path = std::env::temp_dir().join(format!("weanbench-serve-{}", std::process::id()));
        let first = listen(&path).expect("nothing is there");
        assert!(listen(&path).is_err(), "somebody listens");
        drop(first);
        drop(listen(&path).expect("nobody listens any more"));
        fs::remove_file(&path).expect("a name was left");
        fs::write(&path, "kept").expect("a file");
        assert!(listen(&path).is_err(), "a file of somebody's");
        assert_eq!(fs::read_to_string(&path).expect("still there"), "kept");
        fs::remove_file(&path).expect("it was made");
    }
}
