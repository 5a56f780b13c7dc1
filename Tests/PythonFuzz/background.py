"""Updates that are prepared while the program goes on: what it makes, drops and changes until they are put in place.

After each, every living instance has had its hook once, those that are gone have not, and every function runs the new code; or,
where the new code's last hook fails, everything is as it was. What the program made meanwhile is still its own. The
heap is passed over once at most, unless the program collected all of it, froze it, or changed the class of objects itself, or a
function made a class whose new source has other methods: then the update is prepared again.

Usage: instar-python-faults PYTHON background.py DIR [seed=N] [rounds=N]
"""
import gc, os, random, sys
import instar

HERE = sys.path[0]
OPTIONS = dict(word.split('=') for word in sys.argv[1:])
SEED, ROUNDS = int(OPTIONS.get('seed', 1)), int(OPTIONS.get('rounds', 60))

GAME = '''
CALLS, REGISTRY = [], []
class Actor:
    def answer(self): return %(v)d
    %(hook)s
class Slots:
    __slots__ = ('hooks', '__weakref__')
    def answer(self): return %(v)d
    %(hook)s
class Text(str):
    def answer(self): return %(v)d
    %(hook)s
class Plain:
    def answer(self): return 0
def make(n):
    def inner(): return %(v)d, n
    return inner
def made(n):
    class Local(Actor):
        def local(self): return %(v)d, n
        %(more)s
    return Local
def stranger(): return 0
def x_reload_module(): %(end)s
%(registry)s
'''
OTHER = '''
import game
class Own(game.Actor): pass
class Apart: pass
'''
HOOK = 'def x_reload_class(self): CALLS.append(self)'
MORE = 'def more(self): return self.local()'


def write(version, hooked, registry, more, fails=False):
    parts = dict(v=version, end='1 / 0' if fails else 'pass', hook=HOOK if hooked else 'pass', more=MORE if more else '', registry='import other; other.LIST.append(made); other.LIST.append(Actor)' if registry else '')
    with open(f'{HERE}/game.py', 'w') as file: file.write(GAME % parts)


version, more = 1, False
write(version, False, False, False)
with open(f'{HERE}/other.py', 'w') as file: file.write(OTHER + 'LIST = []\n')
import game, other


class Population:
    """All that the program made, with references of its own."""

    def __init__(self, random):
        self.random, self.instances, self.functions, self.locals = random, [], [], []

    def grow(self, count):
        for _ in range(count):
            kind = self.random.choice((game.Actor, game.Slots, game.Text, other.Own, None, 'local'))
            if kind is None: self.functions.append((game.make(len(self.functions)), len(self.functions)))
            elif kind == 'local':
                self.locals.append((game.made(len(self.locals))(), len(self.locals)))
            else: self.instances.append(kind())

    def drop(self, share):
        self.instances = [one for one in self.instances if self.random.random() > share]
        self.functions = [one for one in self.functions if self.random.random() > share]

    def cycles(self):
        """Garbage that only the collector finds."""
        for _ in range(3):
            one = game.Actor(); one.me = one

    def living(self): return self.instances + [one for one, _ in self.locals]


def subclass(people):
    class New(game.Actor): pass
    people.instances += [New(), New()]


def give_code(people, function, n):
    function.__code__ = game.make(n).__code__
    people.functions.append((function, n))


# What the program may do without another pass over the heap, and what may need one.
QUIET = ('grow', 'drop', 'cycles', 'collect0', 'collect1', 'subclass')
LOUD = ('collect2', 'freeze', 'unfreeze', 'refreeze', 'enable', 'class', 'code', 'old code', 'rebase')


