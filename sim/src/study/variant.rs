//! The same files under another scenario: what searches and shrinkers fly.

use std::sync::Arc;

use crate::config::{Library, Refused};
use crate::scenario::Scenario;

/// Everything that a run of `scenario` is made of, where the files that it names are those of `base`.
///
/// Requirements are the same. The scenario goes through its text, so that whatever is flown can be saved,
/// and is checked as a file would be.
///
/// # Errors
/// Every complaint about it.
pub fn variant(base: &Library, scenario: &Scenario) -> Result<Library, Refused> {
    let text = scenario.written();
    let mut library = Library::from_texts("scenario", &text, &base.texts, &[])?;
    library.requirements = Arc::clone(&base.requirements);
    Ok(library)
}
