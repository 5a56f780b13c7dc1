"""A repository made with python-tuf's metadata classes, edited as objects and served over HTTP.

It is the other side of the interoperability tests: every byte that `instar-tuf` sees here was written by
python-tuf and securesystemslib.
"""

import copy
import hashlib
import http.server
import os
import subprocess
import tempfile
import threading
from datetime import datetime, timedelta, timezone
from urllib.parse import quote, unquote

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    MetaFile,
    Metadata,
    Root,
    Snapshot,
    SuccinctRoles,
    TargetFile,
    Targets,
    Timestamp,
)
from tuf.api.serialization.json import JSONSerializer

TOP = ["root", "targets", "snapshot", "timestamp"]
ONLINE = ["targets", "snapshot", "timestamp"]


class Repository:
    """Everything that is published, and what was asked for."""

    def __init__(self):
        self.expiry = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(days=30)
        self.metadata = {
            "root": Metadata(Root(expires=self.expiry)),
            "timestamp": Metadata(Timestamp(expires=self.expiry)),
            "snapshot": Metadata(Snapshot(expires=self.expiry)),
            "targets": Metadata(Targets(expires=self.expiry)),
        }
        self.signers = {}
        self.published = {}  # role -> list of bytes, first version first
        self.artifacts = {}  # target path -> bytes
        self.with_hashes = False
        self.requests = []  # (role, version) as they arrived
        self.downloads = []  # (target path, hash prefix)
        for role in TOP:
            self.add_key(role)
        self.publish(ONLINE + ["root"])

    def __getattr__(self, role):
        return self.metadata[role].signed

    def add_key(self, role, signer=None):
        signer = signer or CryptoSigner.generate_ed25519()
        self.root.add_key(signer.public_key, role)
        self.signers.setdefault(role, []).append(signer)
        return signer

    def rotate_keys(self, role):
        for key in list(self.root.roles[role].keyids):
            self.root.revoke_key(key, role)
        self.signers[role] = []
        for _ in range(self.root.roles[role].threshold):
            self.add_key(role)

    def publish(self, roles, restart=False):
        """Signs the next version of each role, or version 1 again."""
        for role in roles:
            item = self.metadata[role]
            if restart:
                self.published.pop(role, None)
                item.signed.version = 1
            elif role in self.published:
                item.signed.version += 1
            item.signatures.clear()
            for signer in self.signers.get(role, []):
                item.sign(signer, append=True)
            data = item.to_bytes(JSONSerializer())
            self.published.setdefault(role, []).append(data)
            record = MetaFile(item.signed.version)
            if self.with_hashes:
                record.length = len(data)
                record.hashes = {"sha256": hashlib.sha256(data).hexdigest()}
            if role == "snapshot":
                self.timestamp.snapshot_meta = record
            elif role not in ("root", "timestamp"):
                self.snapshot.meta[role + ".json"] = record

    def add_artifact(self, path, data, role="targets", hashes=("sha256",)):
        self.artifacts[path] = data
        self.metadata[role].signed.targets[path] = TargetFile.from_data(path, data, list(hashes))

    def delegate(self, delegator, role, paths=("*",), terminating=False, expires=None, prefixes=None):
        signed = self.metadata[delegator].signed
        if signed.delegations is None:
            signed.delegations = Delegations({}, roles={})
        edge = DelegatedRole(role, [], 1, terminating, None if prefixes else list(paths), prefixes)
        signed.delegations.roles[role] = edge
        signer = CryptoSigner.generate_ed25519()
        signed.add_key(signer.public_key, role)
        self.signers.setdefault(role, []).append(signer)
        if role not in self.metadata:
            self.metadata[role] = Metadata(Targets(expires=expires or self.expiry))

    def delegate_bins(self, bits, prefix):
        bins = SuccinctRoles([], 1, bits, prefix)
        self.targets.delegations = Delegations({}, None, bins)
        signer = CryptoSigner.generate_ed25519()
        self.targets.add_key(signer.public_key)
        for name in bins.get_roles():
            self.metadata[name] = Metadata(Targets(expires=self.expiry))
            self.signers[name] = [signer]
        return list(bins.get_roles())

    def fetch(self, path):
        """The bytes under a path, None if there are none; keeps the books."""
        if path.startswith("metadata/"):
            name = path[len("metadata/") : -len(".json")]
            version, _, role = name.partition(".")
            if name == "timestamp":
                role, number = name, None
            elif role == "root" or self.root.consistent_snapshot:
                number = int(version)
            else:
                role, number = name, None
            self.requests.append((role, number))
            files = self.published.get(unquote(role), [])
            if number is None:
                return files[-1] if files else None
            return files[number - 1] if 1 <= number <= len(files) else None
        folder, slash, name = path[len("targets/") :].rpartition("/")
        prefix = None
        if self.root.consistent_snapshot:
            prefix, _, name = name.partition(".")
        target = unquote(folder + slash + name)
        self.downloads.append((target, prefix))
        return self.artifacts.get(target)


