#!/bin/sh
# Makes .venv and installs fieldledger into it. Says in one line what is missing.
# Usage: tools/setup.sh [extras], for instance: tools/setup.sh test
set -eu
cd "$(dirname "$0")/.."
extras=${1:-}

missing() {
    echo "setup: missing: $1" >&2
    exit 2
}

python=
for candidate in python3.12 python3.11 python3; do
    if command -v "$candidate" >/dev/null 2>&1 &&
        "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null; then
        python=$candidate
        break
    fi
done
[ -n "$python" ] || missing "Python 3.11 or 3.12 (Debian, Ubuntu: apt install python3.11 python3.11-dev python3.11-venv; macOS: brew install python@3.12)"
version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
"$python" -c 'import venv, ensurepip' 2>/dev/null ||
    missing "the venv module of Python $version (Debian, Ubuntu: apt install python$version-venv)"
header=$("$python" -c 'import sysconfig, pathlib; print(pathlib.Path(sysconfig.get_paths()["include"]) / "Python.h")')
[ -f "$header" ] || missing "the headers of Python $version (Debian, Ubuntu: apt install python$version-dev)"
compiler=${CC:-}
for candidate in cc gcc clang; do
    [ -n "$compiler" ] || ! command -v "$candidate" >/dev/null 2>&1 || compiler=$candidate
done
[ -n "$compiler" ] || missing "a C compiler (Debian, Ubuntu: apt install build-essential; macOS: xcode-select --install)"

[ -x .venv/bin/python ] || "$python" -m venv .venv
stamp=.venv/installed${extras:+-$extras}
if [ ! -f "$stamp" ] || [ pyproject.toml -nt "$stamp" ]; then
    echo "setup: installing into .venv (a C extension is compiled; this takes a minute)" >&2
    log=.venv/install.log
    if ! .venv/bin/python -m pip install --disable-pip-version-check -q -e ".${extras:+[$extras]}" >"$log" 2>&1; then
        tail -20 "$log" >&2
        missing "a package that could not be installed; the whole log is in $log"
    fi
    touch "$stamp"
fi
