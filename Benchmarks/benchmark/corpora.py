"""Two successive releases of real games, fetched once: which packages of which versions says corpora.json.

A corpus is there as a tree (`old/`, `new/`) and as a pak: a folder with one archive of the same files, uncompressed.
"""

import filecmp
import json
import os
import pathlib
import shutil
import subprocess
import sys
from dataclasses import dataclass

from .says import say

FACTS = json.loads((pathlib.Path(__file__).parent / "corpora.json").read_text())
NAMES = set(FACTS)
LINE = ", long line, "
#: The time of every file of the old release, and of what is new or changed in the new one, in seconds since 1970: packages carry the
#: times of their making, and a build leaves the times of unchanged files alone.
STAMPS = {"old": 1704067200, "new": 1717200000}


@dataclass(frozen=True)
class Corpus:
    """`name` is `B` for the tree and `Bpak` for the pak; `old` and `new` are folders."""

    name: str
    shape: str
    old: pathlib.Path
    new: pathlib.Path

    def side(self, side):
        return self.old if side == "old" else self.new

    def single(self, side):
        """The one file of a pak, which tools for files work on."""
        return self.side(side) / "game.pak"

    @property
    def bytes(self):
        return sum(file.stat().st_size for file in self.new.rglob("*") if file.is_file())


def fetch(name, folder, debian):
    """The tree of a corpus, downloaded where it is not there yet."""
    for side, stamp in STAMPS.items():
        tree = folder / name / side
        if tree.exists():
            continue
        say(f"corpus {name}, {side}: {FACTS[name]['what']}")
        part = folder / name / f"{side}.part"
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        (_unpack_debian if FACTS[name]["kind"] == "debian" else _install_python)(FACTS[name], side, part, debian)
        _settle(part, stamp)
        if side == "new":
            _date_unchanged(part, folder / name / "old")
        part.rename(tree)
    return Corpus(name, "tree", folder / name / "old", folder / name / "new")


def over_a_line(name, loss):
    """What the corpus is called where it was fetched over the long line, at so many percent of loss."""
    return f"{name}{LINE}{loss} % loss"


def pak(tree, folder):
    """The same files as one archive, as games that ship one large file have it."""
    home = folder / f"{tree.name}pak"
    for side, stamp in STAMPS.items():
        file = home / side / "game.pak"
        if file.exists():
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        part = home / f"{side}.part"
        fixed = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner"]
        subprocess.run(["tar", *fixed, "-C", tree.side(side), "-cf", part, "."], check=True)
        os.utime(part, (stamp, stamp))
        part.rename(file)
    return Corpus(home.name, "pak", home / "old", home / "new")


def _unpack_debian(facts, side, into, debian):
    for path, digest in facts[side]:
        subprocess.run(["dpkg-deb", "-x", debian.pool_file(path, digest), into], check=True)


def _install_python(facts, side, into, _):
    pip = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--root-user-action=ignore"]
    subprocess.run([*pip, "--no-compile", "--no-deps", "--target", into, *facts[side], *facts["both"]], check=True)
    shutil.rmtree(into / "bin", ignore_errors=True)
    # These say when and from where the packages were installed.
    for name in ("direct_url.json", "RECORD", "REQUESTED", "INSTALLER"):
        for file in into.rglob(name):
            file.unlink()


def _settle(tree, stamp):
    """Links of packaging that lead out of the tree go; every time is the same in every run."""
    for path in tree.rglob("*"):
        if path.is_symlink():
            path.unlink()
    for path in [*tree.rglob("*"), tree]:
        os.utime(path, (stamp, stamp))


def _date_unchanged(new, old):
    """Gives files that are as they were, and folders, the old release's time."""
    for path in new.rglob("*"):
        before = old / path.relative_to(new)
        if path.is_dir() or before.is_file() and filecmp.cmp(path, before, shallow=False):
            os.utime(path, (STAMPS["old"], STAMPS["old"]))
