"""The player's side of each tool: brought to the old release, updated or installed, and compared with the new one byte by byte."""

import json
import os
import pathlib
import re
import subprocess
import time

from . import measuring, trees
from .disk import Disk

TIMEOUT = 600


class Player:
    """Leaves nothing behind after a `with`."""

    def __init__(self, folder, server, environment):
        self.folder, self.server, self.environment = folder, server, environment
        self.disk = Disk(folder)

    def measure(self, publication, step):
        """One sample of `step`. Throws `Failed` where the tool fails or its result is not the new release."""
        self.disk.renew()
        tool = publication.tool
        script = publication.script(tool.script(step), result=self.folder / "result")
        if step == "update" and tool.prepare:
            prepare = publication.script(tool.prepare, result=self.folder / "result")
            self.run(prepare)
        os.sync()
        with self.server.counting() as traffic:
            cost = self.run(script)
        # Most tools end while what they wrote is in memory alone: an update that a power cut can undo is not done.
        began = time.monotonic()
        os.sync()
        stored = cost.seconds + time.monotonic() - began
        self._verify(publication)
        sample = {"seconds": cost.seconds, "stored": stored, "processor": cost.processor, "peak": cost.peak}
        if tool.traffic:
            return sample | _rsync_traffic((self.folder / tool.traffic).read_text())
        return sample | {"down": traffic.down, "up": traffic.up, "requests": traffic.requests}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.disk.remove()

    def run(self, script):
        return measuring.run(script, self.folder, self.environment, TIMEOUT, self.folder / "log")

    def _verify(self, publication):
        result, expected = self._located(publication.tool), publication.corpus.new
        if publication.tool.takes == "file":
            # The difference of two folders that hold one file each.
            folder = self.folder / "compared"
            folder.mkdir()
            result.rename(folder / "game.pak")
            result = folder
        difference = trees.difference(result, expected)
        if difference:
            raise measuring.Failed(f"the result is wrong: {difference}")

    def _located(self, tool):
        if not tool.locate:
            return self.folder / "result"
        answer = subprocess.run(
            tool.locate, shell=True, cwd=self.folder, env=self.environment, check=True, capture_output=True, text=True)
        return self.folder / pathlib.Path(json.loads(answer.stdout.splitlines()[-1])["active"]["path"])


def _rsync_traffic(text):
    def number(label):
        return int(re.search(rf"^{label}: ([\d,.]+)", text, re.MULTILINE)[1].replace(",", "").replace(".", ""))

    return {"down": number("Total bytes received"), "up": number("Total bytes sent"), "requests": 1}
