"""Instar itself."""

from dataclasses import replace

from .tool import Tool

UPDATE = "instar update --store store --url {%s}/repo --root {first}/repo/metadata/root.json --json > update.json"

INSTAR = Tool(
    name="instar",
    family="instar",
    takes="tree",
    needs="instar",
    publish_first="instar init {out}/repo; instar publish {old} --repo {out}/repo --version 1.0.0",
    publish="instar publish {new} --repo {out}/repo --version 2.0.0",
    publish_again="instar publish {new} --repo {out}/repo --version 2.0.1",
    prepare=UPDATE % "first_url" + "; instar confirm --store store",
    update=UPDATE % "url",
    install=UPDATE % "url",
    locate="instar status --store store --json",
)

#: As a player sees it whose release no delta starts from.
WITHOUT_DELTAS = replace(
    INSTAR, name="instar, no delta", publish=INSTAR.publish + " --deltas 0", publish_again="", install="", needs="instar --deltas")

#: For the comparison of cutting, hashing and packing alone, at the level of compression that desync uses.
LEVEL_3 = replace(
    INSTAR, name="instar, level 3", publish=INSTAR.publish + " --level 3 --deltas 0", publish_first=INSTAR.publish_first + " --level 3",
    publish_again="", prepare="", update="", install="", needs="instar --deltas")

TOOLS = [INSTAR, WITHOUT_DELTAS, LEVEL_3]
