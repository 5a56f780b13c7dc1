"""Fails every call that the engine makes into CPython, one after another, while it updates a rich program.

After each failure the whole object graph of the program has to be what it was: identities, contents and order of
dictionaries, code, cells, bases, orders of resolution, subclasses, attributes of instances, and reference counts. Where
the engine can do without the call, the update has to be complete.

Usage: instar-python-faults PYTHON faults.py DIR [every=N] [first=N] [last=N] [background=1]
       with background=1 as an update that is prepared in the background and put in place later
"""
import gc, linecache, os, sys, types, weakref
import faults, instar

HERE = sys.path[0]
OPTIONS = dict(word.split('=') for word in sys.argv[1:])
EVERY, FIRST, LAST = (int(OPTIONS.get(name, value)) for name, value in (('every', 1), ('first', 1), ('last', 1 << 30)))

BASE = '''
"""The module that others import."""
import abc, collections, contextlib, dataclasses, enum, functools
SPEED = %(v)d
REGISTRY = {}
LISTENERS = []
ENTRIES = []
KINDS = set()
def register(f):
    REGISTRY[f.__name__] = f; LISTENERS.append(f); ENTRIES.append((f.__name__, [f])); return f
def traced(f):
    @functools.wraps(f)
    def wrapper(*a, **k): return ('traced %(v)d', f(*a, **k))
    return wrapper
@register
def plain(a, b=%(v)d, *, c: int = 3) -> tuple:
    "plain %(v)d"
    return ('plain', %(v)d, a, b, c)
@traced
def decorated(x): return ('decorated', %(v)d, x)
@functools.lru_cache(None)
def cached(x): return ('cached', %(v)d, x)
@contextlib.contextmanager
def context(): yield %(v)d
@functools.singledispatch
def shown(x): return ('shown', %(v)d)
@shown.register(int)
def shown_int(x): return ('int', %(v)d)
def counter(start):
    count = start; step = %(v)d
    def advance():
        nonlocal count
        count += step
        return count
    return advance
tick = counter(100)
half = functools.partial(plain, %(v)d)
square = lambda x: (%(v)d, x * x)
def numbers():
    for i in range(%(v)d): yield i
class Meta(abc.ABCMeta):
    def __call__(cls, *a): return super().__call__(*a)
    def shout(cls): return ('meta', %(v)d)
class Root(metaclass=Meta):
    subclasses = []
    def __init_subclass__(cls, **k): super().__init_subclass__(**k); Root.subclasses.append(cls)
    def name(self): return ('root', %(v)d)
class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self): ...
@Shape.register
class Declared: pass
def factory(n):
    class Local(Root):
        def one(self): return ('local', %(v)d, n)
        %(local)s
    return Local
class Colour(enum.Enum):
    RED = %(v)d
    GREEN = 10 + %(v)d
    def mixed(self): return (self.name, %(v)d)
@dataclasses.dataclass
class Point:
    x: int = %(v)d
    y: int = 2
    def length(self): return (self.x, self.y, %(v)d)
class Pair(collections.namedtuple('Pair', 'first second')):
    __slots__ = ()
    def swapped(self): return (self.second, self.first, %(v)d)
class Failure(Exception):
    def __str__(self): return 'failure %(v)d'
%(more)s
'''
GAME = '''
import base
from base import Root, Shape, Point, plain, Colour, register
LEVEL = [%(v)d]
WEAK = __import__('weakref').WeakSet()
class Actor(Root):
    speed = %(v)d
    table = {'go': plain}
    def __init__(self, hp=%(v)d): self.hp = hp
    def hit(self, n=%(v)d): return ('hit', %(v)d, n, self.hp, __class__.__name__)
    @staticmethod
    def make(): return ('make', %(v)d)
    @classmethod
    def kind(cls): return ('kind', %(v)d, cls.__name__)
    @property
    def state(self): "state"; return ('state', %(v)d, self.hp)
    @state.setter
    def state(self, value): self.hp = value + %(v)d
    class Inner:
        def deep(self): return ('deep', %(v)d)
    %(hook)s
class Fast(Actor, Shape):
    def area(self): return super().hit()
    %(method)s
class Slots:
    __slots__ = ('a', '__weakref__')
    def get(self): return (self.a, %(v)d)
@register
def play(actor): return (actor.hit(), base.plain(1), Colour.RED.mixed(), %(v)d)
WEAK.add(Actor)
%(more)s
'''
OTHER = '''
import base, game
from game import Actor, Fast
class Own(Fast):
    def mine(self): return self.hit()
callbacks = [base.plain, Actor.hit, game.play]
'''


