"""Numbers of the game, and what follows from them."""

LEAF_VALUE = 5
LEAVES_IN_THE_GARDEN = 40
HATCHING_EVERY = 90  # frames


def leaf_score(size):
    """What one leaf is worth to a caterpillar of this size."""
    return LEAF_VALUE + size // 4
