"""An rsync daemon on loopback over one folder."""

import shutil
import subprocess

from .server import free_port, wait_for_port


class RsyncDaemon:
    """A context manager: the daemon runs inside it. There is none where there is no rsync."""

    def __init__(self, root, home, environment):
        self.root, self.home, self.environment = root, home, environment
        self.port = free_port()
        self.url = f"rsync://127.0.0.1:{self.port}/published"
        self.process = None

    def __enter__(self):
        if shutil.which("rsync", path=self.environment["PATH"]) is None:
            return self
        self.home.mkdir(parents=True, exist_ok=True)
        file = self.home / "rsyncd.conf"
        file.write_text(f"use chroot = no\nlog file = /dev/null\n[published]\npath = {self.root}\nread only = yes\nuid = 0\ngid = 0\n")
        command = ["rsync", "--daemon", "--no-detach", f"--port={self.port}", "--address=127.0.0.1", f"--config={file}"]
        self.process = subprocess.Popen(command, env=self.environment)
        wait_for_port(self.port, self.process)
        return self

    def __exit__(self, *_):
        if self.process:
            self.process.terminate()
            self.process.wait()
