//! Where files lie, and how a scenario file is run.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use weanbench::config::Library;
use weanbench::study::cohort::{self, Run};
use weanbench::study::summary::{self, Summary};

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests/ lies in the root")
}

/// The TOML files of a folder, in the order of their names.
pub(crate) fn toml_files(folder: &str) -> Vec<PathBuf> {
    let folder = root().join(folder);
    let entries =
        std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a readable entry").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "toml")
        })
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{} holds no file", folder.display());
    files
}

pub(crate) fn stem(path: &Path) -> String {
    path.file_stem()
        .expect("a file name")
        .to_string_lossy()
        .into_owned()
}

pub(crate) fn read(path: &Path, overrides: &[&str]) -> Library {
    let overrides: Vec<String> = overrides.iter().map(|it| (*it).to_owned()).collect();
    Library::read(path, &overrides).unwrap_or_else(|complaints| {
        let drawn: Vec<String> = complaints.iter().map(|it| it.render(false)).collect();
        panic!("{}", drawn.join("\n"))
    })
}

pub(crate) fn run(library: &Library) -> Vec<Run> {
    cohort::run(library, &AtomicBool::new(false), &|| ())
}

pub(crate) fn summarise(name: &str, library: &Library, runs: &[Run]) -> Summary {
    Summary::new(name, library, runs)
}

/// Fails unless every run ends as the scenario expects.
pub(crate) fn assert_as_expected(path: &Path, library: &Library, runs: &[Run]) {
    let wrong: Vec<String> = summary::unacceptable(library, runs)
        .map(|run| format!("{} patient {}: {}", run.arm, run.patient, run.why))
        .collect();
    assert!(
        wrong.is_empty(),
        "{}:\n{}",
        path.display(),
        wrong.join("\n")
    );
}
