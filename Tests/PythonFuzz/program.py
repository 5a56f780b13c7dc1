"""Random programs of a few modules, and how each is changed: the same seed makes the same programs."""
import random

DECORATORS = ('', '', '@wrapped', '@bare', '@marked', '@functools.lru_cache(None)')
LITERALS = (
    lambda s: s, lambda s: f'text {s}', lambda s: [s, [s]], lambda s: {'key': s}, lambda s: (s, s + 1), lambda s: None if s % 2 else s,
    lambda s: s / 2, lambda s: {s}, lambda s: bytes([s % 256]), lambda s: {'deep': {'er': [s]}, 'list': [(s,)]}, lambda s: frozenset([s]))
PRELUDE = '''import abc, collections, contextlib, dataclasses, enum, functools, typing
def wrapped(f):
    @functools.wraps(f)
    def inner(*a, **k): return ('wrapped', f(*a, **k))
    return inner
def bare(f):
    def inner(*a, **k): return ('bare', f(*a, **k))
    return inner
def marked(f): f.mark = 'marked'; return f
'''


class Item:
    """One definition of a module. `salt` tells its versions apart."""

    def __init__(self, random, name, kind, context):
        self.name, self.kind, self.salt = name, kind, random.randrange(1000)
        self.parameters = random.randrange(4)
        self.decorator = random.choice(DECORATORS) if kind == 'function' else ''
        self.flavour = random.randrange(len(LITERALS)) if kind == 'data' else random.randrange(4)
        self.uses = random.sample(context, min(len(context), random.randrange(3)))
        self.bases = []
        self.members = []

    def copy(self):
        other = Item.__new__(Item)
        other.__dict__ = {key: list(value) if isinstance(value, list) else value for key, value in self.__dict__.items()}
        other.members = [member.copy() for member in self.members]
        return other


class Version:
    """All modules of a program in one version: lists of items by module."""

    def __init__(self, modules, imports):
        self.modules, self.imports = modules, imports

    def copy(self):
        return Version({name: [item.copy() for item in items] for name, items in self.modules.items()},
                       {name: list(lines) for name, lines in self.imports.items()})


MODULE_KINDS = ('function', 'function', 'function', 'data', 'data', 'class', 'class', 'class', 'closure', 'counter', 'partial', 'lambda',
                'generator', 'coroutine', 'context', 'dataclass', 'enum', 'tuple', 'error', 'slots', 'abstract', 'meta', 'table',
                'registry', 'generic', 'dispatch')
MEMBER_KINDS = ('method', 'method', 'method', 'static', 'classmethod', 'property', 'settable', 'cached', 'data', 'data', 'nested', 'super')


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.names = 0

    def name(self, prefix):
        self.names += 1
        return f'{prefix}{self.names}'

    def first(self):
        count = self.random.randrange(2, 5)
        version = Version({}, {})
        for index in range(count):
            module = f'm{index}'
            version.modules[module], version.imports[module] = [], []
            for _ in range(self.random.randrange(3, 9)): self.add(version, module)
            self.reimport(version, module)
        return version

    def add(self, version, module):
        items = version.modules[module]
        kind = self.random.choice(MODULE_KINDS)
        item = Item(self.random, self.name({'data': 'D', 'class': 'C'}.get(kind, kind[0])), kind, self.usable(version, module))
        if kind in ('class', 'generic'):
            for _ in range(self.random.randrange(1, 6)): self.add_member(item)
        if kind == 'class': item.bases = self.some_bases(version, module)
        items.insert(len(items), item)

    def add_member(self, item, depth=0):
        kind = self.random.choice(MEMBER_KINDS)
        member = Item(self.random, self.name(kind[0]), kind, [])
        if kind == 'nested' and depth < 2:
            for _ in range(self.random.randrange(1, 4)): self.add_member(member, depth + 1)
        item.members.append(member)

    def usable(self, version, module):
        """Names that functions of a module may call: its own functions, and those of the modules before it."""
        own = [item.name for item in version.modules[module] if item.kind in ('function', 'lambda', 'data')]
        return own + [f'{name}.{item.name}' for name in version.modules if name < module for item in version.modules[name]
                      if item.kind in ('function', 'lambda', 'data')]

    def some_bases(self, version, module):
        own = [item.name for item in version.modules[module] if item.kind == 'class' and not item.bases]
        far = [f'{name}.{item.name}' for name in version.modules if name < module for item in version.modules[name]
               if item.kind == 'class' and not item.bases]
        return self.random.sample(own + far, min(len(own + far), self.random.choice((0, 0, 1, 1, 2))))

    def reimport(self, version, module):
        """`from x import y` of earlier modules, under its own name or another."""
        lines = version.imports[module] = []
        for other in (name for name in version.modules if name < module):
            for item in version.modules[other]:
                if item.kind in ('function', 'class', 'data', 'enum') and self.random.random() < 0.15:
                    lines.append((other, item.name, self.random.choice((f'{other}_{item.name}', f'alias_{module}'))))

    def changed(self, version):
        """A later version: bodies, parameters, decorators, bases and members change; definitions come, go and move."""
        version = version.copy()
        for module, items in version.modules.items():
            if self.random.random() < 0.25: continue
            for item in list(items): self.change(version, module, item)
            for _ in range(self.random.randrange(3)): self.add(version, module)
            if self.random.random() < 0.2: self.move(items)
            if self.random.random() < 0.3: self.reimport(version, module)
        return version

    def move(self, items):
        item = items.pop(self.random.randrange(len(items)))
        if item.kind in ('function', 'data', 'lambda'): items.insert(self.random.randrange(len(items) + 1), item)
        else: items.append(item) if not any(item.name in other.bases + other.uses for other in items) else items.insert(0, item)

    def change(self, version, module, item):
        dice = self.random.random()
        if dice < 0.4: return
        if dice < 0.47 and len(version.modules[module]) > 2 and not self.is_base(version, module, item):
            version.modules[module].remove(item)
            return
        item.salt = self.random.randrange(1000)
        if self.random.random() < 0.3: item.parameters = self.random.randrange(4)
        if item.kind == 'function' and self.random.random() < 0.2: item.decorator = self.random.choice(DECORATORS)
        if item.kind not in ('data', 'slots', 'abstract') and self.random.random() < 0.2: item.flavour = self.random.randrange(4)
        if item.kind == 'class' and item.bases and self.random.random() < 0.15: item.bases = item.bases[::-1][:1]
        for member in list(item.members):
            if self.random.random() < 0.5: member.salt = self.random.randrange(1000)
            elif self.random.random() < 0.1: item.members.remove(member)
            for inner in member.members: inner.salt = self.random.randrange(1000)
        if item.kind in ('class', 'generic') and self.random.random() < 0.4: self.add_member(item)

    @staticmethod
    def is_base(version, module, item):
        names = (item.name, f'{module}.{item.name}')
        return any(name in other.bases for items in version.modules.values() for other in items for name in names)


