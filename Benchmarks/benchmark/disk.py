"""The player's disk: a file system that is made anew for each measurement, where mounting is permitted.

ext4 does not give away numbers of files that were deleted in the last minutes, and looks through all of them for each new file. So
on one file system a tool would pay for what the tools before it left to delete.
"""

import os
import shutil
import subprocess

SIZE = 8 << 30


class Disk:
    def __init__(self, folder):
        self.folder = folder
        self.image = folder.with_name(folder.name + ".image")
        self.can_mount = os.geteuid() == 0 and all(map(shutil.which, ["mkfs.ext4", "mount", "umount"]))

    def renew(self):
        """Leaves an empty folder."""
        self.remove()
        self.folder.mkdir(parents=True)
        if self.can_mount:
            self.can_mount = self._mount()

    def _mount(self):
        with open(self.image, "wb") as file:
            file.truncate(SIZE)
        # All of the tables are written now, not by the kernel while something is measured.
        make = ["mkfs.ext4", "-q", "-F", "-m", "0", "-E", "lazy_itable_init=0,lazy_journal_init=0", self.image]
        commands = make, ["mount", "-o", "loop", self.image, self.folder], ["rm", "-r", self.folder / "lost+found"]
        return all(subprocess.run(command, capture_output=True).returncode == 0 for command in commands)

    def remove(self):
        if os.path.ismount(self.folder):
            subprocess.run(["umount", self.folder], check=True)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.image.unlink(missing_ok=True)
