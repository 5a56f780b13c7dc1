"""Every program that is measured, each as the shell scripts of its steps."""

from . import chunks, deltas, instar, whole

ALL = [*instar.TOOLS, *deltas.TOOLS, *chunks.TOOLS, *whole.TOOLS]