def write(version):
    more = {1: 'def gone(): return 1\nGONE = 1', 2: 'def added(x=SPEED): return plain(x)\nclass Added(Root): pass\nFRESH = Added()'}[version]
    files = {
        'base': BASE % dict(v=version, more=more, local='def two(self): return ("two", n)' if version == 2 else 'pass'),
        'game': GAME % dict(
            v=version, hook='def x_reload_class(self): self.hooked = getattr(self, "hooked", 0) + 1' if version == 2 else 'pass',
            method='def extra(self): return ("extra", super().name())' if version == 2 else 'pass',
            more='def x_reload_module():\n    LEVEL.append("hooked")' if version == 2 else ''),
    }
    for name, text in files.items():
        with open(f'{HERE}/{name}.py', 'w') as file: file.write(text)


write(1)
with open(f'{HERE}/other.py', 'w') as file: file.write(OTHER)
import base, game, other
import linecache; linecache.getlines(base.__file__)
GAME_MODULES = ('base', 'game', 'other')
actors = [game.Actor(7), game.Fast(8), other.Own(9)]
slots = game.Slots(); slots.a = 5
held = dict(
    bound=actors[1].hit, plain=base.plain, decorated=base.decorated, cached=base.cached, tick=base.tick, half=base.half,
    inner=game.Actor.Inner(), point=base.Point(1, 2), pair=base.Pair(1, 2), red=base.Colour.RED, generator=base.numbers(),
    state=game.Actor.__dict__['state'], weak=weakref.ref(game.Actor), callbacks=other.callbacks, slots=slots, actors=actors, local=base.factory(3)())
base.cached(1)


def behaviour():
    """What the program answers to calls through references of every kind."""
    a = actors[2]
    with base.context() as value: pass
    return [
        held['bound'](), held['plain'](1), held['decorated'](2), base.cached(3), held['half'](), base.square(3), list(base.numbers()),
        base.shown(''), base.shown(1), held['inner'].deep(), held['point'].length(), held['pair'].swapped(), held['red'].mixed(),
        base.Colour.RED.value, a.hit(), a.make(), a.kind(), a.state, a.area(), a.mine(), a.name(), game.Actor.shout(), slots.get(), value,
        game.play(a), str(base.Failure()), base.SPEED, game.Actor.speed, [f(a) if f is game.Actor.hit else f.__name__ for f in
        held['callbacks']], base.plain.__doc__, sorted(base.REGISTRY), base.REGISTRY['plain'] is base.plain, base.Root.subclasses.count(game.Actor),
        base.Root.subclasses.count(game.Fast), hasattr(a, 'extra'), len(game.WEAK), hasattr(base, 'gone'), hasattr(base, 'added'),
        held['local'].one(), getattr(held['local'], 'two', str)(), isinstance(base.Declared(), base.Shape), len(base.ENTRIES),
        base.ENTRIES[0] == ('plain', [base.plain]), held['weak']() is game.Actor, game.Actor.__subclasses__() == [game.Fast], other.Actor is game.Actor,
    ]


def is_ours(value):
    kind = type(value)
    if kind is types.ModuleType: return value.__name__ in GAME_MODULES
    if isinstance(value, type): return value.__dict__.get('__module__') in GAME_MODULES
    if kind is types.FunctionType: return value.__module__ in GAME_MODULES
    if kind in (dict, list, tuple, set, types.CellType, property, staticmethod, classmethod, types.MethodType, frozenset): return True
    if kind.__module__ in GAME_MODULES or kind.__module__ in ('functools', 'weakref', '_weakrefset'): return True
    return False


