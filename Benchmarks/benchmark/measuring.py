"""What one step costs: wall time, processor time of all its processes, and the peak memory of the largest of them."""

import os
import signal
import subprocess
import threading
import time
from dataclasses import dataclass


class Failed(Exception):
    """A step that could not be carried out; the text is what its programs said."""


@dataclass
class Cost:
    seconds: float
    processor: float
    peak: int  # bytes


def run(script, cwd, environment, timeout, log):
    """Runs a shell script to its end and answers what it cost.

    A process begins with the peak of the one it was forked from, and Python's is larger than some peers', so the small
    program `time` stands between and reports.
    """
    peak = cwd / ".peak"
    command = [environment["GNU_TIME"], "-q", "-f", "%M", "-o", str(peak), "/bin/sh", "-ec", script]
    with open(log, "w+b") as output:
        began = time.monotonic()
        process = subprocess.Popen(
            command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)
        status, usage = _wait(process, timeout)
        seconds = time.monotonic() - began
        if status != 0:
            output.seek(max(0, output.tell() - 600))
            reason = "took too long" if status is None else f"ended with {status}: {output.read().decode(errors='replace').strip()}"
            raise Failed(reason)
    cost = Cost(seconds, usage.ru_utime + usage.ru_stime, int(peak.read_text().split()[-1]) * 1024)
    peak.unlink()
    return cost


def _wait(process, timeout):
    """The exit status and usage; no status where time ran out and the whole session of the process was ended."""
    expired = threading.Event()

    def end():
        expired.set()
        os.killpg(process.pid, signal.SIGKILL)

    watch = threading.Timer(timeout, end)
    watch.start()
    try:
        _, status, usage = os.wait4(process.pid, 0)
    finally:
        watch.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    return (None if expired.is_set() else process.returncode), usage
