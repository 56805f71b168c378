#!/usr/bin/env bash
# Compares the cycles of some typical calls, on every core, with those that were written down; `--bless` writes them down anew.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly baseline=tests/cycles.json
readonly calls=(
    workloads/quickstart.toml
    workloads/abi/reflectcall-{16,64,256,1k}.toml
    workloads/abi/{call-none,call-string,call-pointers-64,makefunc-string,method-registers}.toml
)
cores=()
if [[ ${1:-} == --bless ]]; then
    cores=(--core all --bless)
fi

cargo run --quiet --locked -- check --epoch go1.19,go1.27 --baseline "$baseline" "${cores[@]}" "${calls[@]}"
