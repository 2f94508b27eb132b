#!/usr/bin/env bash
# Counts the instructions of one wean without and with its judge, and fails when all requirements, the
# history behind them and the digest together cost more than plant, people and controller do. Needs
# valgrind; counts do not depend on what else the machine is doing.
set -euo pipefail
cd "$(dirname "$0")/../.."
most_permille="${1:-1000}"

command -v valgrind >/dev/null || { echo "valgrind is not installed" >&2; exit 2; }
bench=$(cargo bench --locked -p weanbench --bench cycle --no-run --message-format=json 2>/dev/null |
    sed -n 's/.*"name":"cycle".*"executable":"\([^"]*\)".*/\1/p')

# Of the bench itself: a process that it starts to look for a plotter is counted before it.
count() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$bench" --test "$1" 2>&1 |
        sed -n 's/.*Collected : \([0-9]*\).*/\1/p' | tail -n 1
}

nothing=$(count "nothing is called so")
plain=$(($(count "plant, people and controller") - nothing))
judged=$(($(count "with every requirement and the digest") - nothing))
share=$((1000 * (judged - plain) / plain))
echo "plant, people and controller: $((plain / 1000000)) million instructions a wean"
echo "every requirement and the digest: $(((judged - plain) / 1000000)) million, ${share} permille of that"
if ((share > most_permille)); then
    echo "more than ${most_permille} permille" >&2
    exit 1
fi
