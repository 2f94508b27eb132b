//! Tests of the whole tree, in one binary because that links once.
#![expect(missing_docs, reason = "a test says what it shows by its name")]

mod architecture;
mod broken_files;
mod determinism;
mod paper;
mod regressions;
mod scenario_space;
mod scenarios;
mod support;
