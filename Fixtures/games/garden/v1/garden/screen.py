"""Draws the garden in a terminal: a few lines at its top, redrawn in place."""
import sys

from garden import sprites

TOP = 1


def picture(world):
    """The garden as lines of text."""
    pictures = sprites.load()
    rows = [[" "] * world.width for _ in range(world.height)]
    for leaf in world.leaves.values():
        rows[leaf.y][leaf.x] = pictures["leaf"]
    for crawler in world.crawlers:
        if world.contains(crawler.x, crawler.y):
            rows[crawler.y][crawler.x] = crawler.picture(pictures)
    return ["".join(row) for row in rows]


def headline(world):
    return f"score {world.score}   lost over the fence {world.lost}   frame {world.frame}"


def draw(world):
    if not sys.stdout.isatty() or world.frame % 3:
        return
    fence = "+" + "-" * world.width + "+"
    lines = [headline(world), fence] + ["|" + row + "|" for row in picture(world)] + [fence]
    # One write a frame, with the cursor put back: other text can scroll below without tearing the picture.
    body = "".join(f"\x1b[{TOP + number};1H\x1b[K{line}" for number, line in enumerate(lines))
    sys.stdout.write("\x1b7" + body + "\x1b8")
    sys.stdout.flush()


def leave():
    if sys.stdout.isatty():
        sys.stdout.write("\n")
        sys.stdout.flush()
