"""Each tool's published form of a corpus, made once and kept: `first` with the old release, `out` with both."""

import hashlib
import shutil
import subprocess

from . import measuring
from .says import say

TIMEOUT = 1800


class Publication:
    """Where one tool publishes one corpus, and what its scripts may name."""

    def __init__(self, tool, corpus, folder, url, live_url):
        slug = "".join(letter if letter.isalnum() else "-" for letter in tool.name).replace("--", "-").strip("-")
        self.tool, self.corpus = tool, corpus
        path = f"{corpus.name}/{slug}"
        self.home = folder / path
        self.first, self.out = self.home / "first", self.home / "out"
        single = tool.takes == "file"
        self.words = {
            "old": corpus.single("old") if single else corpus.old,
            "new": corpus.single("new") if single else corpus.new,
            "first": self.first,
            "out": self.out,
            "url": f"{url}/{path}/out",
            "first_url": f"{url}/{path}/first",
            "live_url": f"{live_url}/{path}/out",
        }

    def script(self, text, **words):
        return text.format(**{**self.words, **words})

    def key(self, program):
        """Changes when the tool's scripts or, for Instar, its program do."""
        text = self.tool.publish_first + self.tool.publish + (program if self.tool.family == "instar" else "")
        return hashlib.sha256(text.encode()).hexdigest()

    def is_made(self, program):
        mark = self.home / "key"
        return mark.exists() and mark.read_text() == self.key(program)

    def make_first(self, environment):
        shutil.rmtree(self.home, ignore_errors=True)
        self.first.mkdir(parents=True)
        if self.tool.publish_first:
            self._run(self.tool.publish_first, environment, out=self.first)

    @property
    def is_consuming(self):
        """Whether the new release is published over the first one itself, since nobody asks for that again. Stores of many thousand
        chunks take longer to copy than to publish."""
        return bool(self.tool.publish_first) and "{first" not in self.tool.prepare + self.tool.update + self.tool.install

    def make(self, environment):
        """Publishes the new release where the first one is; what that cost."""
        if self.is_consuming:
            shutil.rmtree(self.out, ignore_errors=True)
            self.first.rename(self.out)
        else:
            self._copy(self.first, self.out)
        return self._run(self.tool.publish, environment)

    def make_again(self, environment):
        again = self.home / "again"
        self._copy(self.out if self.tool.publish else self.first, again)
        try:
            return self._run(self.tool.publish_again, environment, out=again)
        finally:
            shutil.rmtree(again)

    def seal(self, program):
        (self.home / "key").write_text(self.key(program))

    @property
    def size(self):
        return sum(file.lstat().st_size for file in self.out.rglob("*") if file.is_file())

    def _run(self, script, environment, **words):
        return measuring.run(self.script(script, **words), self.home, environment, TIMEOUT, self.home / "log")

    @staticmethod
    def _copy(source, target):
        shutil.rmtree(target, ignore_errors=True)
        # Hard links: publishing tools put new files in place of old ones and write into none.
        subprocess.run(["cp", "-al", source, target], check=True)


def publish(publication, results, steps, repeat, environment, program):
    """Publishes unless that was done before, and measures as often as `repeat` says; False where it failed."""
    tool, corpus = publication.tool, publication.corpus
    fresh = not publication.is_made(program)
    try:
        if fresh:
            say(f"{corpus.name}: {tool.name}: publish")
            publication.make_first(environment)
            if tool.publish:
                _measure("publish", publication, publication.make, results, repeat, environment)
            publication.seal(program)
        if "publish again" in steps and tool.publish_again and (fresh or not results.find(corpus.name, tool.name, "publish again")):
            _measure("publish again", publication, publication.make_again, results, repeat, environment)
    except measuring.Failed as error:
        say(f"{corpus.name}: {tool.name}: failed: {error}")
        results.begin(corpus.name, tool, "publish").failure = str(error)
        return False
    finally:
        results.save()
    return True


def _measure(step, publication, make, results, repeat, environment):
    result = results.begin(publication.corpus.name, publication.tool, step)
    while repeat.goes_on(result):
        cost = make(environment)
        result.samples.append({"seconds": cost.seconds, "processor": cost.processor, "peak": cost.peak})
        if step == "publish" and publication.is_consuming:
            break
    if step == "publish":
        result.size = publication.size
