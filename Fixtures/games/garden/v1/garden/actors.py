"""What lives in the garden."""
from garden.rules import leaf_score


class Leaf:
    def __init__(self, x, y):
        self.x = x
        self.y = y


class Caterpillar:
    """Crawls, eats and grows."""

    def __init__(self, name, x, y, heading):
        self.name = name
        self.x = x
        self.y = y
        self.heading = heading
        self.size = 1

    def crawl(self, world):
        self.x += self.heading[0]
        self.y += self.heading[1]
        if world.dice.random() < 0.2:
            self.heading = world.dice.choice(((1, 0), (-1, 0), (0, 1), (0, -1)))

    def eat(self, leaf):
        self.size += 1
        return leaf_score(self.size)

    def picture(self, sprites):
        return sprites["caterpillar"]


class Beetle(Caterpillar):
    """Crawls like a caterpillar and eats like nobody."""

    def eat(self, leaf):
        return 0

    def picture(self, sprites):
        return sprites["beetle"]
