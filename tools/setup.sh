#!/bin/sh
# Makes .venv and installs fieldledger into it. Says in one line what is missing.
# Usage: tools/setup.sh [extras], for instance: tools/setup.sh test
# Python 3.12 is taken before 3.11; FIELDLEDGER_PYTHON names another (a command or a path):
#   FIELDLEDGER_PYTHON=python3.11 tools/setup.sh test
set -eu
cd "$(dirname "$0")/.."
extras=${1:-}

missing() {
    echo "setup: missing: $1" >&2
    exit 2
}

install="(Debian, Ubuntu: apt install python3.11 python3.11-dev python3.11-venv; macOS: brew install python@3.12)"
version_of() {
    "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || true
}

python=
found=
if [ -n "${FIELDLEDGER_PYTHON:-}" ]; then
    set -- "$FIELDLEDGER_PYTHON"
else
    set -- python3.12 python3.11 python3
fi
for candidate; do
    version=$(version_of "$candidate")
    case $version in
    3.11 | 3.12)
        python=$candidate
        break
        ;;
    3.1[3-9]) found="; $candidate is Python $version, where durable-rules 2.0.28 cannot be loaded" ;;
    ?*) found="; $candidate is Python $version" ;;
    *) [ -z "${FIELDLEDGER_PYTHON:-}" ] || found="; FIELDLEDGER_PYTHON names $candidate, which cannot be run" ;;
    esac
done
[ -n "$python" ] || missing "Python 3.11 or 3.12 $install$found"
if [ -x .venv/bin/python ] && [ "$(version_of .venv/bin/python)" != "$version" ]; then
    [ -z "${FIELDLEDGER_PYTHON:-}" ] ||
        missing ".venv of Python $version: this one is of Python $(version_of .venv/bin/python) (make clean, then again)"
    python=.venv/bin/python
    version=$(version_of "$python")
fi
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
