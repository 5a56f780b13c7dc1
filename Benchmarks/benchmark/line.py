"""The whole command over a modelled long line, beside a downloader with sixteen connections that fetches as many bytes as one file."""

import json
import subprocess
from contextlib import contextmanager

from . import corpora, measuring, publishing
from .limits import ARIA, MEGABIT, ROUND_TRIP
from .says import say
from .tools.instar import INSTAR
from .tools.tool import Tool

#: Percent of all packets.
LOSSES = (0, 1)
STEPS = ("update", "install")
DOWNLOADER = Tool(name=ARIA, family="whole", takes="file", needs="aria2c")
FETCH = "aria2c -q -x16 -s16 -k1M --file-allocation=none --dir . --out file {url}"


@contextmanager
def relay(program, port, loss):
    """A long line in front of a server on loopback; yields its port."""
    words = [program, "relay", str(port), str(ROUND_TRIP), str(MEGABIT), str(loss)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


class Line:
    """Measures on one corpus. `program` is `instar-line`, which has the line."""

    def __init__(self, corpus, server, player, results, program):
        self.corpus, self.server, self.player, self.results, self.program = corpus, server, player, results, program
        self.files = server.root / "files"

    def measure(self, runs, repeat, environment, key):
        repository = publishing.Publication(INSTAR, self.corpus, self.server.root, self.server.url, "")
        if not publishing.publish(repository, self.results, [], repeat, environment, key):
            return
        for loss in LOSSES:
            with relay(self.program, self.server.port, loss) as port:
                url = f"http://127.0.0.1:{port}"
                repository.words["url"] = f"{url}/{repository.out.relative_to(self.server.root)}"
                for step in STEPS:
                    self._measure_in_turns(step, loss, repository, url, runs)

    def _measure_in_turns(self, step, loss, repository, url, runs):
        name = corpora.over_a_line(self.corpus.name, loss)
        ours, theirs = (self.results.begin(name, tool, step) for tool in (INSTAR, DOWNLOADER))
        for turn in range(runs):
            try:
                ours.samples.append(self.player.measure(repository, step) | {"down": self._bytes()})
                theirs.samples.append(self._download(ours.samples[-1]["down"], url))
            except measuring.Failed as error:
                (theirs if len(ours.samples) > len(theirs.samples) else ours).failure = str(error)
                say(f"{name}: {step}: failed: {error}")
                break
            finally:
                self.results.save()
            say(f"{name}: {step} {turn + 1}: {ours.samples[-1]['seconds']:.2f} s in {ours.samples[-1]['requests']} requests, "
                f"{ARIA} {theirs.samples[-1]['seconds']:.2f} s")

    def _bytes(self):
        """What the command says that came. The server's log also has what the line took and nobody fetched from it."""
        return json.loads((self.player.folder / "update.json").read_text().splitlines()[-1])["bytesDownloaded"]

    def _download(self, size, url):
        """Fetches one file of `size` bytes, made of noise."""
        self.files.mkdir(exist_ok=True)
        file = self.files / str(size)
        if not file.exists():
            with open("/dev/urandom", "rb") as noise:
                file.write_bytes(noise.read(size))
        self.player.disk.renew()
        with self.server.counting() as traffic:
            cost = self.player.run(FETCH.format(url=f"{url}/files/{size}"))
        if (self.player.folder / "file").read_bytes() != file.read_bytes():
            raise measuring.Failed("the file is another one")
        return {
            "seconds": cost.seconds, "processor": cost.processor, "peak": cost.peak, "down": size, "up": traffic.up,
            "requests": traffic.requests,
        }
