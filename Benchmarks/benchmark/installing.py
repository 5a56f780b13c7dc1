"""The peers, installed into a folder of their own: Debian packages unpacked, two Python packages.

A peer that cannot be had is left out of the measurements, and the report says so.
"""

import os
import subprocess
import sys

from .says import say

PACKAGES = ["casync", "zsync", "zchunk", "ostree", "rsync", "xdelta3", "bsdiff", "zstd", "aria2", "curl", "openssl", "time", "nginx"]
#: Packages that only newer releases of Debian have.
NEWER = {"desync": "testing"}
#: Python packages with a command of their own.
DETOOLS = "detools==0.53.0"
HDIFFPATCH = ["hdiffpatch==2.6.0", "attrs"]

#: HDiffPatch's library as a command. It works in memory, like the project's own command by default.
HDIFFPATCH_COMMAND = """
import pathlib, sys
import hdiffpatch
step, old, other, result = sys.argv[1:]
old, other = pathlib.Path(old).read_bytes(), pathlib.Path(other).read_bytes()
if step == "diff":
    made = hdiffpatch.diff(old, other, hdiffpatch.ZStdConfig(level=20, window=24), validate=False)
else:
    made = hdiffpatch.apply(old, other)
pathlib.Path(result).write_bytes(made)
"""


class Peers:
    def __init__(self, folder, debian):
        self.folder = folder
        self.debian = debian
        self.bin = folder / "usr/bin"
        #: Why a program is not there, by its name.
        self.missing = {}

    def install(self):
        self.bin.mkdir(parents=True, exist_ok=True)
        self._once("packages", lambda: self.debian.unpack(PACKAGES, self.folder))
        for name, suite in NEWER.items():
            self._once(name, lambda: self.debian.unpack([name], self.folder, suite))
        self._once("detools", self._install_detools)
        self._once("hdiffpatch", self._install_hdiffpatch)

    @property
    def environment(self):
        """What scripts run with: the peers before the system's programs, no proxies, no language."""
        libraries = self.folder / f"usr/lib/{os.uname().machine}-linux-gnu"
        return {
            "PATH": f"{self.bin}:{self.folder}/usr/sbin:{self.folder}/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            "LD_LIBRARY_PATH": f"{libraries}:{self.folder}/lib/{os.uname().machine}-linux-gnu",
            "CASYNC_PROTOCOL_PATH": f"{self.folder}/usr/lib/casync/protocols",
            "GNU_TIME": str(self.bin / "time"),
            "HOME": str(self.folder),
            "LC_ALL": "C.UTF-8",
        }

    def _once(self, name, install):
        mark = self.folder / f".{name}"
        if mark.exists():
            return
        say(f"install {name}")
        try:
            install()
            mark.touch()
        except (subprocess.CalledProcessError, OSError) as error:
            text = getattr(error, "stderr", None) or str(error)
            text = text if isinstance(text, str) else text.decode(errors="replace")
            self.missing[name] = text.strip().splitlines()[-1] if text.strip() else "it could not be installed"
            say(f"{name} is left out: {self.missing[name]}")

    def _install_detools(self):
        self._install_python("detools", [DETOOLS])
        self._command("detools", '-m detools "$@"')

    def _install_hdiffpatch(self):
        self._install_python("hdiffpatch", HDIFFPATCH)
        script = self.folder / "hdiffpatch.command.py"
        script.write_text(HDIFFPATCH_COMMAND)
        self._command("hdiffpatch", f'{script} "$@"')

    def _install_python(self, name, packages):
        target = self.folder / "python" / name
        _run(sys.executable, "-m", "pip", "install", "-q", "--root-user-action=ignore", "--target", target, *packages)

    def _command(self, name, what):
        wrapper = self.bin / name
        wrapper.write_text(f"#!/bin/sh\nPYTHONPATH={self.folder}/python/{name} exec {sys.executable} {what}\n")
        wrapper.chmod(0o755)


def _run(*words):
    subprocess.run([str(word) for word in words], check=True, capture_output=True, text=True)
