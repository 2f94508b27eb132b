#!/usr/bin/env bash
# Plants each bug of table.txt in a copy of the tree, and asks whether its property finds it.
#
# Prints one line for each, and fails unless every property is green on the tree as it is and red, with a
# minimal counterexample, once its bug is in. PROPTEST_RNG_SEED fixes what is tried.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
# Libraries from a registry are the same for the copy, and are built once for both.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/target}
export RUST_BACKTRACE=0
copy=$(mktemp -d)
# What was built with a bug in it must not be taken for the tree's own: cargo tells the two apart by nothing
# but the times of files.
leave() {
    rm -rf "$copy"
    cd "$root"
    for crate in $(sed -n 's|^+++ b/crates/\([^/]*\)/.*|\1|p' "$here"/*.patch | sort -u); do
        cargo clean --quiet --profile dev --package "$crate"
    done
}
trap leave EXIT
# Inside somebody's work tree git would skip the patches without a word.
export GIT_CEILING_DIRECTORIES=${copy%/*}

# Whatever is committed or could be, as it is now.
cd "$root"
git ls-files --cached --others --exclude-standard -z |
    while IFS= read -r -d '' file; do
        if [[ -f $file ]]; then printf '%s\0' "$file"; fi
    done |
    tar --create --null --files-from=- --file=- | tar --extract --directory="$copy" --file=-
cd "$copy"

# Runs one property: package, test target, name. What it said is in `said`.
property() {
    said=$(cargo test --quiet --package "$1" --test "$2" -- --exact "$3" 2>&1)
}

bad=0
declare -A green
while read -r patch package target name; do
    [[ -z $patch || $patch == \#* ]] && continue
    if [[ -z ${green[$name]:-} ]]; then
        if ! property "$package" "$target" "$name"; then
            echo "$patch: $name is red before anything is planted"
            printf '%s\n' "$said"
            bad=1
            continue
        fi
        green[$name]=yes
    fi
    if ! git apply "$here/$patch"; then
        echo "$patch: does not apply any more"
        bad=1
        continue
    fi
    if property "$package" "$target" "$name"; then
        echo "$patch: NOT FOUND, $name is green"
        bad=1
    elif [[ $said == *"minimal failing input"* && $said == *"test result: FAILED. 0 passed; 1 failed"* ]]; then
        smallest=$(sed -n '/^minimal failing input/,/successes:/p' <<<"$said" | tr -d ' \n\t' | cut -c1-160)
        echo "$patch: found by $name: ${smallest#minimalfailinginput:}"
    else
        echo "$patch: $name failed for another reason"
        printf '%s\n' "$said"
        bad=1
    fi
    git apply --reverse "$here/$patch"
    rm -f crates/dose-controller/tests/properties/*.regressions tests/*.regressions
done <"$here/table.txt"
exit "$bad"
