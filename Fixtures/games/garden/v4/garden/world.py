"""The garden itself: who is where, and the score."""
import random

from garden import rules
from garden.actors import Beetle, Caterpillar, Leaf

NAMES = ("Ada", "Bo", "Cleo", "Dov", "Eir", "Fei", "Gus", "Hana")


class World:
    def __init__(self, width, height, seed):
        self.width = width
        self.height = height
        self.dice = random.Random(seed)
        self.score = 0
        self.lost = 0
        self.frame = 0
        self.leaves = {}
        self.crawlers = [self.hatch(Caterpillar, name) for name in NAMES] + [self.hatch(Beetle, "Zed")]
        self.grow_leaves()

    def hatch(self, kind, name):
        x, y = self.dice.randrange(self.width), self.dice.randrange(self.height)
        return kind(name, x, y, self.dice.choice(((1, 0), (-1, 0), (0, 1), (0, -1))))

    def grow_leaves(self):
        while len(self.leaves) < rules.LEAVES_IN_THE_GARDEN:
            leaf = Leaf(self.dice.randrange(self.width), self.dice.randrange(self.height))
            self.leaves[leaf.x, leaf.y] = leaf

    def contains(self, x, y):
        return 0 <= x < self.width and 0 <= y < self.height

    def step(self):
        self.frame += 1
        if self.frame % 3 == 0:
            for crawler in self.crawlers:
                crawler.crawl(self)
                leaf = self.leaves.pop((crawler.x, crawler.y), None)
                if leaf:
                    self.score += crawler.eat(leaf)
            self.lost += self.count_lost()
        if self.frame % rules.HATCHING_EVERY == 0:
            self.grow_leaves()

    def count_lost(self):
        """Takes those that crawled over the fence out of the game and starts new ones in their place."""
        gone = [crawler for crawler in self.crawlers if not self.contains(crawler.x, crawler.y)]
        for crawler in gone:
            crawler.x, crawler.y = self.width // 2, self.height // 2
        return len(gone)


def x_reload_module():
    """Called after all code of the update is in place; this one fails."""
    raise RuntimeError("the garden hose is blocked")
