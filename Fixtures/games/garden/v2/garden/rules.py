"""Numbers of the game, and what follows from them."""

LEAF_VALUE = 5
LEAVES_IN_THE_GARDEN = 40
HATCHING_EVERY = 90  # frames
LEAVES_AN_INSTAR = 6


def leaf_score(size):
    """What one leaf is worth to a caterpillar of this size."""
    return LEAF_VALUE + size // 4


def instar_of(size):
    """The form, from 1 to 5, of a caterpillar that has eaten this much."""
    return min(5, 1 + size // LEAVES_AN_INSTAR)
