"""The updates as bars: bytes, time and memory of every tool, drawn as SVG without any library."""

from html import escape

ROW, LABEL, BAR, GAP, MARGIN = 20, 170, 210, 90, 16
COLUMNS = [("down", "MB down", 1e6), ("seconds", "seconds", 1), ("peak", "peak MB", 1e6)]
COLOURS = {"instar": "#2f6fb0", "delta": "#c98a2b", "chunks": "#7c9a5c", "live": "#8a8a8a"}
WIDTH = 2 * MARGIN + LABEL + len(COLUMNS) * (BAR + GAP)


def draw(results, corpora):
    panels, top = [], MARGIN
    for corpus in corpora:
        rows = [row for row in results.all if row.corpus == corpus and row.step == "update" and row.samples and not row.failure]
        if rows:
            panels += _panel(corpus, sorted(rows, key=lambda row: row.median("down")), top)
            top += (len(rows) + 3) * ROW
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{top}" font-family="sans-serif" font-size="12">'
    return "\n".join([head, f'<rect width="{WIDTH}" height="{top}" fill="white"/>', *panels, "</svg>"]) + "\n"


def _panel(corpus, rows, top):
    yield _text(MARGIN, top + 14, f"{corpus}: update to the next release", "bold")
    for index, (measure, title, unit) in enumerate(COLUMNS):
        left = MARGIN + LABEL + index * (BAR + GAP)
        yield _text(left, top + 14 + ROW, title)
        largest = max(row.median(measure) for row in rows) or 1
        for line, row in enumerate(rows):
            value, y = row.median(measure), top + (line + 2) * ROW
            width = max(1, BAR * value / largest)
            yield f'<rect x="{left}" y="{y + 3}" width="{width:.1f}" height="{ROW - 6}" fill="{COLOURS.get(row.family, "#8a8a8a")}"/>'
            yield _text(left + width + 4, y + 14, f"{value / unit:.2f}" if value / unit < 100 else f"{value / unit:.0f}")
    for line, row in enumerate(rows):
        yield _text(MARGIN, top + (line + 2) * ROW + 14, row.tool, "bold" if row.family == "instar" else "normal")


def _text(x, y, text, weight="normal"):
    return f'<text x="{x:.1f}" y="{y:.1f}" font-weight="{weight}" fill="#222">{escape(text)}</text>'
