//! `weanbench check`.

use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::styling::AnsiColor;
use serde::Serialize;

use super::console::{Trouble, note, out, out_json, paint};
use crate::checking;
use crate::input::Diagnostic;
use crate::verdict::Exit;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Files to check.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print all complaints as one JSON document.
    #[arg(long)]
    json: bool,
    /// Print nothing about good files.
    #[arg(long)]
    quiet: bool,
}

/// A complaint as JSON.
#[derive(Serialize)]
struct Complaint<'a> {
    path: &'a str,
    line: Option<usize>,
    column: Option<usize>,
    code: &'a str,
    message: &'a str,
    help: Option<&'a str>,
}

impl<'a> From<&'a Diagnostic> for Complaint<'a> {
    fn from(diagnostic: &'a Diagnostic) -> Self {
        Self {
            path: &diagnostic.path,
            line: diagnostic.position.map(|position| position.line),
            column: diagnostic.position.map(|position| position.column),
            code: diagnostic.code,
            message: &diagnostic.message,
            help: diagnostic.help.as_deref(),
        }
    }
}

/// The document of `--json`.
#[derive(Serialize)]
struct Checked<'a> {
    complaints: Vec<Complaint<'a>>,
    notice: &'static str,
}

/// Checks every file, also behind a bad one.
pub(crate) fn check(arguments: &Arguments) -> Result<Exit, Trouble> {
    let mut complaints = Vec::new();
    for file in &arguments.files {
        match checking::check(file) {
            Ok(good) if !arguments.json && !arguments.quiet => {
                let ok = paint("ok", AnsiColor::Green.on_default());
                out(&format!(
                    "{}: {ok} ({}, {})",
                    shown(file),
                    good.kind,
                    good.holds
                ))?;
            }
            Ok(_) => {}
            Err(found) => complaints.extend(found),
        }
    }
    if arguments.json {
        let complaints = complaints.iter().map(Complaint::from).collect();
        out_json(&Checked {
            complaints,
            notice: crate::NOTICE,
        })?;
    } else {
        for complaint in &complaints {
            note(&format!("{}\n", complaint.render(true)));
        }
    }
    Ok(if complaints.is_empty() {
        Exit::Good
    } else {
        Exit::Input
    })
}

fn shown(file: &Path) -> String {
    file.display().to_string()
}
