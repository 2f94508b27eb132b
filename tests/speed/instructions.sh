#!/usr/bin/env bash
# Counts what a simulated wean costs in instructions, part by part and profile by profile, and fails when a part
# costs a twentieth more than `instructions.txt` allows. Counts do not depend on what else the machine is doing.
#
#   tests/speed/instructions.sh            compares
#   tests/speed/instructions.sh --bless    writes what it has counted
#
# The parts are those of `tests/speed/cost.rs`. Valgrind and a plain example do it, which the release tests have
# built all but the last step of: a runner of benchmarks would have to be built first, for longer than the
# counting takes. Where there is no valgrind it says so, and exits 2.
set -euo pipefail
cd "$(dirname "$0")/../.."
budget=tests/speed/instructions.txt

command -v valgrind >/dev/null || {
    echo "instructions.sh: valgrind is not installed, so NOTHING has been counted" >&2
    exit 2
}
cargo build --quiet --locked --release -p bench-tests --example cost
cost="${CARGO_TARGET_DIR:-target}/release/examples/cost"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A profile, and hours that give about as many records on each.
count() {
    valgrind --tool=callgrind --callgrind-out-file="$work/$1" "$cost" "$1" each "$2" >"$work/said" 2>&1
    callgrind_annotate --inclusive=yes --threshold=100 "$work/$1" |
        sed -nE 's/^ *([0-9,]+) .*[: ]cost::(yardstick|plant|judged|sealed) \[.*/\2 \1/p' |
        tr -d , | sort -u -k1,1 | awk -v profile="$1" '{ printf "%s %-9s %d\n", profile, $1, $2 / 1000 }'
}
{
    echo "# Thousands of instructions: 48 h on P0 and P1, 8 h on P2, begun at the explant."
    count P0 48 && count P1 48 && count P2 8
} >"$work/counted"

if [[ "${1:-}" == --bless ]]; then
    cp "$work/counted" "$budget"
    cat "$budget"
    exit
fi
join -j1 <(sed -n 's/ \+/-/; /^P/p' "$budget" | sort) <(sed -n 's/ \+/-/; /^P/p' "$work/counted" | sort) |
    awk '{ share = 100 * $3 / $2; printf "%-14s %9d thousand, %5.1f %% of the budget\n", $1, $3, share
           n++; if (share > 105) dear = 1 }
         END { if (n != 12) { print "twelve parts were to be counted, and " n " were"; exit 1 }
               if (dear) { print "more than a twentieth above the budget"; exit 1 } }'
