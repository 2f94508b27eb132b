//! One line out, one line in, within the patience: the only place where a run waits for anything.
//!
//! An answer that is about to come is looked out for first ([`super::awake`]); only then does anybody sleep.
//! The runtime is this channel's own and has one thread, the caller's. There are no tasks and no queues: one
//! future writes what is left to write, reads what there is, and drains what is said on stderr, so that a
//! controller that talks there cannot block itself.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::path::Path;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::net::unix::pipe;
use tokio::net::{TcpStream, UnixStream};
use tokio::runtime::{Builder, Runtime};
use tokio::time::{sleep, timeout};

use super::LINE_MOST;
use super::awake::Awake;
use super::child::{Child, Pipes};
use super::stream::{Stream, poll_read, read_now};

/// Lines of stderr that are kept to be shown, and the most of each.
const ERRORS_KEPT: usize = 6;
const ERROR_MOST: usize = 200;
/// Reads of stderr before everything else has its turn again.
const ERROR_READS: usize = 8;
/// How long a controller that was told that the run is over may take to go by itself.
const GRACE: Duration = Duration::from_millis(500);
/// Between two looks whether it has gone.
const BETWEEN: Duration = Duration::from_millis(2);

/// Why no line came.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// Nothing within the patience.
    #[error("nothing came within {0:?}")]
    Late(Duration),
    /// Not a whole line within the patience.
    #[error("half a line came within {patience:?}, and no end of it: {shown}")]
    HalfLate { patience: Duration, shown: String },
    /// No line is so long.
    #[error("a line of more than {LINE_MOST} bytes came: {0}")]
    TooLong(String),
    /// Nothing more will come.
    #[error("it closed the connection{0}")]
    Closed(String),
    /// It ended in the middle of a line.
    #[error("it closed the connection in the middle of a line{ended}: {shown}")]
    HalfClosed { ended: String, shown: String },
    /// It said more than it was asked.
    #[error("it said more than one line: {0}")]
    More(String),
    /// What the system says.
    #[error("the connection broke: {0}")]
    Io(#[from] io::Error),
}

/// A connection to a controller.
#[derive(Debug)]
pub(super) struct Channel {
    // Before the runtime, which it is registered with.
    stream: Stream,
    errors: Option<Errors>,
    child: Option<Child>,
    out: Vec<u8>,
    sent: usize,
    inbox: Vec<u8>,
    awake: Awake,
    /// How long the line is that was read last; it lies at the start of the inbox.
    taken: usize,
    /// How much of the inbox has no newline in it.
    searched: usize,
    runtime: Runtime,
}

impl Channel {
    fn new(
        runtime: Runtime,
        stream: Stream,
        (child, errors): (Option<Child>, Option<Errors>),
    ) -> Self {
        Self {
            stream,
            errors,
            child,
            out: Vec::with_capacity(4 * 1024),
            sent: 0,
            inbox: Vec::with_capacity(4 * 1024),
            awake: Awake::default(),
            taken: 0,
            searched: 0,
            runtime,
        }
    }