def sources(version):
    """The source text of each module."""
    return {module: source(version, module) for module in version.modules}


def source(version, module):
    earlier = [name for name in version.modules if name < module]
    present = {item.name for item in version.modules[module]} | {
        f'{name}.{item.name}' for name in earlier for item in version.modules[name]}
    lines = [PRELUDE] + [f'import {name}' for name in earlier]
    for other, name, alias in version.imports[module]:
        if f'{other}.{name}' in present: lines.append(f'from {other} import {name} as {alias}')
    names = {item.name: item.kind for item in version.modules[module]}
    names.update({f'{name}.{item.name}': item.kind for name in earlier for item in version.modules[name]})
    for item in version.modules[module]: lines += emit(item, names, module)
    return '\n'.join(lines) + '\n'


def parameters(item):
    return ('', f'a={item.salt}', f'a, b={item.salt}', f'a=1, *rest, c: int={item.salt}, **more')[item.parameters]


def uses(item, names):
    parts = []
    for name in item.uses:
        if name in names and name != item.name:
            parts.append(name if names[name] == 'data' else f'{name}.__name__ if hasattr({name}, "__name__") else 0')
    return ''.join(f', {part}' for part in parts)


def emit(item, names, module):
    n, s, tag = item.name, item.salt, f"'{item.name}', {item.salt}"
    if item.kind == 'data': return [f'{n} = {LITERALS[item.flavour](s)!r}']
    if item.kind == 'function':
        return ([item.decorator] if item.decorator else []) + [
            f'def {n}({parameters(item)}) -> "r{s % 3}":', f'    """{n} {s}"""' if s % 2 else '    pass',
            f'    return ({tag}, sorted(locals()){uses(item, names)})']
    if item.kind == 'lambda': return [f'{n} = lambda a={s}: ({tag}, a{uses(item, names)})']
    if item.kind == 'generator': return [f'def {n}(a={s}):', f'    for i in range(3): yield ({tag}, a, i)']
    if item.kind == 'coroutine': return [f'async def {n}(a={s}): return ({tag}, a)']
    if item.kind == 'context': return ['@contextlib.contextmanager', f'def {n}(a={s}): yield ({tag}, a)']
    if item.kind == 'closure':
        extra = ('', ', extra', ', extra, more', ', extra')[item.flavour]
        return [f'def make_{n}(value, extra={s}, more=3):', f'    def inner(x=1): return ({tag}, x, value{extra})', '    return inner',
                f'{n} = make_{n}({s})']
    if item.kind == 'counter':
        return [f'def make_{n}(step):', '    count = 0', '    def inner():', '        nonlocal count; count += step',
                f'        return ({tag}, count)', '    return inner', f'{n} = make_{n}({s % 7 + 1})']
    if item.kind == 'partial':
        return [f'def for_{n}(a, b=1): return ({tag}, a, b)', f'{n} = functools.partial(for_{n}, {s}, b={s % 5})']
    if item.kind == 'dataclass':
        return [f'@dataclasses.dataclass({("", "eq=False", "order=True", "repr=False")[item.flavour]})', f'class {n}:', f'    x: int = {s}',
                '    y: str = "y"'] + [f'    z{i}: int = {s + i}' for i in range(item.parameters)] + [
                f'    def total(self): return ({tag}, self.x, self.y)']
    if item.kind == 'enum':
        base = ('Enum', 'IntEnum')[int(n[1:]) % 2]
        return [f'class {n}(enum.{base}):', f'    ONE = {s}', f'    TWO = {s + 1}'] + [f'    M{i} = {s + 2 + i}' for i in range(item.parameters)] + [
                f'    def twice(self): return ({tag}, self.value)']
    if item.kind == 'tuple':
        return [f'class {n}(typing.NamedTuple):', '    a: int', f'    b: int = {s}', f'    def total(self): return ({tag}, self.a, self.b)']
    if item.kind == 'error': return [f'class {n}(ValueError):', f'    def __str__(self): return "{n} {s}"']
    if item.kind == 'slots':
        return [f'class {n}:', "    __slots__ = ('a', '__weakref__')", f'    def get(self): return ({tag}, getattr(self, "a", None))']
    if item.kind == 'abstract':
        return [f'class {n}(abc.ABC):', '    @abc.abstractmethod', f'    def must(self): return ({tag})',
                f'class {n}_own({n}):', f'    def must(self): return ({tag}, super().must())']
    if item.kind == 'meta':
        return [f'class {n}_type(type):', f'    def loud(cls): return ({tag}, cls.__name__)', f'class {n}(metaclass={n}_type):',
                f'    def get(self): return ({tag}, type(self).loud())']
    if item.kind == 'table':
        return [f'def {n}_go(): return ({tag}, "go")', f'class {n}_kind: pass', f"{n} = {{'go': {n}_go, 'kind': {n}_kind, 'list': [{n}_go]}}"]
    if item.kind == 'registry':
        return [f'class {n}:', '    known = []', f'    def __init_subclass__(cls, **k): {n}.known.append(cls)', f'class {n}_one({n}):',
                f'    def get(self): return ({tag})', f'class {n}_two({n}_one): pass']
    if item.kind == 'dispatch':
        return ['@functools.singledispatch', f'def {n}(x): return ({tag}, "any")', f'@{n}.register(int)', f'def {n}_int(x): return ({tag}, "int")']
    return emit_class(item, names)


