"""Fetches targets with python-tuf's own client.

    python ngclient.py METADATA-URL TARGETS-URL ROOT.json FOLDER TARGET…

Prints `root N`, then each target's content on a line of its own.
"""

import sys

from tuf.ngclient import Updater

metadata, targets, root, folder, *names = sys.argv[1:]
with open(root, "rb") as file:
    updater = Updater(folder, metadata, folder, targets, bootstrap=file.read())
updater.refresh()
print("root", updater._trusted_set.root.version)
for name in names:
    info = updater.get_targetinfo(name)
    if info is None:
        print("none")
        continue
    with open(updater.download_target(info), "rb") as file:
        print(file.read().decode())
