"""What lives in the garden."""
from garden.rules import instar_of, leaf_score


class Leaf:
    def __init__(self, x, y):
        self.x = x
        self.y = y


class Caterpillar:
    """Crawls, eats, grows and moults."""

    def __init__(self, name, x, y, heading):
        self.name = name
        self.x = x
        self.y = y
        self.heading = heading
        self.size = 1
        self.instar = 1

    def x_reload_class(self):
        """Caterpillars that hatched before there were instars get theirs from their size."""
        if not hasattr(self, "instar"):
            self.instar = instar_of(self.size)

    def crawl(self, world):
        x, y = self.x + self.heading[0], self.y + self.heading[1]
        if world.contains(x, y):
            self.x, self.y = x, y
        else:
            self.heading = (-self.heading[0], -self.heading[1])  # the fence holds
        if world.dice.random() < 0.2:
            self.heading = world.dice.choice(((1, 0), (-1, 0), (0, 1), (0, -1)))

    def eat(self, leaf):
        self.size += 1
        self.moult()
        return leaf_score(self.size)

    def moult(self):
        """A caterpillar that has outgrown its skin takes the next form."""
        self.instar = max(self.instar, instar_of(self.size))

    def picture(self, sprites):
        return sprites["caterpillar"] if self.instar < 3 else sprites["big-caterpillar"]


class Beetle(Caterpillar):
    """Crawls like a caterpillar and eats like nobody."""

    def eat(self, leaf):
        return 0

    def picture(self, sprites):
        return sprites["beetle"]
