"""Pictures, read from the asset file of the release that is running."""
import os

_cache = {}


def load():
    """The sprites by name. The file belongs to this module's release, and is read once for each."""
    path = os.path.join(os.path.dirname(os.path.dirname(__file__)), "assets", "sprites.txt")
    if path not in _cache:
        with open(path, encoding="utf-8") as lines:
            _cache[path] = dict(line.rstrip("\n").split(" ", 1) for line in lines if not line.startswith("#"))
    return _cache[path]
