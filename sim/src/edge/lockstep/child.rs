//! A controller's process: started in a group of its own, and gone with all that it has started.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::{Child as Process, Command, Stdio};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

/// A process that ends when this is dropped.
#[derive(Debug)]
pub(super) struct Child {
    process: Process,
}

/// The three ends of its pipes.
pub(super) struct Pipes {
    pub(super) input: OwnedFd,
    pub(super) output: OwnedFd,
    pub(super) errors: OwnedFd,
}

impl Child {
    /// Starts the first word with the others as its arguments. It is in a process group of its own, so that
    /// Ctrl-C reaches the bench first, and so that what it starts itself ends with it.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn start(words: &[String]) -> io::Result<(Self, Pipes)> {
        let (program, arguments) = words
            .split_first()
            .ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        let mut process = Command::new(program)
            .args(arguments)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let ends = (
            process.stdin.take(),
            process.stdout.take(),
            process.stderr.take(),
        );
        let child = Self { process };
        let (Some(input), Some(output), Some(errors)) = ends else {
            return Err(io::Error::from(io::ErrorKind::BrokenPipe));
        };
        let pipes = Pipes {
            input: input.into(),
            output: output.into(),
            errors: errors.into(),
        };
        Ok((child, pipes))
    }

    /// Its number.
    pub(super) fn number(&self) -> u32 {
        self.process.id()
    }

    fn pid(&self) -> Option<Pid> {
        i32::try_from(self.process.id())
            .ok()
            .and_then(Pid::from_raw)
    }

    /// How it ended, if it has ended by itself. It stays to be waited for, so that its number is nobody else's.
    pub(super) fn ended(&self) -> Option<String> {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        let status = waitid(WaitId::Pid(self.pid()?), options).ok().flatten()?;
        match (status.exit_status(), status.terminating_signal()) {
            (Some(code), _) => Some(format!("it ended with exit code {code}")),
            (None, Some(signal)) => Some(format!("it was ended by signal {signal}")),
            (None, None) => None,
        }
    }
}

impl Drop for Child {
    /// Ends it, and waits until the system has forgotten it: no zombie is left. What it has started is in its
    /// group, and goes too.
    fn drop(&mut self) {
        if let Some(group) = self.pid() {
            // Nobody may be left to end; then there is nothing to do.
            let _ = kill_process_group(group, Signal::KILL);
        }
        // It may have gone to another group, and would be waited for until it ends by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