    /// Starts a process and speaks to it over its pipes.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn start(words: &[String]) -> io::Result<Self> {
        let runtime = runtime()?;
        let (child, pipes) = Child::start(words)?;
        let Pipes {
            input,
            output,
            errors,
        } = pipes;
        let entered = runtime.enter();
        let stream = Stream::Pipes {
            input: pipe::Sender::from_owned_fd(input)?,
            output: pipe::Receiver::from_owned_fd(output)?,
        };
        let errors = Errors::new(pipe::Receiver::from_owned_fd(errors)?);
        drop(entered);
        Ok(Self::new(runtime, stream, (Some(child), Some(errors))))
    }

    /// Connects to whoever listens there.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn tcp(address: &str, patience: Duration) -> io::Result<Self> {
        let runtime = runtime()?;
        let stream =
            runtime.block_on(async { timeout(patience, TcpStream::connect(address)).await })??;
        // A line that waits for company would wait for as long as a cycle.
        stream.set_nodelay(true)?;
        Ok(Self::new(runtime, Stream::Tcp(stream), (None, None)))
    }

    /// Connects to whoever listens there.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn unix(path: &Path, patience: Duration) -> io::Result<Self> {
        let runtime = runtime()?;
        let stream =
            runtime.block_on(async { timeout(patience, UnixStream::connect(path)).await })??;
        Ok(Self::new(runtime, Stream::Unix(stream), (None, None)))
    }

    /// Where the next line to send is written.
    pub(super) const fn out(&mut self) -> &mut Vec<u8> {
        &mut self.out
    }

    /// Sends what was written and waits for one line. It comes without its newline.
    ///
    /// # Errors
    /// [`Trouble`].
    pub(super) fn exchange(&mut self, patience: Duration) -> Result<&[u8], Trouble> {
        self.inbox.drain(..self.taken);
        (self.sent, self.taken, self.searched) = (0, 0, 0);
        if !self.inbox.is_empty() {
            return Err(Trouble::More(shown(&self.inbox)));
        }
        let Self {
            runtime,
            stream,
            errors,
            out,
            sent,
            inbox,
            awake,
            searched,
            ..
        } = self;
        let mut talk = Talk {
            stream,
            errors,
            out,
            sent,
            inbox,
            searched,
        };
        let done = match talk.at_once(awake) {
            Some(done) => Ok(done),
            None => {
                runtime.block_on(async { timeout(patience, poll_fn(|cx| talk.poll(cx))).await })
            }
        };
        if let Some(errors) = errors {
            errors.hear();
        }
        match done {
            Ok(Ok(length)) => {
                self.taken = length;
                if self.inbox.len() > length {
                    return Err(Trouble::More(shown(&self.inbox[length..])));
                }
                Ok(&self.inbox[..length - 1])
            }
            Ok(Err(Trouble::Closed(_))) => Err(self.closed()),
            Ok(Err(Trouble::Io(broken))) if broken.kind() == io::ErrorKind::BrokenPipe => {
                Err(self.closed())
            }
            Ok(Err(trouble)) => Err(trouble),
            Err(_) if self.inbox.is_empty() => Err(Trouble::Late(patience)),
            Err(_) => Err(Trouble::HalfLate {
                patience,
                shown: shown(&self.inbox),
            }),
        }
    }

    /// It has closed: how it ended, and what it said last.
    fn closed(&mut self) -> Trouble {
        self.farewell();
        let ended = self.child.as_ref().and_then(|child| self.end_of(child));
        let ended = ended.map_or_else(String::new, |ended| format!(", {ended}"));
        if self.inbox.is_empty() {
            Trouble::Closed(ended)
        } else {
            let shown = shown(&self.inbox);
            Trouble::HalfClosed { ended, shown }
        }
    }

    /// How its process ended. It closes what it has open a moment before it is over.
    fn end_of(&self, child: &Child) -> Option<String> {
        let over = async {
            loop {
                if let Some(ended) = child.ended() {
                    return ended;
                }
                sleep(BETWEEN).await;
            }
        };
        let over = self.runtime.block_on(async { timeout(GRACE, over).await });
        over.ok()
    }

    /// The process at the other end, if it was started from here.
    pub(super) fn process(&self) -> Option<u32> {
        self.child.as_ref().map(Child::number)
    }

    /// The last lines that it said on stderr.
    pub(super) fn last_words(&self) -> Option<String> {
        self.errors.as_ref().and_then(Errors::last_words)
    }

    /// Says what was written, and lets it go by itself for a moment.
    pub(super) fn part(&mut self) {
        self.sent = 0;
        let Self {
            runtime,
            stream,
            out,
            sent,
            ..
        } = self;
        let say = poll_fn(|cx| stream.poll_write(cx, out, sent));
        // Whoever does not listen any more is ended when this is dropped.
        let _ = runtime.block_on(async { timeout(GRACE, say).await });
        self.farewell();
    }

    /// Hears it out, until it has closed everything or the grace is over.
    fn farewell(&mut self) {
        let Self {
            runtime,
            stream,
            errors,
            ..
        } = self;
        if let Stream::Pipes { output, .. } = stream {
            let mut rest = [0; 1024];
            let mut hear = |cx: &mut Context<'_>| {
                if let Some(errors) = errors.as_mut() {
                    errors.drain(cx);
                }
                // What comes after the end is nobody's, and its errors are what is waited for.
                while let Ok(1..) = ready!(poll_read(output, cx, &mut rest)) {}
                match errors.as_ref() {
                    Some(errors) if !errors.ended => Poll::Pending,
                    Some(_) | None => Poll::Ready(()),
                }
            };
            let _ = runtime.block_on(async { timeout(GRACE, poll_fn(&mut hear)).await });
        }
    }
}

/// One exchange.
struct Talk<'c> {
    stream: &'c mut Stream,
    errors: &'c mut Option<Errors>,
    out: &'c [u8],
    sent: &'c mut usize,
    inbox: &'c mut Vec<u8>,
    searched: &'c mut usize,
}

