//! The binary, and what it says.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_weanbench");

/// A folder of its own for one test.
pub(crate) fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("lockstep")
        .join(name)
}

pub(crate) fn weanbench(arguments: &[&str]) -> Output {
    Command::new(BINARY)
        .args(arguments)
        .output()
        .expect("the binary runs")
}

/// Runs a story with a controller, and gives back the one JSON document and the exit code.
pub(crate) fn run(
    story: &str,
    controller: &str,
    more: &[&str],
) -> (serde_json::Value, Option<i32>) {
    static COUNT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let count = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let out = folder(&format!("run-{count}")).display().to_string();
    let mut all = vec!["run", story, "--controller", controller, "--out", &out];
    all.extend(["--json", "--quiet"]);
    all.extend(more);
    let output = weanbench(&all);
    let document = serde_json::from_slice(&output.stdout).unwrap_or_else(|wrong| {
        let said = String::from_utf8_lossy(&output.stderr);
        panic!("{wrong}: {said}")
    });
    (document, output.status.code())
}
