"""A tool as data: one shell script a step.

Every script may name, in braces:

    old, new     what the publisher has: a folder, or the pak where `takes` is "file"
    out          what a web server serves, the tool's own folder
    first        `out` as it was before the new release was published
    url          the address of `out`; `first_url` that of `first`; `live_url` that of `out` at the rsync daemon
    result       where `update` and `install` leave the new release

`prepare`, `update` and `install` run in the player's folder, which is empty before the first of them.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Tool:
    name: str
    #: "instar", "delta", "chunks", "whole" or "yardstick".
    family: str
    #: What it works on: a "tree", or one "file".
    takes: str
    #: Publishes the old release.
    publish_first: str = ""
    #: Publishes the new release where the old one is.
    publish: str = ""
    #: Publishes the new release again, unchanged.
    publish_again: str = ""
    #: Brings the player to the old release; not measured.
    prepare: str = ""
    update: str = ""
    install: str = ""
    #: Prints where the release lies, where that is not `result`.
    locate: str = ""
    #: The program without which the tool is left out.
    needs: str = ""
    #: Bytes of a release above which it is not tried, and why.
    most: int = 0
    why_most: str = ""
    #: The file with rsync's statistics, where it does not speak HTTP.
    traffic: str = ""
    #: Shapes of a corpus on which it is measured.
    shapes: tuple = field(default=("tree", "pak"))

    def script(self, step):
        return {
            "publish": self.publish,
            "publish again": self.publish_again,
            "update": self.update,
            "install": self.install,
        }[step]