impl Talk<'_> {
    /// The same as [`Talk::poll`] without sleeping; none where that does not do.
    fn at_once(&mut self, awake: &mut Awake) -> Option<Result<usize, Trouble>> {
        if let Err(broken) = self.stream.write_now(self.out, self.sent) {
            return Some(Err(broken.into()));
        }
        if *self.sent < self.out.len() {
            return None;
        }
        awake.look_out(|| match self.stream.read_now(self.inbox)? {
            Ok(0) => Some(Err(Trouble::Closed(String::new()))),
            Ok(_) => self.line().transpose(),
            Err(broken) => Some(Err(broken.into())),
        })
    }

    /// The length of the line that has come, newline and all.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<usize, Trouble>> {
        if let Some(errors) = self.errors {
            errors.drain(cx);
        }
        if *self.sent < self.out.len()
            && let Poll::Ready(Err(broken)) = self.stream.poll_write(cx, self.out, self.sent)
        {
            return Poll::Ready(Err(broken.into()));
        }
        loop {
            if let Some(length) = self.line()? {
                return Poll::Ready(Ok(length));
            }
            if ready!(self.stream.poll_read(cx, self.inbox))? == 0 {
                return Poll::Ready(Err(Trouble::Closed(String::new())));
            }
        }
    }

    /// The length of the line in the inbox, if a whole one is there.
    fn line(&mut self) -> Result<Option<usize>, Trouble> {
        let fresh = &self.inbox[*self.searched..];
        if let Some(place) = fresh.iter().position(|byte| *byte == b'\n') {
            return Ok(Some(*self.searched + place + 1));
        }
        *self.searched = self.inbox.len();
        if self.inbox.len() >= LINE_MOST {
            return Err(Trouble::TooLong(shown(self.inbox)));
        }
        Ok(None)
    }
}

/// What a process says on stderr: passed on to whoever listens with `-v`, the last of it kept.
#[derive(Debug)]
struct Errors {
    pipe: pipe::Receiver,
    /// What was read last; kept so that no cycle allocates.
    heard: Vec<u8>,
    line: Vec<u8>,
    kept: VecDeque<String>,
    ended: bool,
}

impl Errors {
    const fn new(pipe: pipe::Receiver) -> Self {
        Self {
            pipe,
            heard: Vec::new(),
            line: Vec::new(),
            kept: VecDeque::new(),
            ended: false,
        }
    }

    /// Reads what there is, and asks to be woken for more.
    fn drain(&mut self, cx: &mut Context<'_>) {
        let mut some = [0; 4 * 1024];
        for _ in 0..ERROR_READS {
            if self.ended {
                return;
            }
            match poll_read(&self.pipe, cx, &mut some) {
                Poll::Ready(Ok(0) | Err(_)) => self.ended = true,
                Poll::Ready(Ok(count)) => self.take(&some[..count]),
                Poll::Pending => return,
            }
        }
        cx.waker().wake_by_ref();
    }

    /// Reads what was said before a line that came, without asking for more.
    fn hear(&mut self) {
        if self.ended {
            return;
        }
        self.heard.clear();
        if let Some(Ok(1..)) = read_now(&self.pipe, &mut self.heard) {
            let heard = std::mem::take(&mut self.heard);
            self.take(&heard);
            self.heard = heard;
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if *byte == b'\n' {
                self.keep();
            } else if self.line.len() < ERROR_MOST {
                self.line.push(*byte);
            }
        }
    }

    fn keep(&mut self) {
        let line = String::from_utf8_lossy(&self.line).trim_end().to_owned();
        tracing::info!(target: "weanbench::controller", "{line}");
        if self.kept.len() == ERRORS_KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back(line);
        self.line.clear();
    }

    fn last_words(&self) -> Option<String> {
        let half = String::from_utf8_lossy(&self.line);
        let half = (!half.is_empty()).then_some(half.as_ref());
        let lines: Vec<&str> = self.kept.iter().map(String::as_str).chain(half).collect();
        (!lines.is_empty()).then(|| lines.join(" | "))
    }
}

fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

/// What came about a place in it, fit to be printed.
pub(super) fn shown_at(bytes: &[u8], column: usize) -> String {
    const BEFORE: usize = 90;
    let from = column.saturating_sub(BEFORE).min(bytes.len());
    let shown = shown(&bytes[from..]);
    if from > 0 {
        format!("... {shown}")
    } else {
        shown
    }
}

/// The beginning of what came, fit to be printed.
pub(super) fn shown(bytes: &[u8]) -> String {
    const MOST: usize = 120;
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(MOST)]);
    let more = if bytes.len() > MOST { " ..." } else { "" };
    format!("`{}`{more}", text.trim_end().escape_debug())
}
