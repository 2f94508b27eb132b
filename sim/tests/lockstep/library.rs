//! Controllers in shared libraries: the shipped one, and the example in C.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::doors::{STORIES, digest};
use crate::support::{BINARY, folder, run, weanbench};

/// The shipped controller as a library, built as this test was.
fn builtin() -> PathBuf {
    let profile = Path::new(BINARY).parent().expect("a folder");
    let target = profile.parent().expect("the target folder");
    let mut build = Command::new(env!("CARGO"));
    build.args([
        "build",
        "--quiet",
        "-p",
        "builtin-controller",
        "--target-dir",
    ]);
    build.arg(target);
    if profile.ends_with("release") {
        build.arg("--release");
    }
    let built = build.current_dir(env!("CARGO_MANIFEST_DIR")).status();
    assert!(built.expect("cargo runs").success());
    profile.join("libbuiltin_controller.so")
}

/// The example in C, by the system's compiler, with every warning an error.
fn example() -> PathBuf {
    let made = folder("c");
    std::fs::create_dir_all(&made).expect("a writable folder");
    let library = made.join("fixed_wean.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/c");
    let compiled = Command::new("cc")
        .args([
            "-std=c11",
            "-O2",
            "-Wall",
            "-Wextra",
            "-Werror",
            "-pedantic",
            "-shared",
            "-fPIC",
        ])
        .arg("-o")
        .arg(&library)
        .arg(source.join("fixed_wean.c"))
        .arg("-lm")
        .status();
    assert!(compiled.expect("there is a compiler").success());
    library
}

#[test]
fn the_shipped_controller_is_the_same_in_a_library() {
    let door = format!("lib:{}", builtin().display());
    for (story, more) in STORIES {
        let inside = digest(story, "builtin", more);
        assert_eq!(digest(story, &door, more), inside, "{story} {more:?}");
    }
}

#[test]
fn the_example_in_c_weans_without_a_violation() {
    let door = format!("lib:{}", example().display());
    let more = ["--arm", "externalised-wean", "--set", "cohort.size=4"];
    let (document, code) = run("hwang-2019", &door, &more);
    assert_eq!(document["runs"]["safe"], 4, "{document:#}");
    assert_eq!(code, Some(0));
    let verdict = |id: &str| document["verdicts"][id]["verdict"].clone();
    assert_eq!(verdict("SR-05"), "holds");
    assert_eq!(verdict("SR-43"), "not_applicable", "it has no AL-02");
    let kit = weanbench(&["conform", "--controller", &door, "--json"]);
    let report: serde_json::Value = serde_json::from_slice(&kit.stdout).expect("one document");
    let checks = report["checks"].as_array().expect("a list");
    let bad = |check: &&serde_json::Value| check["outcome"] == "stalled";
    assert_eq!(checks.iter().find(bad), None);
}

#[test]
fn what_is_no_controller_is_refused_before_anything_runs() {
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    for (file, word) in [
        (readme, "invalid ELF header"),
        ("/nowhere/it.so", "No such file"),
    ] {
        let door = format!("lib:{file}");
        let refused = weanbench(&["run", "first", "--controller", &door]);
        let said = String::from_utf8_lossy(&refused.stderr);
        assert_eq!(refused.status.code(), Some(2), "{said}");
        assert!(said.contains(word), "{said}");
    }
}
