#!/bin/sh
# Times the engine and its peers on one generated program. IPython goes into a virtual environment of this folder.
# Usage: Benchmarks/python-reload/run.sh [PYTHON]   (after `swift build -c release --product instar`)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
python=${1:-python3}
instar=$here/../../.build/release/instar
"$instar" dev "$here" program.py instar --python "$python"
"$python" "$here/program.py" importlib
if [ ! -d "$here/.venv" ]; then
    "$python" -m venv "$here/.venv"
    "$here/.venv/bin/pip" install --quiet ipython
fi
"$here/.venv/bin/python" "$here/program.py" ipython
