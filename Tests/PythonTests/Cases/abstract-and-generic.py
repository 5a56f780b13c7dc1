#### abc set
write('m.py', 'import abc\nclass A(abc.ABC):\n    @abc.abstractmethod\n    def f(self): ...\n    def g(self): return 1\nclass B(A):\n    def f(self): return 1\n')
import m
b = m.B()
write('m.py', 'import abc\nclass A(abc.ABC):\n    def f(self): return "base"\n    def g(self): return 2\nclass B(A):\n    pass\n')
reload()
assert b.f() == 'base' and b.g() == 2 and m.A().f() == 'base' and not m.A.__abstractmethods__
write('m.py', 'import abc\nclass A(abc.ABC):\n    @abc.abstractmethod\n    def f(self): return "base"\n    def g(self): return 2\nclass B(A):\n    pass\n')
reload()
for k in (m.A, m.B):
    try: k(); assert 0, k
    except TypeError: pass
#### abc virtual subclass kept
write('m.py', 'import abc\nclass A(abc.ABC):\n    @classmethod\n    def __subclasshook__(cls, c):\n        return hasattr(c, "quack") or NotImplemented\n')
import m
class V: pass
class Q: quack = 1
m.A.register(V)
assert issubclass(V, m.A) and issubclass(Q, m.A)
write('m.py', 'import abc\nclass A(abc.ABC):\n    @classmethod\n    def __subclasshook__(cls, c):\n        return hasattr(c, "bark") or NotImplemented\n')
reload()
class D: bark = 1
assert issubclass(V, m.A) and issubclass(D, m.A), 1
assert not issubclass(Q, m.A)
#### generics
write('m.py', 'from typing import Generic, TypeVar, List\nT = TypeVar("T")\nU = TypeVar("U")\nclass G(Generic[T]):\n    def f(self): return "old"\nclass H(G[int]):\n    pass\nAlias = List[int]\n')
import m, typing
g, h, Gi, T = m.G(), m.H(), m.G[int], m.T
write('m.py', read('m.py').replace('old', 'new').replace('class G(Generic[T])', 'class G(Generic[T, U])').replace('G[int]', 'G[int, str]'))
reload()
assert g.f() == h.f() == 'new' and m.T is T and m.G[int, str]().f() == 'new' and len(m.G.__parameters__) == 2 and m.G.__parameters__[0] is m.T, m.G.__parameters__
assert isinstance(h, m.G) and m.H.__bases__ == (m.G,) and m.H.__orig_bases__[0].__origin__ is m.G
#### pep695
# needs 3.12
write('m.py', 'type A = int\nclass G[T]:\n    def f(self, x: T) -> T: return "old"\ndef f[T](x: T) -> T: return "old"\ntype B[X] = list[X]\n')
import m
g, f, G = m.G(), m.f, m.G
write('m.py', 'type A = str\nclass G[T, U]:\n    def f(self, x: T) -> U: return "new"\ndef f[T, U](x: T) -> U: return "new"\ntype B[X] = dict[X, X]\n')
reload()
assert m.G is G and g.f(1) == 'new' and f(1) == 'new' and m.f is f and len(G.__type_params__) == 2 and len(f.__type_params__) == 2
#### init subclass
write('base.py', 'class P:\n    reg = {}\n    def __init_subclass__(cls, key=None, **k):\n        super().__init_subclass__(**k); P.reg[key or cls.__name__] = cls\n')
write('m.py', 'from base import P\nclass A(P, key="a"):\n    def f(self): return 1\nclass B(A):\n    pass\n')
import m, base
write('m.py', 'from base import P\nclass A(P, key="a"):\n    def f(self): return 2\nclass B(A):\n    pass\nclass C(P, key="c"): pass\n')
reload()
assert base.P.reg == {'a': m.A, 'B': m.B, 'c': m.C} and base.P.__subclasses__() == [m.A, m.C] and m.A.__subclasses__() == [m.B]
write('m.py', 'from base import P\nclass A(P, key="a"):\n    def f(self): return 3\n')
reload()
assert base.P.reg['a'] is m.A
#### metaclass registry
write('meta.py', 'class Meta(type):\n    reg = []\n    def __new__(m, n, b, d):\n        c = super().__new__(m, n, b, d); Meta.reg.append(c); return c\n    def hello(cls): return "old"\n')
write('m.py', 'from meta import Meta\nclass A(metaclass=Meta):\n    def f(self): return 1\n')
import m, meta
write('m.py', 'from meta import Meta\nclass A(metaclass=Meta):\n    def f(self): return 2\nclass B(A): pass\n')
write('meta.py', read('meta.py').replace('old', 'new'))
reload()
assert meta.Meta.reg == [m.A, m.B], meta.Meta.reg
assert m.A.hello() == 'new' and type(m.B) is meta.Meta
#### metaclass change refused
write('m.py', 'class Meta(type): pass\nclass C: pass\ndef f(): return 1\n')
import m
c = m.C()
write('m.py', 'class Meta(type): pass\nclass C(metaclass=Meta): pass\ndef f(): return 2\n')
e = refused()
assert 'metaclass' in str(e) and 'C' in str(e) and m.f() == 1 and type(m.C) is type
#### layout refused
write('a.py', 'def f(): return 1\n')
write('m.py', 'class M: pass\nclass C: pass\nclass D:\n    __slots__ = ()\nclass E: pass\n')
import a, m
for bad in ('class M: pass\nclass C(dict): pass\nclass D:\n    __slots__ = ()\nclass E: pass\n', 'class M: pass\nclass C: pass\nclass D:\n    __slots__ = ("x",)\nclass E: pass\n', 'class M: pass\nclass C: pass\nclass D: pass\nclass E: pass\n',
  'class M: pass\nclass C: pass\nclass D:\n    __slots__ = ()\nclass E:\n    __slots__ = ("a",)\n', 'class M: pass\nclass C(Exception): pass\nclass D:\n    __slots__ = ()\nclass E: pass\n'):
    write('a.py', 'def f(): return 2\n'); write('m.py', bad)
    before = dict(a.__dict__), dict(m.__dict__), m.C.__bases__
    e = refused()
    assert a.f() == 1 and (dict(a.__dict__), dict(m.__dict__), m.C.__bases__) == before, bad
    assert str(e)
