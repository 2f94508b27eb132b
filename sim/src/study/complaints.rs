//! What files of many runs share when they are checked: complaints gathered, scenarios read without their faults.

use std::path::{Path, PathBuf};

use crate::case::Case;
use crate::config::{Library, Refused};
use crate::input::{Diagnostic, Document, code, nearest};
use crate::scenario;
use crate::shipped::{self, Kind};

/// Collects complaints about one document.
pub(crate) struct Complaints<'a> {
    document: &'a Document,
    /// Those so far.
    pub(crate) found: Refused,
}

impl<'a> Complaints<'a> {
    pub(crate) const fn new(document: &'a Document) -> Self {
        Self {
            document,
            found: Vec::new(),
        }
    }

    pub(crate) fn refuse(
        &mut self,
        key: &str,
        code: &'static str,
        message: String,
        help: Option<String>,
    ) {
        self.found
            .push(self.document.refuse(key, code, message, help));
    }

    pub(crate) fn done(self) -> Result<(), Refused> {
        if self.found.is_empty() {
            Ok(())
        } else {
            Err(self.found)
        }
    }
}

/// Reads a scenario that the document names at `key`: a path that ends in `.toml`, from `folder` on, or one that
/// ships with the bench. With it comes the name under which `weanbench run` finds it. What is wrong with the
/// overrides is told at `blamed`.
pub(crate) fn read_scenario(
    (document, key, blamed): (&Document, &str, &str),
    name: &str,
    folder: &Path,
    overrides: &[String],
) -> Result<(String, Library), Refused> {
    if name.ends_with(".toml") {
        let path: PathBuf = folder.join(name);
        let library = Library::read(&path, overrides)?;
        return Ok((path.display().to_string(), library));
    }
    let Some(library) = Library::shipped(name, overrides) else {
        let names: Vec<&str> = shipped::names(Kind::Scenario).collect();
        let message = format!("no scenario `{name}` ships with the bench");
        let help = nearest(name, names).map(|near| format!("did you mean `{near}`?"));
        let help = help.or_else(|| Some("`weanbench list scenarios` names them".to_owned()));
        return Err(vec![document.refuse(key, code::NOT_FOUND, message, help)]);
    };
    let library = library.map_err(|complaints| {
        let told = complaints.into_iter();
        told.map(|it| document.refuse(blamed, it.code, it.message, it.help))
            .collect::<Vec<Diagnostic>>()
    })?;
    Ok((name.to_owned(), library))
}

/// What is wrong with the faults of a library, as if somebody had written a scenario of it.
pub(crate) fn of_faults(base: &Document, library: &Library, patient: u64) -> Refused {
    let complaints = scenario::check(base, &library.scenario);
    if !complaints.is_empty() {
        return complaints;
    }
    let arm = &library.scenario.arms[0];
    match Case::new(library, arm, patient) {
        Ok(_) => Vec::new(),
        Err(problem) => {
            let message = format!("the controller refuses this: {problem}");
            vec![Diagnostic::whole("", code::OUT_OF_RANGE, message)]
        }
    }
}