def act(people, name):
    if name == 'grow': people.grow(20)
    elif name == 'drop': people.drop(0.3)
    elif name == 'cycles': people.cycles()
    elif name == 'subclass': subclass(people)
    elif name == 'enable': gc.enable(); people.grow(50); [[] for _ in range(3000)]
    elif name.startswith('collect'): gc.collect(int(name[-1]))
    elif name == 'freeze': gc.freeze()
    elif name == 'unfreeze': gc.unfreeze()
    elif name == 'refreeze': gc.collect(1); people.grow(5); gc.collect(0); people.grow(5); gc.freeze(); gc.unfreeze()
    elif name == 'class' and people.apart:
        one = people.apart.pop()
        one.__class__ = other.Own
        people.instances.append(one)
    elif name == 'code': give_code(people, closure(7), 7)
    elif name == 'old code' and people.strangers: give_code(people, *people.strangers.pop())
    elif name == 'rebase' and people.rebased:
        one = people.rebased.pop()
        type(one).__bases__ = (other.Own,)
        people.instances.append(one)


def rebasable():
    """An instance whose class can get other bases."""
    class Base: pass
    class Later(Base): pass
    return Later()


def closure(n):
    def stranger(): return n
    return stranger


def apply(fails):
    """Puts the update in place; where it fails, it does so by its last hook."""
    if not fails: return instar.poll()
    try: instar.poll()
    except instar.ReloadError: pass
    return dict(passes=0)


def play(number):
    """One update. Answers what is wrong."""
    global version, more
    chance = random.Random(SEED * 1000 + number)
    people = Population(chance)
    people.apart, people.rebased = [other.Apart() for _ in range(3)], [rebasable()]
    people.strangers = [(closure(n), n) for n in range(10_000, 10_003)]
    people.grow(chance.choice((0, 40)))
    frozen = set()
    if chance.random() < 0.3: gc.freeze(); frozen = set(map(id, people.living())); people.grow(20)
    if chance.random() < 0.3: gc.disable()
    people.grow(10)
    if chance.random() < 0.3: gc.collect()
    version += 1
    hooked, registry = chance.random() < 0.7, chance.random() < 0.5
    had, more = more, chance.random() < 0.4
    fails = chance.random() < 0.2
    write(version, hooked, registry, more, fails)
    before = gc.isenabled()
    instar.check()
    done = [chance.choice(QUIET if chance.random() < 0.8 else LOUD) for _ in range(chance.randrange(6))]
    known = len(people.locals)
    for name in done: act(people, name)
    game.CALLS.clear()
    mine = list(people.instances), list(people.functions), list(people.locals)
    report, wrong = apply(fails), []
    if mine != (people.instances, people.functions, people.locals): wrong.append('what the program made is gone')
    if fails:
        version, more, hooked = version - 1, had, False
        if other.LIST: wrong.append(f'{other.LIST} stays registered')
    limit = 1 + bool(set(done) & set(LOUD)) + (more != had and len(people.locals) > known)
    if report['passes'] > limit: wrong.append(f'{report["passes"]} passes')
    for one, n in people.functions:
        if one() != (version, n): wrong.append(f'a function answers {one()}')
    for one, n in people.locals:
        if one.local() != (version, n): wrong.append(f'a local class answers {one.local()}')
        if hasattr(one, 'more') != more or more and one.more() != (version, n): wrong.append('a local class has the old methods')
    for one in people.living():
        if one.answer() != version: wrong.append(f'{type(one)} answers {one.answer()}')
    if hooked:
        calls = {}
        for one in game.CALLS: calls[id(one)] = calls.get(id(one), 0) + 1
        for one in people.living():
            if calls.pop(id(one), 0) != 1: wrong.append(f'an instance of {type(one)} was not hooked once')
        if calls and 'cycles' not in done: wrong.append(f'{len(calls)} more hooks were called')
    game.CALLS.clear(); other.LIST.clear()
    if before and not gc.isenabled(): wrong.append('the collector stays off')
    if not set(done) & {'drop', *LOUD} and frozen & set(map(id, gc.get_objects())): wrong.append('what was frozen thawed')
    gc.enable(); gc.unfreeze(); people = None; gc.collect()
    return [f'{", ".join(done)}: {line}' for line in wrong[:3]]


failed = 0
for number in range(ROUNDS):
    for line in play(number):
        failed += 1
        print(f'round {number}: {line}', flush=True)
print(f'python background: {sys.version.split()[0]}, seed {SEED}: {ROUNDS} updates, {failed} wrong')
sys.exit(1 if failed else 0)