def emit_class(item, names, indent=''):
    bases = [base for base in item.bases if base in names]
    if item.kind == 'generic': bases = ["typing.Generic[typing.TypeVar('T')]"]
    lines = [f'{indent}class {item.name}({", ".join(bases)}):' if bases else f'{indent}class {item.name}:', f'{indent}    """{item.name} {item.salt}"""']
    if item.kind != 'nested': lines.append(f'{indent}    def __init__(self): self.hp = {item.salt}')
    for member in item.members: lines += [indent + '    ' + line for line in emit_member(member)]
    return lines


def emit_member(m):
    n, tag = m.name, f"'{m.name}', {m.salt}"
    if m.kind == 'data': return [f'{n} = {LITERALS[m.flavour % len(LITERALS)](m.salt)!r}']
    if m.kind == 'method': return [f'def {n}(self, a={m.salt}): return ({tag}, a, getattr(self, "hp", None))']
    if m.kind == 'static': return ['@staticmethod', f'def {n}(a={m.salt}): return ({tag}, a)']
    if m.kind == 'classmethod': return ['@classmethod', f'def {n}(cls, a={m.salt}): return ({tag}, cls.__name__)']
    if m.kind == 'property': return ['@property', f'def {n}(self):', f'    "{m.salt}"', f'    return ({tag}, __class__.__name__)']
    if m.kind == 'settable':
        return ['@property', f'def {n}(self): return ({tag}, getattr(self, "_{n}", None))', f'@{n}.setter',
                f'def {n}(self, value): self._{n} = (value, {m.salt})']
    if m.kind == 'cached': return ['@functools.cached_property', f'def {n}(self): return ({tag})']
    if m.kind == 'super': return [f'def {n}(self): return ({tag}, super().__repr__ is not None, __class__.__name__)']
    return emit_class(m, {})
