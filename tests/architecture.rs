//! The absences that hold the parts together, because absences are what erode.
//!
//! Reads manifests against an allow-list, and sources for names that have no business there. A rule that
//! has to give way is changed here, in the open.

mod packages;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use packages::PACKAGES;
use toml::Table;

/// Everything that may lie at the top. What the ignore list names is there too, and is nobody's business.
const AT_THE_TOP: [&str; 18] = [
    ".ci",
    ".config",
    ".git",
    ".github",
    ".gitignore",
    "ARCHITECTURE.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "clippy.toml",
    "configs",
    "crates",
    "rust-toolchain.toml",
    "rustfmt.toml",
    "sim",
    "tests",
];

const LINES_MOST: usize = 500;

/// The folder that holds the workspace.
fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("tests/ lies in the workspace")
}

fn manifest(folder: &str) -> Table {
    let path = root().join(folder).join("Cargo.toml");
    let text = fs::read_to_string(&path).expect("a manifest can be read");
    text.parse().expect("a manifest is TOML")
}

/// The names under `key`, also where it is written for one platform only.
fn names(manifest: &Table, key: &str) -> BTreeSet<String> {
    let platforms = manifest.get("target").and_then(toml::Value::as_table);
    let tables = platforms
        .into_iter()
        .flat_map(Table::values)
        .filter_map(toml::Value::as_table)
        .chain([manifest]);
    tables
        .filter_map(|table| table.get(key)?.as_table())
        .flat_map(|table| table.keys().cloned())
        .collect()
}

/// Every Rust source below `folder`, by its path from the root; build outputs left out.
fn sources(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries {
            let path = entry.expect("a folder can be listed").path();
            if path.is_dir() && !path.ends_with("target") {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                let text = fs::read_to_string(&path).expect("a source can be read");
                found.push((from_root(&path), text));
            }
        }
    }
    assert!(!found.is_empty(), "there are sources below {folder}");
    found.sort();
    found
}

fn from_root(path: &Path) -> String {
    let path: PathBuf = path
        .strip_prefix(root())
        .expect("below the root")
        .components()
        .collect();
    path.to_string_lossy().replace('\\', "/")
}

/// The source without its comments.
fn code(text: &str) -> String {
    let lines = text
        .lines()
        .map(|line| line.split_once("//").map_or(line, |(code, _)| code));
    lines.collect::<Vec<_>>().join("\n")
}

fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|letter: char| !letter.is_alphanumeric() && letter != '_')
}

/// The files among these in which one of `names` is a word of the code.
fn naming(sources: Vec<(String, String)>, names: &[&str]) -> Vec<String> {
    let named = |text: &str| words(&code(text)).any(|word| names.contains(&word));
    let found = sources.into_iter().filter(|(_, text)| named(text));
    found.map(|(path, _)| path).collect()
}

/// Whether the code reaches the top-level module `module` of its own crate.
fn reaches(text: &str, module: &str) -> bool {
    let code: String = code(text)
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .collect();
    let mut paths = code.split("crate::").skip(1);
    paths.any(|path| match path.strip_prefix('{') {
        Some(group) => {
            let group = group.split(';').next().unwrap_or_default();
            words(group).any(|word| word == module)
        }
        None => words(path).next() == Some(module),
    })
}

fn all_sources() -> Vec<(String, String)> {
    let folders = ["crates", "sim"];
    folders.into_iter().flat_map(sources).collect()
}

