#!/usr/bin/env bash
# Breaks the controller in every small way there is, and lists what none of its own tests notices.
#
# Takes hours: run by hand. `result.md` beside this says when that was last, and why each survivor may live.
# Needs cargo-mutants. Further words go to it: `--shard 1/8`, `--file '*ledger.rs'`, `--iterate`; after `--`
# they go to cargo test. Most of a mutant's time is compiling, and the properties are half of that. Without them
# and with the copy in memory it takes three to four seconds a mutant:
#
#   TMPDIR=/dev/shm tests/mutants/run.sh -C=--lib -C=--test=stories
#
# `-C` is for building and for testing; what comes after `--` is not built any less. TMPDIR is where the copy of
# the sources goes that is broken. A mutant that is missed so is shown to the properties by hand before it is
# called a survivor. `--iterate` deals the shards anew: never both.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

if ! command -v cargo-mutants >/dev/null; then
    echo "cargo-mutants is not installed: cargo install --locked cargo-mutants" >&2
    exit 2
fi

# Each property with fewer cases than in CI, so a survivor is worth a second look. What one mutant fails on is no
# regression, and not kept for the next.
export CARGO_PROFILE_DEV_DEBUG=0 CARGO_INCREMENTAL=1
export PROPTEST_CASES="${PROPTEST_CASES:-30}" PROPTEST_DISABLE_FAILURE_PERSISTENCE=1
# It takes a way to deal only where there is something to be dealt.
[[ " $* " != *" --shard"* ]] || set -- --sharding round-robin "$@"
exec cargo mutants --package dose-controller --output target --timeout 120 --no-shuffle "$@"
