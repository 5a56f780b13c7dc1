"""Plays the demo: a running game is updated, then offered three broken releases, and keeps the last good version.

Everything is real: the built command, its server on loopback, a game process in an embedded Python. What the demo
claims it checks, by the game's own telemetry and by the server's own count; the first broken promise ends it with status 1.
"""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ASSEMBLE = os.path.join(HERE, "Fixtures", "games", "garden", "assemble")
ON_TERMINAL = sys.stdout.isatty()
GAME_LINES = 16
PATIENCE = 60  # seconds for anything to happen


class BrokenPromise(Exception):
    pass


def say(text, strong=False):
    print(f"\x1b[1m{text}\x1b[0m" if strong and ON_TERMINAL else text, flush=True)


def check(truth, claim):
    if not truth:
        raise BrokenPromise(claim)
    say(f"   ok: {claim}")


def wait_for(what, probe):
    """What `probe` answers as soon as it is not None."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        answer = probe()
        if answer is not None:
            return answer
        time.sleep(0.02)
    raise BrokenPromise(f"{what} within {PATIENCE} s")


def json_lines(path):
    """The complete lines of a file that somebody is appending to."""
    try:
        with open(path, encoding="utf-8") as file:
            return [json.loads(line) for line in file.read().split("\n")[:-1] if line]
    except FileNotFoundError:
        return []


class Demo:
    def __init__(self, instar, work):
        self.instar = instar
        self.work = work
        self.repo = self.path("repo")
        self.store = self.path("store")
        self.telemetry = self.path("telemetry.jsonl")
        self.events = self.path("events.jsonl")
        self.server = None
        self.game = None
        self.rows = []

    def path(self, *names):
        return os.path.join(self.work, *names)

    def command(self, *arguments):
        """Runs one instar command; its last JSON line."""
        done = subprocess.run([self.instar, *arguments, "--json"], capture_output=True, text=True, timeout=PATIENCE)
        lines = [json.loads(line) for line in done.stdout.splitlines() if line]
        if done.returncode or not lines:
            raise BrokenPromise(f"instar {' '.join(arguments)} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return lines[-1]

    # The publisher's side

    def publish(self, version):
        build = self.path("builds", version)
        subprocess.run([ASSEMBLE, version, build], check=True)
        done = self.command("publish", build, "--repo", self.repo, "--version", version[1:] + ".0.0")
        self.published = time.monotonic()
        say(f"   published {version}: {done['bytesWritten']:,} bytes of new content")
        return done

    def serve(self):
        log = self.path("server.jsonl")
        self.server = subprocess.Popen([self.instar, "serve", self.repo, "--port", "0", "--json"], stdout=open(log, "w"))
        first = wait_for("the server starts", lambda: (json_lines(log) or [None])[0])
        self.url = first["url"]
        self.server_log = log

    def requests(self):
        return [line for line in json_lines(self.server_log) if line["event"] == "request"]

    def bytes_served(self):
        return sum(line["bytes"] for line in self.requests())

    # The player's side

    def launch(self, *more):
        environment = dict(os.environ, GARDEN_LOG=self.telemetry)
        arguments = [self.instar, "run", "--store", self.store, "--events", self.events, *more]
        quiet = None if ON_TERMINAL else subprocess.DEVNULL
        self.game = subprocess.Popen(arguments, env=environment, stdout=quiet, stderr=open(self.path("game.stderr"), "a"))

    def frame(self, condition, what):
        """The first telemetry line that fulfils `condition`."""

        def probe():
            if self.game.poll() is not None:
                raise BrokenPromise(f"{what}: the game ended with status {self.game.returncode}\n" + open(self.path("game.stderr")).read())
            return next((line for line in json_lines(self.telemetry) if condition(line)), None)

        return wait_for(what, probe)

    def event(self, name, version):
        return wait_for(
            f"event {name} for {version}",
            lambda: next((e for e in json_lines(self.events) if e["event"] == name and e.get("version") == version), None),
        )

    def latest(self):
        return json_lines(self.telemetry)[-1]

    def stop_game(self):
        self.game.send_signal(signal.SIGINT)
        try:
            return self.game.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise BrokenPromise(f"the game ends on Ctrl-C within {PATIENCE} s") from None

    # The story

    def first_release(self):
        say("1. Publish v1, serve it, launch the game", strong=True)
        self.command("init", self.repo)
        v1 = self.publish("v1")
        self.serve()
        self.launch("--url", self.url, "--root", os.path.join(self.repo, "metadata", "root.json"), "--check-every", "0.5")
        self.frame(lambda line: line["version"] == "1.0.0" and line["frame"] > 45, "the game plays v1")
        self.rows.append(("v1", v1["bytesWritten"], self.bytes_served(), None, None, "installed, playing"))

    def good_release(self):
        say("2. Publish v2 while the game runs", strong=True)
        before, served, asked = self.latest(), self.bytes_served(), len(self.requests())
        v2 = self.publish("v2")
        applied = self.event("applied", "2.0.0")
        delay = time.monotonic() - self.published
        after = self.frame(lambda line: line["version"] == "2.0.0", "the running game plays v2")
        check(after["pid"] == before["pid"], "the same process goes on")
        check(after["identities"] == before["identities"], "every caterpillar is the same object as before")
        check(after["score"] >= before["score"] > 0, f"the score goes on ({before['score']} before, {after['score']} after)")
        check(self.positions_continue(), "every caterpillar goes on from where it was")
        check(all(after["instars"]), f"x_reload_class gave each its new field ({after['instars']})")
        later = self.frame(lambda line: line["frame"] > after["frame"] + 60, "the game plays on")
        check(later["lost"] == after["lost"], f"the fence holds now ({after['lost']} had been lost)")
        check("leaf *" in open(os.path.join(self.active()["path"], "assets", "sprites.txt")).read(), "the new asset is in place")
        downloaded = self.bytes_served() - served
        check(downloaded < 40_000, f"only what changed was downloaded ({downloaded:,} bytes of a build of 600,000)")
        self.show_bytes(self.requests()[asked:])
        wait_for("v2 is confirmed", lambda: self.status()["trial"] is None or None)
        self.rows.append(("v2", v2["bytesWritten"], downloaded, delay, applied["pauseSeconds"], "applied in the running game"))

    def show_bytes(self, requests):
        """What the update from v1 to v2 cost, request by request, by the server's own count."""
        checks = [r for r in requests if r["target"].startswith("/metadata/") and not r["target"].endswith(("snapshot.json", "targets.json"))]
        for request in requests:
            if request not in checks:
                folder, _, name = request["target"][1:].rpartition("/")
                name = name if len(name) < 40 else name[:8] + "…" + name[-20:]
                part = f" {request['range']}" if request["range"] else ""
                say(f"      {request['bytes']:>6,} B  {folder.split('/')[0]:9} {name}{part}")
        say(f"      {sum(r['bytes'] for r in checks):>6,} B  metadata  {len(checks)} requests of checks: next root (none), timestamp")

    def positions_continue(self):
        """No caterpillar jumps more than its own steps between two telemetry lines around the update (the bug of v1 may reset one)."""
        lines = json_lines(self.telemetry)
        index = next(number for number, line in enumerate(lines) if line["version"] == "2.0.0")
        old, new = lines[index - 1], lines[index]
        steps = new["frame"] - old["frame"]
        return all(
            abs(x - a) + abs(y - b) <= steps or (x, y) == (28, 6) for (_, x, y), (_, a, b) in zip(new["positions"], old["positions"])
        )

    def broken_release(self, version, fault):
        say(f"{version[1:]}. Publish {version}, which {fault}", strong=True)
        before, served = self.latest(), self.bytes_served()
        published = self.publish(version)
        refused = self.event("refused", version[1:] + ".0.0")
        delay = time.monotonic() - self.published
        say(f"   refused: {refused['reason'].strip().splitlines()[-1]}")
        frame = json_lines(self.telemetry)[-1]["frame"]
        after = self.frame(lambda line: line["frame"] > frame + 30, "the game plays on")
        check(after["pid"] == before["pid"] and after["version"] == "2.0.0", "the game goes on with v2")
        check(after["identities"] == before["identities"] and after["score"] >= before["score"], "state and score are kept")
        status = self.status()
        check(status["active"]["version"] == "2.0.0", "the store is on v2")
        check(any(ban["version"] == version[1:] + ".0.0" for ban in status["banned"]), f"{version} is banned by its digest")
        self.rows.append((version, published["bytesWritten"], self.bytes_served() - served, delay, None, "refused, v2 kept"))

    def crashing_release(self):
        say("5. Publish v5, which aborts the process at start", strong=True)
        served = self.bytes_served()
        published = self.publish("v5")
        self.event("deferred", "5.0.0")
        check(self.latest()["version"] == "2.0.0", "its entry module waits for a launch; the running game goes on with v2")
        self.stop_game()
        downloaded = self.bytes_served() - served
        self.server.terminate()
        self.server.wait(PATIENCE)
        say("   the server is gone; the player starts the game again and again")
        for attempt in range(1, 4):
            self.launch()
            status = self.game.wait(PATIENCE)
            check(status == -signal.SIGABRT, f"start {attempt} of v5 dies")
        lines = len(json_lines(self.telemetry))
        started = time.monotonic()
        self.launch()
        self.frame(lambda line: line["version"] == "2.0.0" and line["pid"] == self.game.pid, "v2 plays again, offline")
        check(len(json_lines(self.telemetry)) > lines, f"the next start plays v2 again, offline, after {time.monotonic() - started:.2f} s")
        check(any(ban["version"] == "5.0.0" for ban in self.status()["banned"]), "v5 is banned by its digest")
        self.stop_game()
        self.rows.append(("v5", published["bytesWritten"], downloaded, None, None, "given up after 3 starts, v2 kept"))

    def status(self):
        return self.command("status", "--store", self.store)

    def active(self):
        return self.status()["active"]

    def run(self):
        self.first_release()
        self.good_release()
        self.broken_release("v3", "raises while a module loads")
        self.broken_release("v4", "raises in its x_reload_module hook")
        self.crashing_release()

    def summary(self):
        say("\nsummary", strong=True)
        say(f"{'release':8} {'published':>12} {'downloaded':>12} {'publish → running':>18} {'pause':>10}  outcome")
        for name, published, downloaded, delay, pause, outcome in self.rows:
            delay = f"{delay:.2f} s" if delay is not None else "-"
            pause = f"{pause * 1000:.2f} ms" if pause is not None else "-"
            say(f"{name:8} {published:>10,} B {downloaded:>10,} B {delay:>18} {pause:>10}  {outcome}")

    def clean_up(self):
        for process in (self.game, self.server):
            if process and process.poll() is None:
                process.kill()
                process.wait()


def main():
    # Ctrl-C must reach the game even where this was started by something that ignores it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})
    work = tempfile.mkdtemp(prefix="instar-demo-")
    demo = Demo(sys.argv[1], work)
    if ON_TERMINAL:
        # The game draws in the top lines; what the demo says scrolls below them.
        sys.stdout.write(f"\x1b[2J\x1b[{GAME_LINES + 1};r\x1b[{GAME_LINES + 1};1H")
    try:
        demo.run()
        demo.summary()
        say("every promise held", strong=True)
        return 0
    except BrokenPromise as broken:
        say(f"BROKEN PROMISE: {broken}", strong=True)
        return 1
    finally:
        demo.clean_up()
        if ON_TERMINAL:
            sys.stdout.write("\x1b[r\x1b[999;1H\n")
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
