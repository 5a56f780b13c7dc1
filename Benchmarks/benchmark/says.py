"""What this program says while it works: one line a step, on standard error."""

import sys
import time

_began = time.monotonic()


def say(text):
    minutes, seconds = divmod(int(time.monotonic() - _began), 60)
    print(f"{minutes:3d}:{seconds:02d}  {text}", file=sys.stderr, flush=True)
