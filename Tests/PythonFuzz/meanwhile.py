"""What a program and an update that waits do to the same things: neither loses anything of the other's.

Each case prepares a new version of `game`, lets the program go on, puts the update in place or lets it fail by its last hook,
and looks at what has become of the program's data.

Usage: instar-python-faults PYTHON meanwhile.py DIR
"""
import gc, sys
import instar

HERE = sys.path[0]
BUS = '''
LISTENERS, HANDLERS, NAMES = [], {}, set()
class Box:
    __slots__ = ('handler', '__weakref__')
BOX = Box()
'''
GAME = '''
import bus
TABLE = []
class Actor:
    level = 1
    def answer(self): return %(version)d
def heard(): return %(version)d
def named(): return %(version)d
def counted(): return %(version)d
counted.calls = 0
counted.since = %(version)d
def plain(): return %(version)d
%(more)s
def x_reload_module(): %(end)s
'''
REGISTERING = '''
bus.LISTENERS.append(heard)
bus.HANDLERS['game'] = named
bus.NAMES.add(heard)
'''


class Run:
    """The game in one version, and the updates of it."""

    def __init__(self):
        self.version = 0
        self.write()

    def write(self, more='', fails=False):
        self.version += 1
        text = GAME % dict(version=self.version, more=more, end='1 / 0' if fails else 'pass')
        with open(f'{HERE}/game.py', 'w') as file: file.write(text)

    def update(self, meanwhile, more='', fails=False):
        """Answers what the program saw while the update waited."""
        before = self.version
        self.write(more, fails)
        instar.check()
        seen = meanwhile()
        try: instar.poll()
        except instar.ReloadError:
            if not fails: raise
            self.version = before
        return seen


with open(f'{HERE}/bus.py', 'w') as file: file.write(BUS)
run = Run()
import bus, game


def renew(more=''):
    """Loads both afresh."""
    global bus, game, run
    for name in ('game', 'bus'): sys.modules.pop(name, None)
    run = Run()
    if more: run.write(more)
    import bus, game
    gc.collect()


def same(found, wanted):
    assert found == wanted, f'{found!r} in place of {wanted!r}'


# MARK: Registries

def listeners(fails):
    """What the program registers while an update waits stays registered, beside what the new code registers, once."""
    renew(REGISTERING)
    def mine(): pass
    def first(): pass
    bus.LISTENERS.insert(0, first)
    run.update(lambda: bus.LISTENERS.append(mine), REGISTERING, fails)
    same(sorted(bus.LISTENERS, key=id), sorted([first, game.heard, mine], key=id))
    same(game.heard(), run.version)


def unregistered(fails):
    """What the program takes out of a registry meanwhile stays out."""
    renew(REGISTERING)
    def mine(): pass
    bus.LISTENERS.append(mine)
    bus.HANDLERS['mine'] = mine
    def meanwhile():
        bus.LISTENERS.remove(mine)
        del bus.HANDLERS['mine']
    run.update(meanwhile, REGISTERING, fails)
    same(bus.LISTENERS, [game.heard])
    same(bus.HANDLERS, {'game': game.named})


def handlers(fails):
    """An entry that the program replaces meanwhile is the program's."""
    renew(REGISTERING)
    def mine(): pass
    def meanwhile(): bus.HANDLERS['game'] = mine; bus.HANDLERS['more'] = mine
    run.update(meanwhile, REGISTERING, fails)
    same(bus.HANDLERS, {'game': mine, 'more': mine})


def unseen(fails):
    """New code is in no registry before the update is in place."""
    renew(REGISTERING)
    more = REGISTERING + 'def added(): return 1\nbus.LISTENERS.append(added)\nbus.HANDLERS["added"] = added\nbus.NAMES.add(added)'
    seen = run.update(lambda: (list(bus.LISTENERS), dict(bus.HANDLERS), set(bus.NAMES)), more, fails)
    added = [] if fails else [game.added]
    same(seen, ([game.heard], {'game': game.named}, {game.heard}))
    same(bus.LISTENERS, [game.heard] + added)
    same(bus.HANDLERS, {'game': game.named, **{'added': one for one in added}})
    same(bus.NAMES, {game.heard, *added})


def replaced(fails):
    """What new code registers in place of another module's thing is there: there is nothing that could stand there instead."""
    renew()
    def mine(): pass
    bus.HANDLERS.update(one=mine, two=mine)
    seen = run.update(lambda: set(bus.HANDLERS), 'bus.HANDLERS["one"] = heard2 = lambda: 1', fails)
    same(seen, {'one', 'two'})
    if not fails: same(bus.HANDLERS, {'one': game.heard2, 'two': mine})


def order(fails):
    """Where nothing happens meanwhile, a registry is what registering at once makes of it."""
    renew('def heard2(): pass\nbus.LISTENERS.append(heard2)')
    def mine(): pass
    bus.LISTENERS.append(mine)
    more = 'def heard2(): pass\ndef early(): pass\nbus.LISTENERS.insert(0, early)\nbus.LISTENERS.append(heard2)'
    run.update(lambda: None, more, fails)
    same(bus.LISTENERS, ([] if fails else [game.early]) + [game.heard2, mine])


def fields(fails):
    """A field of an object that new code set and the program sets again is the program's."""
    renew('bus.BOX.handler = heard')
    def mine(): pass
    def meanwhile(): bus.BOX.handler = mine
    run.update(meanwhile, 'bus.BOX.handler = heard', fails)
    same(bus.BOX.handler, mine)


def merged(fails):
    """What the new source adds to a list of its own module stands beside what the program added meanwhile."""
    renew()
    def mine(): pass
    run.update(lambda: game.TABLE.append(mine), 'def added(): pass\nTABLE.append(added)', fails)
    same(game.TABLE, [mine] if fails else [mine, game.added])


# MARK: Attributes

def counters(fails):
    """Attributes of functions: the program's values stay, the new source's follow."""
    renew()
    def meanwhile(): game.counted.mine = 5; game.plain.mine = 6
    run.update(meanwhile, 'plain.tag = 1', fails)
    same((game.counted.mine, game.plain.mine, game.counted.since, hasattr(game.plain, 'tag')), (5, 6, run.version, not fails))


def values(fails):
    """A name that the new source brings and the program sets meanwhile has the program's value: data is kept."""
    renew()
    def meanwhile(): game.LIVES = 3; game.Actor.level = 7; game.Actor.speed = 8
    run.update(meanwhile, 'LIVES = 9\nActor.speed = 1', fails)
    same((game.LIVES, game.Actor.level, game.Actor.speed), (3, 7, 8))


def taken(fails):
    """A name whose code goes, and which the program gave to something else, stays."""
    renew('def gone(): pass\nclass Old: pass\ndef dropped(): pass')
    def meanwhile():
        game.gone = 'mine'
        game.Actor.answer2 = 'mine'
    run.update(meanwhile, '', fails)
    same((game.gone, game.Actor.answer2, hasattr(game, 'dropped')), ('mine', 'mine', fails))


CASES = (listeners, unregistered, handlers, unseen, replaced, order, fields, merged, counters, values, taken)
wrong = 0
for case in CASES:
    for fails in (False, True):
        try:
            case(fails)
            same((game.Actor().answer(), game.heard(), game.counted()), (run.version,) * 3)
        except Exception as error:
            wrong += 1
            print(f'{case.__name__}{", undone" if fails else ""}: {case.__doc__} But: {type(error).__name__}: {error}', flush=True)
print(f'python meanwhile: {sys.version.split()[0]}: {len(CASES) * 2} updates, {wrong} wrong')
sys.exit(1 if wrong else 0)