#### object to base
write('m.py', 'class M:\n    def hi(self): return "hi"\nclass C: pass\n')
import m
c = m.C()
write('m.py', 'class M:\n    def hi(self): return "hi"\nclass C(M): pass\n')
try: reload(); ok = True
except instar.ReloadError as e: ok = False; assert 'C' in str(e)
assert (c.hi() == 'hi') if ok else not hasattr(c, 'hi') 
#### exceptions
write('m.py', 'class E(Exception):\n    def __str__(self): return "old"\nclass F(E): pass\ndef bad(): raise F()\n')
import m
E = m.E
e0 = m.F()
write('m.py', 'class E(Exception):\n    def __str__(self): return "new"\nclass F(E): pass\ndef bad(): raise F("x")\n')
reload()
try: m.bad()
except E as e: assert str(e) == 'new' and type(e) is m.F
assert str(e0) == 'new'
#### nested classes
write('m.py', 'class A:\n    class B:\n        class C:\n            def f(self): return 1\n        def g(self): return 1\n')
import m
B, C = m.A.B, m.A.B.C; c = C(); b = B()
write('m.py', 'class A:\n    class B:\n        class C:\n            def f(self): return 2\n            def __init__(self): super().__init__()\n        def g(self): return 2\n        class D: pass\n')
reload()
assert m.A.B is B and B.C is C and c.f() == 2 and b.g() == 2 and B.D.__qualname__ == 'A.B.D' and C()
#### what the load registers is registered with the live class
write('m.py', 'import abc\nclass A(abc.ABC):\n    @abc.abstractmethod\n    def f(self): ...\nclass B(abc.ABC): pass\n@A.register\nclass V:\n    def f(self): return 1\n')
import m
v = m.V()
assert isinstance(v, m.A) and not isinstance("s", m.A) and not issubclass(int, m.B)
write('m.py', read('m.py').replace('return 1', 'return 2') + 'A.register(str)\n@A.register\nclass W: pass\nB.register(int)\nB.register(V)\n')
reload()
assert isinstance(v, m.A) and isinstance("s", m.A) and issubclass(m.W, m.A) and issubclass(int, m.B) and isinstance(v, m.B) and v.f() == 2
write('m.py', read('m.py') + 'B.register(float)\ndef x_reload_module(): assert isinstance(1.0, B); 1/0\n')
refused()
assert not isinstance(1.0, m.B) and isinstance(1, m.B)
