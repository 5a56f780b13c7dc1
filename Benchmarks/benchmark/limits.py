"""The limits that Instar must keep, each worked out from the medians of one run."""

from dataclasses import dataclass

from .corpora import LINE

MEGABYTE = 1 << 20

#: An update, everything counted, beside the best delta tool.
DELTA_BYTES = 1.15
UPDATE_MEMORY = 64 * MEGABYTE
UPDATE_REQUESTS = 20
#: An update without a delta, in requests beside desync.
SHARE_OF_REQUESTS = 20
INSTALL_BYTES = 1.05
INSTALL_TIME = 1.2

#: The long line, in milliseconds and Mbit/s, and how long the command may take on it beside a downloader of as many bytes.
ROUND_TRIP, MEGABIT = 50, 100
LINE_TIME = 1.25

OURS = "instar"
ARIA = "aria2c -x16"
NO_DELTA = "instar, no delta"
ARCHIVE = "tar, zstd -19"
FAST_ARCHIVE = "tar, zstd -3"


@dataclass
class Limit:
    """`ratio` is what was measured over what is allowed: up to 1 it is met."""

    corpus: str
    what: str
    measured: str
    allowed: str
    ratio: float

    @property
    def is_met(self):
        return self.ratio <= 1


class Judge:
    """Compares within one corpus. A tree's best delta may be that of its pak: it is the same game."""

    def __init__(self, results, corpus):
        self.results, self.corpus = results, corpus
        self.limits = []

    def judge(self):
        if LINE in self.corpus:
            self._line()
            return self.limits
        self._update_with_delta()
        self._update_without_delta()
        self._install()
        self._publish()
        return self.limits

    def _line(self):
        for step in ("update", "install"):
            ours, theirs = self._mine(OURS, step), self._mine(ARIA, step)
            self._compare(f"{step}: time, beside as many bytes as one file", ours, [theirs], "seconds", LINE_TIME)

    def _update_with_delta(self):
        ours = self._mine(OURS, "update")
        if not ours:
            return
        deltas = self._peers("update", ["delta"], [self.corpus, self.corpus + "pak"])
        self._compare("update: bytes, beside the best delta", ours, deltas, "down", DELTA_BYTES)
        self._bound("update: memory", ours.median("peak"), UPDATE_MEMORY, megabytes)
        self._bound("update: requests", ours.median("requests"), UPDATE_REQUESTS, str)
        peers = self._peers("update", ["delta", "chunks", "live"], [self.corpus])
        self._compare("update: time until it is on the disk, beside the fastest peer", ours, peers, "stored", 1)

    def _update_without_delta(self):
        ours = self._mine(NO_DELTA, "update") or self._mine(OURS, "update")
        if not ours:
            return
        chunks = self._peers("update", ["chunks"], [self.corpus])
        self._compare("update without delta: bytes, beside the best chunks", ours, chunks, "down", 1)
        self._compare("update without delta: time until it is on the disk, beside the fastest chunks", ours, chunks, "stored", 1)
        desync = [peer for peer in chunks if peer.tool.startswith("desync")]
        self._compare("update without delta: requests, beside desync", ours, desync, "requests", 1 / SHARE_OF_REQUESTS)

    def _install(self):
        ours = self._mine(OURS, "install")
        small = self._mine(ARCHIVE, "install") or self.results.find(self.corpus.removesuffix("pak"), ARCHIVE, "install")
        alike = self._mine(ARCHIVE, "install") or self._mine(FAST_ARCHIVE, "install")
        if ours and small:
            self._compare("install: bytes, beside tar and zstd -19", ours, [small], "down", INSTALL_BYTES)
        if ours and alike:
            self._compare("install: time until it is on the disk, beside curl, zstd -d and tar", ours, [alike], "stored", INSTALL_TIME)

    def _publish(self):
        level = self._mine("instar, level 3", "publish")
        desync = [peer for peer in self._peers("publish", ["chunks"], [self.corpus]) if peer.tool.startswith("desync")]
        if level:
            self._compare("publish at level 3: time, beside desync", level, desync, "seconds", 1)
        again, hashing = self._mine(OURS, "publish again"), self._mine("hashing", "publish again")
        if again and hashing:
            self._compare("publish the same again: time, beside hashing it", again, [hashing], "seconds", 1)
        with_deltas, without = self._mine(OURS, "publish"), self._mine(NO_DELTA, "publish")
        patches = [peer for peer in self._peers("publish", ["delta"], [self.corpus]) if peer.tool.startswith("HDiffPatch")]
        if with_deltas and without and patches:
            spent = max(0, with_deltas.median("seconds") - without.median("seconds"))
            best = min(patches, key=lambda peer: peer.median("seconds"))
            self._add("publish: time for deltas alone, beside HDiffPatch", spent, best.median("seconds"), seconds, best.tool)

    def _mine(self, tool, step):
        return self.results.find(self.corpus, tool, step)

    def _peers(self, step, families, corpora):
        return [
            result for result in self.results.all
            if result.step == step and result.family in families and result.corpus in corpora and result.samples and not result.failure
        ]

    def _compare(self, what, ours, peers, measure, factor):
        peers = [peer for peer in peers if peer and peer.median(measure)]
        if not ours or not peers or not ours.median(measure):
            return
        best = min(peers, key=lambda peer: peer.median(measure))
        show = {"down": megabytes, "seconds": seconds, "stored": seconds, "requests": lambda number: f"{number:g}"}[measure]
        self._add(what, ours.median(measure), best.median(measure) * factor, show, f"{best.tool} {show(best.median(measure))}")

    def _bound(self, what, measured, allowed, show):
        self._add(what, measured, allowed, show, "")

    def _add(self, what, measured, allowed, show, beside):
        allowed_text = show(allowed) + (f" ({beside})" if beside else "")
        self.limits.append(Limit(self.corpus, what, show(measured), allowed_text, measured / allowed if allowed else float("inf")))


def megabytes(count):
    return f"{count / 1e6:.2f} MB"


def seconds(count):
    return f"{count:.2f} s"
