V = '''
from dataclasses import dataclass, field
from collections import namedtuple
from typing import NamedTuple, ClassVar
@dataclass
class P:
    x: int = 1
    tags: list = field(default_factory=list)
    count: ClassVar[int] = 0
    def total(self): return 'old'
Point = namedtuple('Point', 'x y')
class T(NamedTuple):
    a: int
    b: int = 2
@dataclass(frozen=True)
class Z:
    a: int = 1
'''
write('m.py', V)
import m, dataclasses
p = m.P(); P, Point, T, z = m.P, m.Point, m.T, m.Z()
m.P.count = 5
pt = Point(1, 2)
write('m.py', V.replace('x: int = 1', 'x: int = 7\n    y: int = 8').replace("'old'", "'new'").replace("'x y'", "'x y z'").replace('b: int = 2', 'b: int = 3\n    c: int = 4').replace('    a: int = 1\n', '    a: int = 1\n    q: int = 5\n'))
reload()
assert m.P is P and P() == P(7, 8) and repr(P()) == 'P(x=7, y=8, tags=[])' and [f.name for f in dataclasses.fields(P)] == ['x', 'y', 'tags']
assert p.total() == 'new' and P.count == 5 and p.x == 1
assert m.Point is Point and Point(1, 2, 3).z == 3 and Point._fields == ('x', 'y', 'z') and pt.x == 1 and isinstance(pt, Point)
assert Point(1, 2, 3)._replace(z=9) == (1, 2, 9) and Point._make([1, 2, 3]).z == 3
assert m.T is T and T(1) == (1, 3, 4) and T(1).c == 4
assert m.Z().q == 5 and hash(m.Z()) and m.Z().a == 1
