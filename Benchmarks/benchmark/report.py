"""What was measured, as Markdown and as a picture."""

import statistics

from . import corpora, plot
from .limits import MEGABIT, ROUND_TRIP, Judge
from .results import Results
from .says import say

STEPS = {
    "update": "update to the next release",
    "install": "fresh install",
    "publish": "publish the new release",
    "publish again": "publish the same build again",
}


def write(folder):
    """Writes results.md and results.svg from results.json and prints the limits; 1 where one is missed."""
    results = Results(folder / "results.json")
    names = sorted({result.corpus for result in results.all})
    limits = [limit for name in names for limit in Judge(results, name).judge()]
    text = "\n".join([*_introduction(results), *_limits(limits), *(line for name in names for line in _corpus(results, name))])
    (folder / "results.md").write_text(text + "\n")
    (folder / "results.svg").write_text(plot.draw(results, names))
    for limit in limits:
        say(f"{'met   ' if limit.is_met else 'MISSED'} {limit.corpus}: {limit.what}: {limit.measured}, allowed {limit.allowed}")
    say(f"results: {folder / 'results.md'}")
    return 0


def _introduction(results):
    facts = results.facts
    yield (f"Measured on {facts.get('date', 'an unknown day')} with {facts.get('processors')} processors, load {facts.get('load before', 0):.0f} "
           f"beforehand; medians of up to {facts.get('runs')} runs, taken in turns. Every update and install was compared with the new "
           "release byte by byte.")
    yield ""
    for what, reason in facts.get("left out", {}).items():
        yield f"- Left out: {what}: {reason}."
    yield ""


def _limits(limits):
    yield "| corpus | limit | measured | allowed | ratio | |"
    yield "|---|---|---|---|---|---|"
    for limit in limits:
        verdict = "met" if limit.is_met else "**missed**"
        yield f"| {limit.corpus} | {limit.what} | {limit.measured} | {limit.allowed} | {limit.ratio:.2f} | {verdict} |"
    yield ""


def _corpus(results, name):
    yield f"## {name}: {_what(name)}"
    for step, title in STEPS.items():
        rows = [result for result in results.all if result.corpus == name and result.step == step]
        if not rows:
            continue
        yield ""
        yield from _published(title, rows) if step.startswith("publish") else _fetched(title, rows)
    yield ""


def _what(name):
    name, _, loss = name.partition(corpora.LINE)
    base = name.removesuffix("pak")
    what = corpora.FACTS.get(base, {}).get("what", "made-up data") + (", as one file" if name != base else "")
    return what + (f", over {MEGABIT} Mbit/s with {ROUND_TRIP} ms and {loss}" if loss else "")


def _fetched(title, rows):
    yield f"| {title} | MB down | requests | seconds | on the disk | processor s | peak MB | runs |"
    yield "|---|---|---|---|---|---|---|---|"
    for row in sorted(rows, key=lambda row: row.median("down") or 0):
        if row.failure:
            yield f"| {row.tool} | failed: {_short(row.failure)} | | | | | | |"
        elif row.samples:
            yield (f"| {_bold(row)} | {row.median('down') / 1e6:.2f} | {row.median('requests'):.0f} | {_spread(row)} | "
                   f"{_seconds(row, 'stored')} | {row.median('processor'):.2f} | {row.median('peak') / 1e6:.0f} | {len(row.samples)} |")


def _published(title, rows):
    yield f"| {title} | seconds | processor s | peak MB | MB published in all | runs |"
    yield "|---|---|---|---|---|---|"
    for row in sorted(rows, key=lambda row: row.median("processor") or 0):
        if row.failure:
            yield f"| {row.tool} | failed: {_short(row.failure)} | | | | |"
        elif row.samples:
            size = f"{row.size / 1e6:.1f}" if row.size else ""
            yield (f"| {_bold(row)} | {_spread(row)} | {row.median('processor'):.2f} | {row.median('peak') / 1e6:.0f} | {size} | "
                   f"{len(row.samples)} |")


def _bold(row):
    return f"**{row.tool}**" if row.family == "instar" else row.tool


def _seconds(row, name):
    value = row.median(name)
    return "" if value is None else f"{value:.2f}"


def _spread(row):
    """The median, and from where to where the runs went."""
    values = [sample["seconds"] for sample in row.samples]
    middle = statistics.median(values)
    return f"{middle:.2f}" if len(values) == 1 else f"{middle:.2f} ({min(values):.2f} to {max(values):.2f})"


def _short(text):
    return " ".join(text.split()).replace("|", "/")[:120]
