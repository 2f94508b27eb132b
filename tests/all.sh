#!/usr/bin/env bash
# Every check there is, in the order in which they are cheap. Needs the Rust toolchain with its C compiler, git, and Python 3.9.
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_TERM_COLOR="${CARGO_TERM_COLOR:-auto}"
# One profile's line tables are enough to find a panic; incremental files only cost disk here.
export CARGO_INCREMENTAL=0

say() { printf '\n== %s  (at %d s)\n' "$*" "$SECONDS"; }

say "format"
cargo fmt --all --check

say "clippy, warnings denied"
cargo clippy --workspace --all-targets --locked -- -D warnings

say "documentation, warnings denied"
RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked

say "controller and frames need neither std nor a heap"
bash tests/bare-metal/check.sh

say "tests"
cargo test --workspace --locked -- --skip paper_figures

say "planted bugs are found"
bash tests/planted/run.sh

say "release: the paper's figures, and the same digests as in debug"
cargo test --release --locked -p bench-tests --test bench -- --nocapture paper determinism

say "release: every requirement that can be judged holds, is armed, and has a canary that it catches"
cargo run --release --locked -p weanbench -- coverage --gaps

say "release: people act at odd moments, and nothing is found"
cargo run --release --locked -p weanbench -- campaign hands --quiet --out target/hands

say "all checks passed"