#[test]
fn each_package_depends_on_what_is_listed_and_nothing_else() {
    for allowed in PACKAGES {
        let manifest = manifest(allowed.folder);
        let may = |name: &String, lists: &[&[&str]]| {
            lists.iter().any(|list| list.contains(&name.as_str()))
        };
        for name in names(&manifest, "dependencies") {
            let optional = [allowed.for_config, allowed.for_storage].concat();
            let known = may(&name, &[allowed.dependencies, &optional]);
            assert!(known, "{} may not depend on {name}", allowed.folder);
        }
        for name in names(&manifest, "dev-dependencies") {
            let known = may(&name, &[allowed.dependencies, allowed.for_tests]);
            assert!(known, "tests of {} may not use {name}", allowed.folder);
        }
        let build = names(&manifest, "build-dependencies");
        assert!(build.is_empty(), "{} builds by itself", allowed.folder);
        // The binary names its commit; nothing else may run code to be built.
        let script = root().join(allowed.folder).join("build.rs");
        let may = allowed.folder == "sim";
        assert!(
            may || !script.exists(),
            "{} builds by itself",
            allowed.folder
        );
    }
}

#[test]
fn what_is_for_files_and_storage_only_can_be_switched_off() {
    for allowed in PACKAGES {
        let manifest = manifest(allowed.folder);
        let dependencies = manifest.get("dependencies").and_then(toml::Value::as_table);
        let lists = [
            ("config", allowed.for_config),
            ("serde", allowed.for_storage),
        ];
        for (switch, names) in lists {
            for name in names {
                let Some(dependency) = dependencies.and_then(|table| table.get(*name)) else {
                    continue;
                };
                let optional = dependency.get("optional").and_then(toml::Value::as_bool);
                assert_eq!(optional, Some(true), "{name} of {}", allowed.folder);
            }
            let Some(features) = manifest.get("features").and_then(toml::Value::as_table) else {
                continue;
            };
            for (feature, parts) in features {
                let parts = parts.to_string();
                let switched = names.iter().any(|name| parts.contains(name));
                let fine = feature == switch || !switched;
                assert!(fine, "{feature} of {}", allowed.folder);
            }
        }
    }
}

#[test]
fn every_package_is_listed_here_and_keeps_the_lints() {
    let crates = fs::read_dir(root().join("crates")).expect("there are crates");
    for entry in crates {
        let folder = from_root(&entry.expect("a folder can be listed").path());
        let listed = PACKAGES.iter().any(|allowed| allowed.folder == folder);
        assert!(listed, "{folder} has no rule");
    }
    for allowed in PACKAGES {
        let manifest = manifest(allowed.folder);
        let lints = manifest
            .get("lints")
            .and_then(|lints| lints.get("workspace"));
        let kept = lints.and_then(toml::Value::as_bool);
        assert_eq!(kept, Some(true), "lints of {}", allowed.folder);
    }
}

#[test]
fn only_the_edge_knows_a_clock_and_a_runtime() {
    let inside = all_sources()
        .into_iter()
        .filter(|(path, _)| !path.starts_with("sim/src/edge/") && path != "sim/src/main.rs")
        // It measures speed, and nothing depends on it.
        .filter(|(path, _)| path != "crates/temporal-logic/examples/speed.rs")
        // It holds the bench to its patience, from outside.
        .filter(|(path, _)| path != "sim/tests/lockstep/abuses.rs");
    let found = naming(inside.collect(), &["tokio", "Instant", "SystemTime"]);
    assert_eq!(found, [""; 0]);
}

#[test]
fn only_one_file_draws() {
    let others = all_sources()
        .into_iter()
        .filter(|(path, _)| path != "sim/src/draw.rs");
    let found = naming(others.collect(), &["rand", "chacha20"]);
    assert_eq!(found, [""; 0]);
}

