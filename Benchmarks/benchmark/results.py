"""Measurements as they are kept: every sample of every step, in one JSON file that is written after each step."""

import json
import statistics
from dataclasses import asdict, dataclass, field


@dataclass
class Result:
    """`samples` are objects with `seconds`, `processor` (seconds) and `peak` (bytes), and where something was fetched `stored` (seconds
    until the result is on the disk), `down` and `up` (bytes) and `requests`."""

    corpus: str
    tool: str
    family: str
    step: str
    samples: list = field(default_factory=list)
    #: Bytes of the published form, after `publish`.
    size: int = 0
    #: Why there is no valid result.
    failure: str = ""

    def median(self, name):
        values = [sample[name] for sample in self.samples if name in sample]
        return statistics.median(values) if values else None


class Results:
    def __init__(self, file):
        self.file = file
        self.facts = {}
        self.all = []
        if file.exists():
            content = json.loads(file.read_text())
            self.facts = content["facts"]
            self.all = [Result(**result) for result in content["results"]]

    def begin(self, corpus, tool, step):
        """An empty result in place of an earlier one."""
        self.all = [result for result in self.all if (result.corpus, result.tool, result.step) != (corpus, tool.name, step)]
        result = Result(corpus, tool.name, tool.family, step)
        self.all.append(result)
        return result

    def find(self, corpus, tool, step):
        found = [result for result in self.all if (result.corpus, result.tool, result.step) == (corpus, tool, step)]
        return found[0] if found and found[0].samples and not found[0].failure else None

    def save(self):
        text = json.dumps({"facts": self.facts, "results": [asdict(result) for result in self.all]}, indent=1)
        part = self.file.with_suffix(".part")
        part.write_text(text)
        part.rename(self.file)
