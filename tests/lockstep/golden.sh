#!/bin/sh
# The shipped controller behind a foreign door: every story must have the digest that it has in-process.
#
#   tests/lockstep/golden.sh BINARY SPEC...      such as  target/release/weanbench 'exec:weanbench controller'
#
# Exit 1 at the first story whose digest differs, or that stalls.
set -eu
cd "$(dirname "$0")/../.."
binary=$1
shift
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
for spec in "$@"; do
    count=0
    while read -r digest story; do
        set -- "$story"
        [ "$story" = hwang-2019 ] && set -- "$story" --set cohort.size=5
        got=$("$binary" run "$@" --controller "$spec" --out "$out" --json --quiet 2>/dev/null \
            | sed -n 's/^  "digest": "\([0-9a-f]*\)".*/\1/p') || true
        if [ "$got" != "$digest" ]; then
            echo "$spec: $story has $got, and in-process $digest" >&2
            exit 1
        fi
        count=$((count + 1))
    done <tests/golden/digests.txt
    echo "$spec: $count stories have the digests that they have in-process"
done
