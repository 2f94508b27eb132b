//! The bytes of a connection: pipes, or a socket.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::task::{Context, Poll, ready};

use rustix::buffer::spare_capacity;
use rustix::io::{self as system, Errno};
use tokio::net::unix::pipe;
use tokio::net::{TcpStream, UnixStream};

/// Read at once.
const CHUNK: usize = 4 * 1024;

#[derive(Debug)]
pub(super) enum Stream {
    Pipes {
        input: pipe::Sender,
        output: pipe::Receiver,
    },
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Stream {
    fn input(&self) -> BorrowedFd<'_> {
        match self {
            Self::Pipes { input, .. } => input.as_fd(),
            Self::Tcp(stream) => stream.as_fd(),
            Self::Unix(stream) => stream.as_fd(),
        }
    }

    fn output(&self) -> BorrowedFd<'_> {
        match self {
            Self::Pipes { output, .. } => output.as_fd(),
            Self::Tcp(_) | Self::Unix(_) => self.input(),
        }
    }

    /// Writes what can be written without waiting.
    pub(super) fn write_now(&self, out: &[u8], sent: &mut usize) -> io::Result<()> {
        match system::write(self.input(), &out[*sent..]) {
            Ok(count) => *sent += count,
            Err(Errno::AGAIN | Errno::INTR) => {}
            Err(broken) => return Err(broken.into()),
        }
        Ok(())
    }

    /// Reads what has come behind what is in the inbox; none if nothing has, 0 at the end.
    pub(super) fn read_now(&self, inbox: &mut Vec<u8>) -> Option<io::Result<usize>> {
        read_now(self.output(), inbox)
    }

    pub(super) fn poll_write(
        &self,
        cx: &mut Context<'_>,
        out: &[u8],
        sent: &mut usize,
    ) -> Poll<io::Result<()>> {
        while *sent < out.len() {
            let rest = &out[*sent..];
            let wrote = match self {
                Self::Pipes { input, .. } => {
                    ready!(input.poll_write_ready(cx))?;
                    input.try_write(rest)
                }
                Self::Tcp(stream) => {
                    ready!(stream.poll_write_ready(cx))?;
                    stream.try_write(rest)
                }
                Self::Unix(stream) => {
                    ready!(stream.poll_write_ready(cx))?;
                    stream.try_write(rest)
                }
            };
            match wrote {
                Ok(count) => *sent += count,
                Err(full) if full.kind() == io::ErrorKind::WouldBlock => {}
                Err(broken) => return Poll::Ready(Err(broken)),
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Reads what there is behind what is in the inbox; 0 at the end.
    pub(super) fn poll_read(
        &self,
        cx: &mut Context<'_>,
        inbox: &mut Vec<u8>,
    ) -> Poll<io::Result<usize>> {
        let before = inbox.len();
        inbox.resize(before + CHUNK, 0);
        let free = &mut inbox[before..];
        let read = match self {
            Self::Pipes { output, .. } => poll_read(output, cx, free),
            Self::Tcp(stream) => poll_until(
                cx,
                |cx| stream.poll_read_ready(cx),
                || stream.try_read(free),
            ),
            Self::Unix(stream) => poll_until(
                cx,
                |cx| stream.poll_read_ready(cx),
                || stream.try_read(free),
            ),
        };
        let count = match &read {
            Poll::Ready(Ok(count)) => *count,
            Poll::Ready(Err(_)) | Poll::Pending => 0,
        };
        inbox.truncate(before + count);
        read
    }
}

/// Reads what has come behind what is there already; none if nothing has, 0 at the end.
pub(super) fn read_now(from: impl AsFd, into: &mut Vec<u8>) -> Option<io::Result<usize>> {
    into.reserve(CHUNK);
    match system::read(from, spare_capacity(into)) {
        Ok(count) => Some(Ok(count)),
        Err(Errno::AGAIN | Errno::INTR) => None,
        Err(broken) => Some(Err(broken.into())),
    }
}

pub(super) fn poll_read(
    from: &pipe::Receiver,
    cx: &mut Context<'_>,
    free: &mut [u8],
) -> Poll<io::Result<usize>> {
    poll_until(cx, |cx| from.poll_read_ready(cx), || from.try_read(free))
}

/// Tries whenever it may be worth it.
fn poll_until(
    cx: &mut Context<'_>,
    mut worth: impl FnMut(&mut Context<'_>) -> Poll<io::Result<()>>,
    mut attempt: impl FnMut() -> io::Result<usize>,
) -> Poll<io::Result<usize>> {
    loop {
        ready!(worth(cx))?;
        match attempt() {
            Err(empty) if empty.kind() == io::ErrorKind::WouldBlock => {}
            done => return Poll::Ready(done),
        }
    }
}
