"""Whether two folders hold the same: every name, every kind, every byte."""

import os

PIECE = 1 << 20


def difference(result, expected):
    """The first difference as a sentence, or None."""
    ours, theirs = _entries(result), _entries(expected)
    for path in sorted(ours.keys() ^ theirs.keys()):
        return f"{path} is {'too many' if path in ours else 'missing'}"
    for path, kind in sorted(theirs.items()):
        if ours[path] != kind:
            return f"{path} is {ours[path]}, not {kind}"
        if kind == "file" and not _same_bytes(os.path.join(result, path), os.path.join(expected, path)):
            return f"{path} has other bytes"
    return None


def _entries(root):
    """Kinds by path below `root`. Folders count: an empty one is part of a game too."""
    entries = {}
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            path = os.path.join(folder, name)
            entries[os.path.relpath(path, root)] = _kind(path)
    return entries


def _kind(path):
    if os.path.islink(path):
        return f"link to {os.readlink(path)}"
    return "folder" if os.path.isdir(path) else "file"


def _same_bytes(left, right):
    # Two names of one file, as hard links are, hold the same by nature.
    if os.path.samefile(left, right):
        return True
    with open(left, "rb", 0) as one, open(right, "rb", 0) as other:
        while True:
            piece = one.read(PIECE)
            if piece != other.read(PIECE):
                return False
            if not piece:
                return True
