"""This program checked on a made-up game of a few files: what it counts, what it accepts, and that it catches a liar."""

import os
import random
import shutil
import tempfile
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

from . import measuring, report, session, trees
from .corpora import Corpus
from .playing import Player
from .publishing import Publication, publish
from .results import Results
from .server import Server
from .tools.instar import INSTAR
from .tools.tool import Tool

FETCH = "mkdir {result}; cd {result}; for file in a b; do python3 -c 'import sys, urllib.request as net; " \
    "open(sys.argv[2], \"wb\").write(net.urlopen(sys.argv[1]).read())' {url}/$file $file; done"
HONEST = Tool(name="honest", family="whole", takes="tree", publish="cp {new}/* {out}", install=FETCH)
LIAR = replace(HONEST, name="liar", install=FETCH + "; printf x >> b")
GREEDY = replace(HONEST, name="greedy", install=FETCH + "; touch c")


def run(options):
    """Prints each check; 1 where one failed."""
    checks = Checks()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        game = _game(folder)
        environment = os.environ | {"GNU_TIME": _time(folder), "LC_ALL": "C.UTF-8"}
        if options.instar:
            (folder / "bin").mkdir()
            (folder / "bin/instar").symlink_to(options.instar.resolve())
            environment["PATH"] = f"{folder}/bin:{environment['PATH']}"
        environment["PATH"] += ":/usr/sbin"
        _measurements(checks, folder, game, environment, options)
    _comparisons(checks)
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


class Checks:
    def __init__(self):
        self.passed = self.failed = 0

    def expect(self, condition, sentence):
        print(f"{'ok  ' if condition else 'FAIL'} {sentence}")
        self.passed, self.failed = self.passed + bool(condition), self.failed + (not condition)


def _game(folder):
    chance = random.Random(1)
    game = Corpus("tiny", "tree", folder / "old", folder / "new")
    for side in ("old", "new"):
        game.side(side).mkdir()
        (game.side(side) / "a").write_bytes(random.Random(2).randbytes(300_000))
    (game.old / "b").write_bytes(chance.randbytes(1000))
    (game.new / "b").write_bytes(chance.randbytes(2000))
    return game


def _time(folder):
    """GNU time, or what stands for it where it is not installed: these checks look at no memory."""
    found = shutil.which("time")
    if found:
        return found
    script = folder / "time"
    script.write_text('#!/bin/sh\n# -q -f %M -o FILE COMMAND…\necho 1 > "$5"\nshift 5\nexec "$@"\n')
    script.chmod(0o755)
    return str(script)


def _measurements(checks, folder, game, environment, options):
    results, repeat = Results(folder / "results.json"), session.Repeat(runs=2, patience=60, minutes=1)
    results.facts = {"processors": 1, "runs": 2}
    tools = [HONEST, LIAR, GREEDY] + ([INSTAR] if options.instar else [])
    with Server(folder / "published", folder / "server", environment) as server, \
            Player(folder / "player", server, environment) as player:
        for tool in tools:
            one = Publication(tool, game, folder / "published", server.url, "")
            checks.expect(publish(one, results, ["publish"], repeat, environment, ""), f"{tool.name} publishes")
            for step in ("install", "update"):
                if tool.script(step):
                    _try(one, step, player, results)
        made = results.find("tiny", "honest", "install")
        checks.expect(made is not None and made.samples[0]["requests"] == 2, "an honest tool's requests are counted")
        checks.expect(made is not None and 302_000 < made.samples[0]["down"] < 303_000, "and its bytes, heads included")
        checks.expect("other bytes" in _failure(results, "liar"), "a result with other bytes is refused")
        checks.expect("too many" in _failure(results, "greedy"), "a result with a file too many is refused")
        checks.expect(made is not None and made.samples[0]["processor"] > 0, "processor time of children is counted")
        if options.instar:
            _instar(checks, results)
        _time_out(checks, folder, environment)
    checks.expect(report.write(folder) == 0 and "honest" in (folder / "results.md").read_text(), "a report is written")


def _try(publication, step, player, results):
    result = results.begin("tiny", publication.tool, step)
    try:
        result.samples.append(player.measure(publication, step))
    except measuring.Failed as error:
        result.failure = str(error)
    results.save()


def _failure(results, tool):
    return next(result.failure for result in results.all if result.tool == tool and result.step == "install")


def _instar(checks, results):
    install, update = (results.find("tiny", "instar", step) for step in ("install", "update"))
    checks.expect(install is not None, f"instar installs: {_reason(results, 'install')}")
    checks.expect(update is not None, f"instar updates: {_reason(results, 'update')}")
    if install and update:
        checks.expect(update.median("down") < 60_000 < install.median("down"), "and an update costs less than an install")


def _reason(results, step):
    return next((result.failure for result in results.all if result.tool == "instar" and result.step == step), "") or "its release is right"


def _time_out(checks, folder, environment):
    try:
        measuring.run("sleep 60 & wait", folder, environment, 0.3, folder / "log")
        checks.expect(False, "a step that takes too long is ended")
    except measuring.Failed as error:
        checks.expect("too long" in str(error), "a step that takes too long is ended")


def _comparisons(checks):
    with tempfile.TemporaryDirectory() as name:
        one, two = Path(name) / "one", Path(name) / "two"
        for tree in (one, two):
            (tree / "empty").mkdir(parents=True)
            (tree / "file").write_text("x")
        checks.expect(trees.difference(one, two) is None, "equal trees are equal")
        (one / "empty").rmdir()
        checks.expect("empty is missing" == trees.difference(one, two), "a missing folder is a difference")
        (one / "empty").symlink_to("file")
        checks.expect("link" in trees.difference(one, two), "a link in place of a folder is a difference")
