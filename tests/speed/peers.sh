#!/usr/bin/env bash
# The bench beside two public simulators of drug therapy, on this machine and one after the other: simulated days a second
# of one core. Only the order of magnitude says anything: they model other things, and what each of them does not do
# (faults, a link, requirements, a digest) stands beside its figure.
#
# Needs Python 3.9 with venv, and a package index. Nothing of it is part of the bench or of its tests.
set -euo pipefail
cd "$(dirname "$0")/../.."
base="${CARGO_TARGET_DIR:-target}/peers"

# What a user gets who installs them today; PAS still needs the older numpy.
venv() {
    [[ -x "$base/$1/bin/python" ]] || python3 -m venv "$base/$1"
    "$base/$1/bin/pip" install --quiet --disable-pip-version-check "${@:2}"
}
venv simglucose 'simglucose==0.2.11' 'setuptools<80'
venv pas 'python-anesthesia-simulator==1.0.0' 'numpy<2' 'pandas<2.3'
cargo build --quiet --locked --release -p bench-tests --example cost
cost="${CARGO_TARGET_DIR:-target}/release/examples/cost"

echo "simglucose 0.2.11: one adolescent, meals, sensor and pump, basal-bolus controller; no faults, no requirements"
"$base/simglucose/bin/python" -W ignore tests/speed/peers.py simglucose
echo "Python Anesthesia Simulator 1.0.0: one patient, a second a step, a proportional controller; no faults, no requirements"
"$base/pas/bin/python" -W ignore tests/speed/peers.py pas
for profile in P0 P1 P2; do
    weans=20
    [[ "$profile" == P2 ]] && weans=1
    for part in judged sealed; do
        echo "weanbench on $profile, $part: people, link, line, every requirement, digest"
        "$cost" "$profile" "$part" 240 "$weans"
    done
done
