"""Debian packages of several suites, downloaded by apt with lists of its own and unpacked without installing anything.

The mirror is the one that this machine is set up with.
"""

import subprocess

from .says import say


class Debian:
    def __init__(self, folder):
        self.folder = folder
        self.archives = folder / "archives"
        self.archives.mkdir(parents=True, exist_ok=True)
        self.codename = _os_release()["VERSION_CODENAME"]
        self.mirror = self._mirror()

    def unpack(self, names, into, suite=None):
        """Packages and those they need that this machine lacks, unpacked below `into`."""
        suite = suite or self.codename
        self._update(suite)
        wanted = list(names) + [name for name in self._closure(names, suite) if not _is_installed(name)]
        for name in dict.fromkeys(wanted):
            self._apt("apt-get", suite, "download", "-qq", name, cwd=self.archives)
            archive = max(self.archives.glob(f"{name}_*.deb"), key=lambda path: path.stat().st_mtime)
            subprocess.run(["dpkg-deb", "-x", archive, into], check=True)

    def pool_file(self, path, digest):
        """A file of the mirror's pool, which keeps versions that no suite lists any more."""
        file = self.archives / path.rsplit("/", 1)[1]
        if not file.exists():
            say(f"download {file.name}")
            subprocess.run(
                ["/usr/lib/apt/apt-helper", "-o", "APT::Sandbox::User=root", "download-file", f"{self.mirror}pool/main/{path}", file, f"SHA256:{digest}"],
                check=True, stdout=subprocess.DEVNULL)
        return file

    def _mirror(self):
        targets = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", f"Codename: {self.codename}"]
        lines = subprocess.run(targets, check=True, capture_output=True, text=True).stdout.split()
        if not lines:
            raise SystemExit("no Debian mirror is known here: run apt-get update first")
        return lines[0]

    def _update(self, suite):
        home = self.folder / suite
        if (home / "updated").exists():
            return
        say(f"read the package lists of {suite}")
        (home / "lists/partial").mkdir(parents=True, exist_ok=True)
        (home / "cache/archives/partial").mkdir(parents=True, exist_ok=True)
        key = "/usr/share/keyrings/debian-archive-keyring.gpg"
        (home / "sources.list").write_text(f"deb [signed-by={key}] {self.mirror} {suite} main\n")
        self._apt("apt-get", suite, "update", "-qq")
        (home / "updated").touch()

    def _apt(self, program, suite, *words, cwd=None):
        home = self.folder / suite
        options = [f"Dir::Etc::sourcelist={home}/sources.list", "Dir::Etc::sourceparts=/dev/null"]
        # What is installed here would decide which version is wanted.
        options += ["Dir::State::status=/dev/null", f"Dir::State::lists={home}/lists", f"Dir::Cache={home}/cache"]
        options += ["APT::Sandbox::User=root"]
        command = [program] + [word for option in options for word in ("-o", option)] + list(words)
        return subprocess.run(command, check=True, capture_output=True, text=True, cwd=cwd).stdout

    def _closure(self, names, suite):
        kinds = ["recommends", "suggests", "conflicts", "breaks", "replaces", "enhances"]
        words = ["depends", "--recurse"] + [f"--no-{kind}" for kind in kinds] + list(names)
        lines = self._apt("apt-cache", suite, *words).splitlines()
        return [line for line in lines if line and line[0].isalnum()]


def _is_installed(name):
    question = ["dpkg-query", "-W", "-f", "${db:Status-Status}", name]
    return subprocess.run(question, capture_output=True, text=True).stdout.startswith("installed")


def _os_release():
    lines = open("/etc/os-release").read().splitlines()
    return {name: value.strip('"') for name, _, value in (line.partition("=") for line in lines)}