def image():
    """The graph of all that belongs to the program, as numbers alone: it keeps nothing alive."""
    gc.collect(1)
    roots = [vars(sys.modules[name]) for name in GAME_MODULES] + [held, linecache.cache]
    seen, order = set(), []
    while roots:
        value = roots.pop()
        if id(value) in seen: continue
        seen.add(id(value)); order.append(value)
        roots += [other for other in gc.get_referents(value) if is_ours(other)]
    rows = {}
    for value in order:
        parts = [id(type(value))]
        if type(value) is dict: parts += [(id(key), id(item)) for key, item in value.items()]
        elif isinstance(value, type):
            parts += [(key, id(item)) for key, item in value.__dict__.items()]
            parts += [id(part) for part in value.__mro__] + [id(part) for part in value.__bases__]
            parts += [id(part) for part in type.__subclasses__(value)]
        else: parts += [id(part) for part in gc.get_referents(value)]
        if isinstance(value, game.Slots): parts.append(value.a)
        rows[id(value)] = (parts, sys.getrefcount(value), describe(value))
    more = (list(map(id, sys.modules.values())), list(sys.path), list(map(id, gc.callbacks)), gc.isenabled(), sys.gettrace())
    del value, order, roots, parts
    return rows, more


def describe(value):
    if type(value) is dict: return 'dict ' + ' '.join(str(key) for key in list(value)[:6])
    return f'{type(value).__name__} {getattr(value, "__qualname__", "")}'


def differences(before, after):
    found = []
    if before[1] != after[1]: found.append('the interpreter itself')
    for address in before[0].keys() | after[0].keys():
        old, new = before[0].get(address), after[0].get(address)
        if old is None: found.append('new: ' + new[2])
        elif new is None: found.append('gone: ' + old[2])
        elif old[0] != new[0]: found.append('changed: ' + old[2])
        elif old[1] != new[1]: found.append(f'counted {old[1]} then {new[1]}: {old[2]}')
    return found


def update():
    if 'background' in OPTIONS: return instar.check(), instar.poll()
    instar.reload(['base', 'game'])


def go(version):
    """Updates, and lets go of what the program gathers from update to update, so that each attempt begins with the same."""
    write(version)
    update()
    if version == 1:
        del game.LEVEL[1:]
        base.Root.subclasses[:] = [kind for kind in base.Root.subclasses if kind.__name__ != 'Added']
        gc.collect()


def settle():
    """There and back once: the state that every attempt begins with."""
    go(2); new = behaviour()
    go(1); old = behaviour()
    write(2)
    return old, new


settle()
old, new = settle()
gc.collect(); gc.freeze(); gc.unfreeze()
assert old != new
refused = survived = 0
wrong = []
n = FIRST


def note(*entry):
    wrong.append(entry)
    if len(wrong) <= 40: print('wrong:', *entry, flush=True)


while n <= LAST:
    before = image()
    faults.arm(n)
    error = None
    try: update()
    except BaseException as caught: error = f'{type(caught).__name__}: {caught}'
    calls, name = faults.disarm()
    if error is None and not name: break
    if error is not None:
        refused += 1
        found = differences(before, image())
        if behaviour() != old: found.append('behaviour')
        if found: note(n, name, 'refused', error[:90], found[:6])
    else:
        survived += 1
        now = behaviour()
        if now != new: note(n, name, 'applied', [(a, b) for a, b in zip(now, new) if a != b][:4])
    if error is None or found or refused % 20 == 0:
        # The next good update works as if the bad one had not been.
        if error is not None:
            try:
                update()
                if behaviour() != new: note(n, name, 'next update differs')
            except Exception as caught: note(n, name, 'next update', str(caught))
        try:
            go(1)
            if behaviour() != old: note(n, name, 'the way back differs')
        except Exception as caught: note(n, name, 'the way back', str(caught))
        write(2)
    n += EVERY
print(f'python faults: {sys.version.split()[0]}: {refused} failed and undone, {survived} done without, {len(wrong)} wrong')
sys.exit(1 if wrong or not refused else 0)