class Server:
    """Serves one repository on a free port of loopback; statuses can be forced by path."""

    def __init__(self, repository):
        self.repository = repository
        self.statuses = {}
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                path = self.path.lstrip("/")
                data = outer.repository.fetch(path)
                status = outer.statuses.get(path, 200 if data is not None else 404)
                self.send_response(status)
                body = data if status == 200 else b"no"
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}/"

    def close(self):
        self.http.shutdown()
        self.http.server_close()


class Client:
    """Runs the client under test in folders of its own."""

    def __init__(self, tool, repository):
        self.tool = tool
        self.repository = repository
        self.server = Server(repository)
        self.folder = tempfile.TemporaryDirectory()
        self.metadata = os.path.join(self.folder.name, "metadata")
        self.targets = os.path.join(self.folder.name, "targets")
        os.mkdir(self.metadata)
        os.mkdir(self.targets)
        self.reason = ""

    def run(self, *words, now=None):
        time = ["--now", str(int(now.timestamp()))] if now else []
        result = subprocess.run(
            [self.tool, *time, "--metadata-dir", self.metadata, *words], capture_output=True, timeout=60
        )
        self.reason = result.stderr.decode(errors="replace")
        assert result.returncode in (0, 1), f"status {result.returncode}: {self.reason}"
        assert (result.returncode == 0) == (self.reason == ""), f"status {result.returncode} said {self.reason!r}"
        return result.returncode

    def init(self, root=None):
        path = os.path.join(self.folder.name, "root")
        with open(path, "wb") as file:
            file.write(root if root is not None else self.repository.published["root"][0])
        return self.run("init", path)

    def refresh(self, now=None):
        return self.run("--metadata-url", self.server.url + "metadata", "refresh", now=now)

    def download(self, *names, now=None):
        words = [word for name in names for word in ("--target-name", name)]
        return self.run(
            "--metadata-url", self.server.url + "metadata/", "--target-base-url", self.server.url + "targets/",
            "--target-dir", self.targets, *words, "download", now=now,
        )

    def roles(self):
        """The trusted roles and their versions."""
        found = {}
        for name in sorted(os.listdir(self.metadata)):
            if name.endswith(".json"):
                item = Metadata.from_file(os.path.join(self.metadata, name))
                found[name[: -len(".json")]] = item.signed.version
        return found

    def stored(self, role):
        with open(os.path.join(self.metadata, role + ".json"), "rb") as file:
            return file.read()

    def files(self):
        """The contents of all downloaded files."""
        return sorted(
            open(os.path.join(where, name), "rb").read() for where, _, names in os.walk(self.targets) for name in names
        )

    def close(self):
        self.server.close()
        self.folder.cleanup()


def days_ago(days):
    return datetime.now(timezone.utc).replace(microsecond=0) - timedelta(days=days)


def encoded(role):
    return quote(role, "")


def clone(value):
    return copy.deepcopy(value)
