"""What the game tells to whoever watches it from outside: one JSON line now and then, in the file GARDEN_LOG names."""
import json
import os

import instar

EVERY = 3  # frames


def record(frame, world, update, poll_seconds):
    path = os.environ.get("GARDEN_LOG")
    if not path or (frame % EVERY and not update):
        return
    line = {
        "frame": frame,
        "pid": os.getpid(),
        "version": instar.status()["active"]["version"],
        "score": world.score,
        "lost": world.lost,
        "positions": [[crawler.name, crawler.x, crawler.y] for crawler in world.crawlers],
        "instars": [getattr(crawler, "instar", None) for crawler in world.crawlers],
        "identities": [id(crawler) for crawler in world.crawlers],
        "update": update or None,
        "pollSeconds": poll_seconds,
    }
    with open(path, "a", encoding="utf-8") as log:
        log.write(json.dumps(line) + "\n")
