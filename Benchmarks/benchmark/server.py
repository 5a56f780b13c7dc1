"""nginx on loopback over one folder, with a log that counts every byte of every answer, heads included."""

import socket
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass

CONFIGURATION = """
daemon off; worker_processes 1; {user} pid {home}/nginx.pid;
events {{ worker_connections 1024; }}
http {{
    log_format counted '$bytes_sent $request_length $status $request_uri';
    access_log {home}/access.log counted;
    client_body_temp_path {home}/body; proxy_temp_path {home}/proxy; fastcgi_temp_path {home}/fastcgi;
    uwsgi_temp_path {home}/uwsgi; scgi_temp_path {home}/scgi;
    default_type application/octet-stream; sendfile on; tcp_nodelay on; keepalive_requests 1000000; max_ranges 1000;
    server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""


@dataclass
class Traffic:
    """`down` and `up` in bytes."""

    down: int = 0
    up: int = 0
    requests: int = 0


class Server:
    """A context manager: the server runs inside it."""

    def __init__(self, root, home, environment):
        self.root, self.home, self.environment = root, home, environment
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = home / "access.log"

    def __enter__(self):
        self.home.mkdir(parents=True, exist_ok=True)
        self.log.write_text("")
        text = CONFIGURATION.format(user=_user(), home=self.home, root=self.root, port=self.port)
        (self.home / "nginx.conf").write_text(text)
        command = ["nginx", "-p", self.home, "-e", self.home / "error.log", "-c", self.home / "nginx.conf"]
        self.process = subprocess.Popen(command, env=self.environment, stderr=subprocess.DEVNULL)
        wait_for_port(self.port, self.process)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    @contextmanager
    def counting(self):
        """Yields a `Traffic` that is complete when the block ends."""
        traffic = Traffic()
        start = self.log.stat().st_size
        yield traffic
        for line in self._settled_log(start).splitlines():
            down, up, _ = line.split(" ", 2)
            traffic.down += int(down)
            traffic.up += int(up)
            traffic.requests += 1

    def _settled_log(self, start):
        """The log from `start` on: a line is written when its request ends, which may be just after its client did."""
        size = -1
        while size != (size := self.log.stat().st_size):
            time.sleep(0.05)
        with open(self.log) as log:
            log.seek(start)
            return log.read()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port, process):
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise SystemExit(f"{process.args[0]} did not start")


def _user():
    import os

    return "user root;" if os.getuid() == 0 else ""
