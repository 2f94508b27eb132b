#!/usr/bin/env bash
# How long it takes to shrink violated weans of six days, in CPU seconds and on the wall, by one worker and by two, and how many
# candidates that needs. Times are those of the machine at that moment; CPU seconds are what to compare.
#
#   shrink.sh [PROFILE...]      P0 and P1 when left out; P2 takes some minutes
#
# WEANBENCH names another program than the one of this tree.
set -euo pipefail
cd "$(dirname "$0")/../.."
if [ -z "${WEANBENCH:-}" ]; then
    cargo build --quiet --locked --release -p weanbench
    WEANBENCH="${CARGO_TARGET_DIR:-target}/release/weanbench"
fi
found="$(mktemp -d)"
trap 'rm -rf "$found"' EXIT

# Requirements that are broken late whatever is left out, so that nothing makes a candidate short: one by every wean, the
# other by a patient who is like that in several ways, which is the dearest there is to tell.
cat >"$found/own.toml" <<'TOML'
[parameters]
suffers_most = { value = "1", source = "assumption" }
plan_low = { value = "2.5 ug/h", source = "assumption" }

[[requirement]]
id = "low"
text = "In a therapy the plan never falls below 2.5 ug/h."
formula = "always (therapy implies plan_ug_per_h >= plan_low)"

[[requirement]]
id = "suffers"
text = "Withdrawal stays below 1."
formula = "always (therapy implies withdrawal <= suffers_most)"
TOML

# What is beside the point in each story: other faults, and somebody who pauses.
fever='{id="fever",from_min=3000,until_min=3400,what={fever={above_c=0.4}}}'
cold='{id="cold",from_min=5200,until_min=6100,what={room_temperature={temperature_c=20.5}}}'
pause='{at_min=4000,what="pause"},{at_min=4010,what="resume"}'

one() { # PROFILE NAME PATIENT REQUIREMENT CONTROLLER OVERRIDE...
    local profile=$1 name=$2 patient=$3 requirement=$4 controller=$5 each=() set
    shift 5
    for set in "profile=\"$profile\"" "run_max_h=144" "follow_up_h=24" "$@"; do each+=(--set "$set"); done
    TIMEFORMAT='%U %S %R'
    local told=() jobs
    for jobs in 1 2; do
        told+=("$({ time "$WEANBENCH" shrink hwang-2019 --patient "$patient" --requirement "$requirement" \
            --requirements "$found/own.toml" --controller "$controller" "${each[@]}" --jobs "$jobs" --json \
            --out "$found/$jobs.toml" >"$found/$jobs.json" 2>/dev/null; } 2>&1)")
    done
    cmp -s "$found/1.toml" "$found/2.toml" || { echo "$name: two workers found something else"; exit 1; }
    python3 - "$found/1.json" "$profile" "$name" "${told[@]}" <<'PYTHON'
import json, sys

file, profile, name, one, two = sys.argv[1:]
it = json.load(open(file))
(user, system, wall), (*_, wall_2) = (map(float, words.split()) for words in (one, two))
shrunk = it["scenario"]
left = len(shrunk.get("faults", [])) + len(shrunk.get("orders", []))
cut = ", cut short" if it["cut_short"] else ""
print(f"{profile} {name:12} {user + system:7.2f} s of CPU {wall:7.2f} s on one {wall_2:7.2f} s on two workers "
      f"{it['runs']:4} candidates; {left} faults and orders in {shrunk['run_max_h']} h{cut}")
PYTHON
}

[ $# -gt 0 ] || set -- P0 P1
for profile in "$@"; do
    one "$profile" clock 17 SR-03 canary:clock-back "orders=[$pause]" \
        "faults=[$fever,$cold,{id=\"clock\",from_min=7300,what={wall_clock_jump={ahead_s=-20000}}}]"
    one "$profile" afternoon 17 SR-26a canary:deaf-in-the-afternoon "orders=[$pause]" \
        "faults=[$fever,$cold,{id=\"silence\",from_min=6660,until_min=6690,what={link_loss={}}}]"
    one "$profile" fever 17 SR-34 canary:fever-of-forty "orders=[$pause]" \
        "faults=[$cold,{id=\"hot\",from_min=6480,until_min=7300,what={fever={above_c=4.4}}}]"
    one "$profile" gap 17 SR-15 canary:gap-of-half-a-day "faults=[$fever,$cold]" \
        'orders=[{at_min=6300,what="pause"},{at_min=7050,what="resume"}]'
    one "$profile" low 17 low builtin "orders=[$pause]" "faults=[$fever,$cold]"
    one "$profile" suffers 2 suffers builtin "orders=[$pause]" "faults=[$fever,$cold]"
done
