#!/usr/bin/env bash
# Builds the controller and its frames without std and without a heap: for this machine always, and for a bare
# microcontroller where its core library is installed.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/target}/bare-metal
cd "$here"

for profile in dev release; do
    cargo build --quiet --locked --profile "$profile"
    cargo build --quiet --locked --profile "$profile" --features storage
    echo "bare-metal: builds for this machine ($profile), with storage and without"
done

target=thumbv7em-none-eabihf
if [[ -d $(rustc --print target-libdir --target "$target") ]]; then
    cargo build --quiet --locked --release --target "$target" --features storage
    echo "bare-metal: builds for $target"
else
    echo "bare-metal: $target is not installed here; not built for it"
fi
