//! Tests of the whole tree, in one binary because that links once.

mod architecture;
mod broken_files;
mod broken_requirements;
mod canaries;
mod citations;
mod determinism;
mod fuzzed;
mod paper;
mod power_cut;
mod protocol;
mod regressions;
mod scenario_space;
mod scenarios;
mod subtle;
mod support;