#[test]
fn the_parts_are_strangers() {
    let strangers: [(&str, &[&str]); 6] = [
        (
            "crates/temporal-logic",
            &[
                "infusion_types",
                "control_link",
                "dose_controller",
                "infusion_device",
                "virtual_patient",
                "weanbench",
            ],
        ),
        (
            "crates/infusion-types",
            &[
                "control_link",
                "dose_controller",
                "infusion_device",
                "virtual_patient",
                "weanbench",
            ],
        ),
        (
            "crates/control-link",
            &[
                "dose_controller",
                "infusion_device",
                "virtual_patient",
                "weanbench",
            ],
        ),
        (
            "crates/dose-controller",
            &[
                "Truth",
                "control_link",
                "infusion_device",
                "virtual_patient",
                "weanbench",
            ],
        ),
        (
            "crates/infusion-device",
            &[
                "control_link",
                "dose_controller",
                "virtual_patient",
                "weanbench",
            ],
        ),
        (
            "crates/virtual-patient",
            &[
                "infusion_types",
                "control_link",
                "dose_controller",
                "infusion_device",
                "weanbench",
            ],
        ),
    ];
    for (folder, others) in strangers {
        assert_eq!(naming(sources(folder), others), [""; 0], "{folder}");
    }
}

#[test]
fn controller_link_and_vocabulary_know_no_operating_system() {
    let folders = [
        "crates/infusion-types",
        "crates/control-link",
        "crates/dose-controller",
        "sim/examples/rust",
    ];
    for folder in folders {
        let inside = sources(&format!("{folder}/src"));
        let (_, top) = inside
            .iter()
            .find(|(path, _)| path.ends_with("/lib.rs"))
            .expect("a library");
        assert!(words(&code(top)).any(|word| word == "no_std"), "{folder}");
        assert_eq!(naming(inside, &["std", "alloc"]), [""; 0], "{folder}");
    }
}

#[test]
fn arrows_point_down_within_the_bench() {
    for (path, text) in sources("sim/src") {
        let inner = path.trim_start_matches("sim/src/");
        let above: &[&str] = match inner.split('/').next().unwrap_or_default() {
            "edge" | "cli" | "main.rs" | "lib.rs" => &[],
            "study" => &[
                "edge", "cli", "coverage", "canary", "pair", "matrix", "checking",
            ],
            "coverage" | "canary" | "pair.rs" | "matrix" | "checking.rs" => &["edge", "cli"],
            _ => &[
                "study", "edge", "cli", "coverage", "canary", "pair", "matrix", "checking",
            ],
        };
        // A test at the foot of a file may look on from above, and so may one in a file of its own.
        if path.ends_with("/tests.rs") {
            continue;
        }
        let text = text
            .split("#[cfg(test)]\nmod tests")
            .next()
            .unwrap_or_default();
        for module in above {
            assert!(!reaches(text, module), "{path} reaches up to {module}");
        }
    }
}

#[test]
fn no_file_is_long() {
    let tests = sources("tests");
    for (path, text) in all_sources().into_iter().chain(tests) {
        let long = text.lines().count() > LINES_MOST;
        assert!(!long, "{path} has more than {LINES_MOST} lines");
    }
}

#[test]
fn nothing_stray_lies_at_the_top() {
    let ignored = fs::read_to_string(root().join(".gitignore")).expect("an ignore list");
    let ignored: Vec<&str> = ignored
        .lines()
        .map(|line| line.trim_end_matches('/'))
        .collect();
    for entry in fs::read_dir(root()).expect("the root can be listed") {
        let path = from_root(&entry.expect("the root can be listed").path());
        let known = AT_THE_TOP.contains(&path.as_str()) || ignored.contains(&path.as_str());
        assert!(known, "{path} has no place at the top");
    }
}

#[test]
fn the_rules_see_what_they_look_for() {
    assert!(reaches("use crate::{bench, study::cohort};", "study"));
    assert!(reaches("let x = crate::edge::serve();", "edge"));
    assert!(reaches("use crate::{\n    a::b,\n    edge,\n};", "edge"));
    assert!(!reaches(
        "// crate::study\nuse crate::{bench}; mod study;",
        "study"
    ));
    assert!(!reaches("use crate::studying;", "study"));
    let file = |text: &str| vec![("x.rs".to_owned(), text.to_owned())];
    assert_eq!(naming(file("use rand::Rng;"), &["rand"]), ["x.rs"]);
    assert_eq!(
        naming(file("/// by rand\nlet operand = 1;"), &["rand"]),
        [""; 0]
    );
}
