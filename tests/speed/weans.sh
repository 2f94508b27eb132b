#!/usr/bin/env bash
# How many simulated days, weans and records a second one core makes of each profile, part by part; what a second
# worker costs; and whether twice the days cost twice as much. Times are those of the machine at that moment.
set -euo pipefail
cd "$(dirname "$0")/../.."
cargo build --quiet --locked --release -p bench-tests --example cost
cost="${CARGO_TARGET_DIR:-target}/release/examples/cost"
for profile in P0 P1; do
    for part in yardstick plant judged sealed; do "$cost" "$profile" "$part" 240 20; done
done
for part in yardstick plant judged sealed; do "$cost" P2 "$part" 240 1; done

echo
echo "linear in days: records a second stay what they are"
for hours in 60 120 240; do "$cost" P1 judged "$hours" 20; done

echo
echo "CPU seconds of the same twenty weans, by one worker and by two"
TIMEFORMAT='%U s of CPU, %R s of wall'
time "$cost" P1 judged 240 20 1 >/dev/null
time "$cost" P1 judged 240 20 2 >/dev/null
