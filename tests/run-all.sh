#!/usr/bin/env bash
# Everything that must hold before a change is merged: oracles present, format, lints, all tests.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

summary=()

# The time of each stage is printed at once and again at the end.
stage() {
    local name=$1 started=$SECONDS
    shift
    printf '\n== %s\n' "$name"
    if ! "$@"; then
        printf '== %s: FAILED after %d s\n' "$name" $((SECONDS - started)) >&2
        exit 1
    fi
    summary+=("$(printf '%-10s %5d s' "$name" $((SECONDS - started)))")
    printf '== %s\n' "${summary[-1]}"
}

# nextest runs the test binaries in parallel and names slow tests; without it cargo's own runner does the same work.
run_tests() {
    if cargo nextest --version >/dev/null 2>&1; then
        cargo nextest run --workspace --locked --no-fail-fast &&
            cargo test --workspace --locked --doc
    else
        cargo test --workspace --locked --no-fail-fast
    fi
}

stage oracles tests/oracles/install.sh
stage format cargo fmt --all --check
stage lints cargo clippy --workspace --all-targets --locked -- -D warnings
stage tests run_tests
stage quickstart cargo run -- run --arch arm64 workloads/quickstart.toml
stage check cargo run --quiet --locked -- check workloads
stage cycles tests/cycles.sh

printf '\nall stages passed in %d s\n' "$SECONDS"
printf '  %s\n' "${summary[@]}"
