#### dataclass new field
write('m.py', 'from dataclasses import dataclass, field\n@dataclass\nclass P:\n    x: int\n    def f(self): return 1\n@dataclass(order=True)\nclass O:\n    a: int = 0\n')
import m, dataclasses
p = m.P(1); o = m.O(1)
write('m.py', 'from dataclasses import dataclass, field\n@dataclass\nclass P:\n    x: int\n    y: int = 5\n    z: list = field(default_factory=list)\n    def f(self): return 2\n@dataclass(order=True)\nclass O:\n    a: int = 0\n    b: int = 0\n')
reload()
assert p.y == 5 and p.f() == 2 and m.P(1, 2).y == 2 and m.P(1) == m.P(1, 5) and dataclasses.asdict(m.P(3)) == {'x': 3, 'y': 5, 'z': []}
assert m.O(1, 2) < m.O(2, 0) and dataclasses.replace(m.P(1), y=9).y == 9 and [f.name for f in dataclasses.fields(p)] == ['x', 'y', 'z']
#### dataclass field removed frozen
write('m.py', 'from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int = 1\n    y: int = 2\n@dataclass\nclass Q(P):\n    z: int = 3\n')
import m, dataclasses
q = m.Q()
write('m.py', 'from dataclasses import dataclass\n@dataclass(frozen=True)\nclass P:\n    x: int = 1\n@dataclass(frozen=True)\nclass Q(P):\n    z: int = 3\n')
reload()
assert [f.name for f in dataclasses.fields(m.Q)] == ['x', 'z'] and repr(m.Q()) == 'Q(x=1, z=3)'
try: m.Q().x = 2; assert 0
except dataclasses.FrozenInstanceError: pass
assert hash(m.Q()) == hash(m.Q())
#### dataclass inherit other module
write('base.py', 'from dataclasses import dataclass\n@dataclass\nclass B:\n    a: int = 1\n')
write('m.py', 'from base import B\nfrom dataclasses import dataclass\n@dataclass\nclass D(B):\n    b: int = 2\n')
import m
d = m.D()
write('base.py', 'from dataclasses import dataclass\n@dataclass\nclass B:\n    a: int = 1\n    def hi(self): return "hi"\n')
reload()
assert d.hi() == 'hi'
#### dataclass slots
# needs 3.10
write('m.py', 'from dataclasses import dataclass\n@dataclass(slots=True)\nclass P:\n    x: int = 1\n    def f(self): return "old", __class__ if 0 else 1\n')
import m
p = m.P(); P = m.P
write('m.py', 'from dataclasses import dataclass\n@dataclass(slots=True)\nclass P:\n    x: int = 2\n    def f(self): return "new", 1\n')
reload()
assert m.P is P and p.f() == ('new', 1) and p.x == 1 and m.P().x == 2
write('m.py', 'from dataclasses import dataclass\n@dataclass(slots=True)\nclass P:\n    x: int = 2\n    y: int = 2\n    def f(self): return "new", 1\n')
e = refused()
assert p.f() == ('new', 1) and 'slots' in str(e)
#### slots same methods
write('m.py', 'class S:\n    __slots__ = ("a", "b")\n    def __init__(self): self.a = 1\n    def f(self): return "old", self.a\n')
import m
s = m.S()
write('m.py', 'class S:\n    __slots__ = ("a", "b")\n    def __init__(self): self.a = 2\n    def f(self): return "new", self.a\n    def x_reload_class(self): self.b = 9\n')
reload()
assert s.f() == ('new', 1) and s.b == 9 and m.S().a == 2
#### namedtuple typing
write('m.py', 'from typing import NamedTuple\nclass T(NamedTuple):\n    a: int\n    b: int = 2\n    def s(self): return "old"\n')
import m
t = m.T(1)
write('m.py', 'from typing import NamedTuple\nclass T(NamedTuple):\n    a: int\n    b: int = 3\n    c: int = 4\n    def s(self): return "new"\n')
reload()
assert t.s() == 'new' and m.T(1) == (1, 3, 4) and t.b == 2 and m.T._fields == ('a', 'b', 'c') and repr(m.T(1)) == 'T(a=1, b=3, c=4)'
#### typing protocol typeddict
write('m.py', 'from typing import TypedDict, Protocol, NewType\nclass TD(TypedDict):\n    a: int\nclass P(Protocol):\n    def f(self): ...\nN = NewType("N", int)\n')
import m, typing
write('m.py', 'from typing import TypedDict, Protocol, NewType\nclass TD(TypedDict):\n    a: int\n    b: str\nclass P(Protocol):\n    def f(self): ...\n    def g(self): ...\nN = NewType("N", int)\n'); reload()
assert m.TD.__annotations__.keys() == {'a', 'b'} and m.TD(a=1, b='') == {'a': 1, 'b': ''} and m.TD.__required_keys__ == {'a', 'b'} and hasattr(m.P, 'g') and m.N(1) == 1
