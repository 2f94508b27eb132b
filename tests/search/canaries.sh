#!/bin/sh
# How many runs a search needs until each of the twelve subtle canaries shows, by method and seed.
#
#   cargo build --release -p weanbench && tests/search/canaries.sh FILE [SEEDS] [METHODS] [AT_A_TIME]
#
# Lines that FILE has are not measured again, so that it goes on after a break. A find counts where the shipped
# controller does not break the same requirement in the same scenario. Whoever finds nothing in 2,000 runs is
# written as 2001. Half an hour of two processors, so CI does not run it; a line of the result can be made again by
# itself, and does not depend on the number of workers. `summary.py FILE` reckons medians and sums.
set -eu
bench=${WEANBENCH:-target/release/weanbench}

if [ "$1" = --one ]; then
    file=$2 canary=$3 requirement=$4 method=$5 seed=$6
    out=$(mktemp -d)
    trap 'rm -rf "$out"' EXIT
    # Exit code 1 says that there was a find; whatever else goes wrong shows as a document without runs.
    "$bench" search first --set 'faults=[]' --set run_max_h=18 --set follow_up_h=0 \
        --controller "canary:$canary" --requirement "$requirement" --beyond-builtin --first \
        --method "$method" --seed "$seed" --budget 2000 --shrink 0 --jobs 1 \
        --out "$out/finds" --json >"$out/document" 2>/dev/null </dev/null || true
    grep -q '"runs": ' "$out/document"
    found=$(sed -n 's/.*"first_find": \([0-9]*\),.*/\1/p' "$out/document")
    echo "$canary,$requirement,$method,$seed,${found:-2001}" >>"$file"
    exit
fi

file=$1
seeds=${2:-10}
methods=${3:-"corpus random"}
at_a_time=${4:-2}
[ -s "$file" ] || echo "canary,requirement,method,seed,runs" >"$file"
for seed in $(seq 1 "$seeds"); do
    for method in $methods; do
        while read -r canary requirement; do
            grep -q "^$canary,$requirement,$method,$seed," "$file" ||
                echo "$file $canary $requirement $method $seed"
        done <<'CANARIES'
deaf-in-the-afternoon SR-26a
pause-after-a-sheet WB-08
skip-and-authorise SR-74a
clock-back SR-03
pressed-twice WB-16
gap-of-half-a-day SR-15
cool-but-not-cold SR-79a
second-restart WB-15
fever-of-forty SR-34
late-report SR-44b
stop-under-a-stuck-key WB-04
silence-for-ever SR-70a
CANARIES
    done
done | xargs -r -P "$at_a_time" -L 1 sh "$0" --one
