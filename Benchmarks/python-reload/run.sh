#!/usr/bin/env bash
# The engine beside its peers: which of its cases they pass, and how long they take on one generated program. The peers
# (IPython, jurigged) go into a virtual environment of this folder.
# ENGINES in the environment names those to run: instar importlib ipython jurigged.
# usage: Benchmarks/python-reload/run.sh [PYTHON] [cases|times] [LIMIT]     LIMIT: seconds for one measurement, 420
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
python=${1:-python3}
swift build --package-path "$here/../.." -c release --product instar
instar=$(swift build --package-path "$here/../.." -c release --show-bin-path)/instar
if [ ! -d "$here/.venv" ]; then
  "$python" -m venv "$here/.venv"
  "$here/.venv/bin/pip" install --quiet ipython jurigged
fi
"$here/.venv/bin/python" --version
"$here/.venv/bin/pip" list 2> /dev/null | grep -iE '^(ipython|jurigged) '
exec "$here/.venv/bin/python" "$here/compare.py" "$instar" "$here/.venv/bin/python" "$python" "${@:2}"
