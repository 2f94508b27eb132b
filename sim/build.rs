//! Tells the binary which commit it was made of, if a repository is there; never fails a build.

use std::fs;
use std::path::{Path, PathBuf};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let commit = commit(Path::new("../.git")).map(|commit| format!("commit {commit}"));
    let commit = commit.unwrap_or_else(|| "no commit known".to_owned());
    println!("cargo::rustc-env=WEANBENCH_COMMIT={commit}");
}

/// The first twelve characters of the commit that is checked out.
fn commit(git: &Path) -> Option<String> {
    let git = folder(git)?;
    let shared = fs::read_to_string(git.join("commondir")).ok();
    let shared = shared.map_or_else(|| git.clone(), |path| git.join(path.trim()));
    let head = read(&git.join("HEAD"))?;
    let full = match head.trim().strip_prefix("ref: ") {
        None => head.trim().to_owned(),
        Some(name) => read(&shared.join(name)).or_else(|| packed(&shared, name))?,
    };
    let short = full.trim().get(..12)?;
    short
        .chars()
        .all(|letter| letter.is_ascii_hexdigit())
        .then(|| short.to_owned())
}

/// In a worktree `.git` is a file that names the folder.
fn folder(git: &Path) -> Option<PathBuf> {
    if git.is_dir() {
        return Some(git.to_owned());
    }
    let said = read(git)?;
    Some(git.with_file_name(said.strip_prefix("gitdir: ")?.trim()))
}

fn packed(shared: &Path, name: &str) -> Option<String> {
    let list = read(&shared.join("packed-refs"))?;
    let line = list
        .lines()
        .find(|line| line.ends_with(&format!(" {name}")))?;
    line.split(' ').next().map(str::to_owned)
}

/// A file that the build depends on; one that is not there cannot be depended on.
fn read(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    println!("cargo::rerun-if-changed={}", path.display());
    Some(text)
}
