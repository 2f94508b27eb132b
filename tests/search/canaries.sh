#!/bin/sh
# How many runs a search needs until each of the twelve subtle canaries shows, by method and seed.
#
#   cargo build --release -p weanbench && tests/search/canaries.sh [SEEDS] [METHODS] > tests/search/canaries.csv
#
# A find counts where the shipped controller does not break the same requirement in the same scenario. Whoever
# finds nothing in 2,000 runs is written as 2001. Half an hour to two, so CI does not run it; a line of the
# result can be made again by itself, and does not depend on the machine.
set -eu
seeds=${1:-10}
methods=${2:-"corpus random"}
bench=${WEANBENCH:-target/release/weanbench}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
echo "canary,requirement,method,seed,runs"
while read -r canary requirement; do
    for method in $methods; do
        seed=1
        while [ "$seed" -le "$seeds" ]; do
            found=$("$bench" search first --set 'faults=[]' --set run_max_h=18 --set follow_up_h=0 \
                --controller "canary:$canary" --requirement "$requirement" --beyond-builtin --first \
                --method "$method" --seed "$seed" --budget 2000 --shrink 0 --out "$out/$canary" --json 2>/dev/null |
                sed -n 's/.*"first_find": \([0-9]*\),.*/\1/p') || true
            echo "$canary,$requirement,$method,$seed,${found:-2001}"
            rm -rf "${out:?}/$canary"
            seed=$((seed + 1))
        done
    done
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
