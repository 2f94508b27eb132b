#!/usr/bin/env bash
# Breaks the controller in every small way there is, and lists what none of its own tests notices.
#
# Takes hours: run by hand. `result.md` beside this says when that was last, and why each survivor may live.
# Needs cargo-mutants. Further words go to it: `--shard 1/8`, `--file '*ledger.rs'`, `--iterate`; after `--`
# they go to cargo test. Without the properties, which take most of the time:
#
#   tests/mutants/run.sh --shard 1/8 -- --lib --test stories
#
# A mutant that is missed so is shown to the properties by hand before it is called a survivor.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

if ! command -v cargo-mutants >/dev/null; then
    echo "cargo-mutants is not installed: cargo install --locked cargo-mutants" >&2
    exit 2
fi

# Compiling is most of it. Each property with fewer cases than in CI, so a survivor is worth a second look.
export CARGO_PROFILE_DEV_DEBUG=0 PROPTEST_CASES="${PROPTEST_CASES:-30}"
exec cargo mutants --package dose-controller --output target --timeout 120 --no-shuffle \
    --sharding round-robin "$@"
