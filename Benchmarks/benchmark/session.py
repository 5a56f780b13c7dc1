"""One run of the benchmark: fetch, install, publish, then measure all tools in turns, so that noise falls on all alike."""

import hashlib
import os
import platform
import shutil
import subprocess
import time

from . import corpora, measuring, publishing, tools
from .daemon import RsyncDaemon
from .debian import Debian
from .installing import Peers
from .line import Line
from .playing import Player
from .results import Results
from .says import say
from .server import Server

SCENARIOS = ["update", "install", "publish", "publish again"]


class Repeat:
    """How often a step is measured: `runs` times, but not again after `patience` seconds of it, nor when time is up."""

    def __init__(self, runs, patience, minutes):
        self.runs, self.patience = runs, patience
        self.end = time.monotonic() + minutes * 60

    def goes_on(self, result):
        if not result.samples:
            return True
        spent = sum(sample["seconds"] for sample in result.samples)
        return len(result.samples) < self.runs and spent < self.patience and time.monotonic() < self.end


class Session:
    def __init__(self, options):
        self.options = options
        self.folder = options.folder.resolve()
        self.debian = Debian(self.folder / "debian")
        self.peers = Peers(self.folder / "peers", self.debian)
        self.results = Results(self.folder / "results.json")
        self.repeat = Repeat(options.runs, options.patience, options.minutes)

    def run(self):
        games = self._corpora()
        self.peers.install()
        self.environment = self.peers.environment
        self.program = self._instar()
        self._note_facts()
        published = self.folder / "published"
        published.mkdir(exist_ok=True)
        if self.options.afresh:
            shutil.rmtree(published)
            published.mkdir()
        with Server(published, self.folder / "server", self.environment) as server, \
                RsyncDaemon(published, self.folder / "server", self.environment) as daemon:
            for corpus in games:
                if self.options.line:
                    self._measure_over_line(corpus, server)
                else:
                    self._measure(corpus, server, daemon)

    def _corpora(self):
        games = []
        for name in self.options.corpus:
            tree = corpora.fetch(name, self.folder / "corpora", self.debian)
            games += [tree] if "tree" in self.options.shape else []
            games += [corpora.pak(tree, self.folder / "corpora")] if "pak" in self.options.shape else []
        return games

    def _instar(self):
        """Puts the command among the peers; answers what tells one build of it from another."""
        program = self.options.instar
        if program is None:
            program = self._built("instar")
        link = self.peers.bin / "instar"
        link.unlink(missing_ok=True)
        # A copy: the build may go on while this runs.
        shutil.copy(program, link)
        return hashlib.sha256(link.read_bytes()).hexdigest()

    def _built(self, product):
        say(f"build {product}")
        root = self.options.source
        subprocess.run(["swift", "build", "-c", "release", "--product", product], cwd=root, check=True, stdout=subprocess.DEVNULL)
        return root / ".build/release" / product

    def _measure(self, corpus, server, daemon):
        publications = [
            publishing.Publication(tool, corpus, self.folder / "published", server.url, daemon.url) for tool in self._tools(corpus)
        ]
        publications = [
            publication for publication in publications
            if publishing.publish(publication, self.results, self.options.scenario, self.repeat, self.environment, self.program)
        ]
        with Player(self.folder / "player", server, self.environment) as player:
            for step in ("update", "install"):
                if step in self.options.scenario:
                    self._measure_in_turns(step, [one for one in publications if one.tool.script(step)], player)

    def _measure_in_turns(self, step, publications, player):
        open_results = [(one, self.results.begin(one.corpus.name, one.tool, step)) for one in publications]
        for turn in range(self.options.runs):
            for publication, result in open_results:
                if result.failure or not self.repeat.goes_on(result):
                    continue
                try:
                    result.samples.append(player.measure(publication, step))
                    say(f"{result.corpus}: {step} {turn + 1}: {result.tool}: {result.samples[-1]['seconds']:.2f} s")
                except measuring.Failed as error:
                    result.failure = str(error)
                    say(f"{result.corpus}: {step}: {result.tool}: failed: {error}")
                self.results.save()

    def _tools(self, corpus):
        for tool in tools.ALL:
            if self.options.tool and tool.name not in self.options.tool or corpus.shape not in tool.shapes:
                continue
            reason = self._obstacle(tool, corpus)
            if reason:
                say(f"{corpus.name}: {tool.name} is left out: {reason}")
                self.results.facts["left out"][f"{corpus.name}: {tool.name}"] = reason
            else:
                yield tool

    def _obstacle(self, tool, corpus):
        program, *option = tool.needs.split()
        if shutil.which(program, path=self.environment["PATH"]) is None:
            return self.peers.missing.get(program, f"there is no {program}")
        if option:
            answer = subprocess.run([program, "publish", "--help"], env=self.environment, capture_output=True, text=True)
            if option[0] not in answer.stdout:
                return f"this {program} has no {option[0]}"
        if tool.most and corpus.bytes > tool.most:
            return tool.why_most

    def _note_facts(self):
        self.results.facts |= {
            "processors": os.cpu_count(), "machine": platform.machine(), "load before": os.getloadavg()[0], "left out": {},
            "date": time.strftime("%Y-%m-%d"), "runs": self.options.runs,
        }

    def _measure_over_line(self, corpus, server):
        with Player(self.folder / "player", server, self.environment) as player:
            line = Line(corpus, server, player, self.results, self._built("instar-line"))
            line.measure(self.options.runs, self.repeat, self.environment, self.program)
