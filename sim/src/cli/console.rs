//! What is said where: results on stdout, the rest on stderr, colour only where somebody sees it.

use std::fmt::Display;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::path::Path;

use crate::input::Diagnostic;
pub(crate) use crate::study::again::quoted;

use crate::verdict::Exit;
use clap::builder::styling::{AnsiColor, Style};
use serde::Serialize;
use tracing_subscriber::EnvFilter;

/// Why nothing more can be done.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// Files or arguments are wrong.
    Input(Vec<Diagnostic>),
    /// Something else, in words, and the exit code that it means.
    Said(Exit, String),
}

impl Trouble {
    /// Bad input that is about no line of a file.
    pub(crate) fn input(said: impl Into<String>) -> Self {
        Self::Said(Exit::Input, said.into())
    }

    /// The bench itself cannot go on.
    pub(crate) fn bench(said: impl Display) -> Self {
        Self::Said(Exit::Bench, said.to_string())
    }

    /// Says it, and which exit code it means.
    pub(crate) fn tell(&self) -> Exit {
        match self {
            Self::Input(complaints) => {
                for complaint in complaints {
                    note(&format!("{}\n", complaint.render(true)));
                }
                Exit::Input
            }
            Self::Said(exit, said) => {
                let word = paint("error", AnsiColor::Red.on_default().bold());
                note(&format!("{word}: {said}"));
                *exit
            }
        }
    }
}

impl From<Vec<Diagnostic>> for Trouble {
    fn from(complaints: Vec<Diagnostic>) -> Self {
        Self::Input(complaints)
    }
}

/// Writes to stdout; whoever closed it early has read enough.
pub(crate) fn out(text: &str) -> Result<(), Trouble> {
    let mut stdout = anstream::stdout().lock();
    let written = writeln!(stdout, "{text}").and_then(|()| stdout.flush());
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Trouble::bench(format!("stdout cannot be written: {error}")))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Writes one JSON document to stdout.
pub(crate) fn out_json(document: &impl Serialize) -> Result<(), Trouble> {
    let text = serde_json::to_string_pretty(document).map_err(Trouble::bench)?;
    out(&text)
}

/// Writes to stderr. There is nobody left to tell when that fails.
pub(crate) fn note(text: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}

/// The text in a style; where it ends up decides whether the style stays.
pub(crate) fn paint(text: impl Display, style: Style) -> String {
    format!("{style}{text}{style:#}")
}

/// Bold, for what a section is about.
pub(crate) fn heading(text: impl Display) -> String {
    paint(text, Style::new().bold())
}

/// Faint, for what is only said to be complete.
pub(crate) fn faint(text: impl Display) -> String {
    paint(text, Style::new().dimmed())
}

/// Lets debug messages through to stderr, without wall-clock times.
pub(crate) fn listen(verbose: u8) {
    let level = match verbose {
        0 => return,
        1 => "weanbench=debug",
        _ => "weanbench=trace,debug",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let started = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal() && !no_color)
        .without_time()
        .with_target(false)
        .try_init();
    if started.is_err() {
        note("debug messages cannot be shown");
    }
}

/// A name for results: that of the file without its folder and ending.
pub(crate) fn stem(argument: &str) -> String {
    let stem = Path::new(argument)
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned());
    stem.unwrap_or_else(|| "scenario".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stem_is_never_empty() {
        assert_eq!(stem("configs/scenarios/first.toml"), "first");
        assert_eq!(stem("first"), "first");
        assert_eq!(stem(".."), "scenario");
    }

    #[test]
    fn bad_input_is_two_and_a_broken_bench_four() {
        assert_eq!(Trouble::input("x").tell(), Exit::Input);
        assert_eq!(Trouble::bench("x").tell(), Exit::Bench);
        assert_eq!(Trouble::Input(Vec::new()).tell(), Exit::Input);
    }
}
