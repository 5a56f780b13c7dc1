"""The garden: the frame loop. Everything else lives in the package `garden` and can be replaced while this runs."""
import os
import sys
import time

import instar

from garden import screen, telemetry
from garden.world import World

FRAMES_A_SECOND = 30
FRAMES_BEFORE_CONFIRMING = 15


def play(world, frames):
    """Runs `frames` frames, or until interrupted where `frames` is 0."""
    frame = 0
    since_update = 0
    slowest_poll = 0.0
    while frames == 0 or frame < frames:
        started = time.perf_counter()
        update = instar.poll()  # the safe point: no garden code is running here
        slowest_poll = max(slowest_poll, time.perf_counter() - started)
        if update:
            since_update = 0
        world.step()
        screen.draw(world)
        telemetry.record(frame, world, update, slowest_poll)
        if update:
            slowest_poll = 0.0
        frame += 1
        since_update += 1
        # A release has proven itself once it has drawn some frames.
        if since_update == FRAMES_BEFORE_CONFIRMING:
            instar.confirm()
        time.sleep(max(0.0, 1 / FRAMES_A_SECOND - (time.perf_counter() - started)))


def main():
    frames = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    world = World(width=56, height=12, seed=int(os.environ.get("GARDEN_SEED", "7")))
    try:
        play(world, frames)
    except KeyboardInterrupt:
        pass
    finally:
        screen.leave()


if __name__ == "__main__":
    main()
