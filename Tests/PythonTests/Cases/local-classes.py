#### new methods, removed ones, changed ones
write('m.py', '''
    def make(n):
        class L:
            kind = "data"
            def f(self): return "old", n
            def gone(self): return "gone"
        return L
''')
import m
A, B = m.make(1), m.make(2)
a, b, f, gone = A(), B(), A.f, A().gone
write('m.py', '''
    def make(n):
        class L:
            kind = "new data"
            other = "added"
            def f(self): return "new", n
            def g(self): return "added", n, __class__
            @property
            def p(self): return "property", n
            @staticmethod
            def s(x=n): return x
            @classmethod
            def c(cls): return cls
        return L
''')
report = reload()
assert a.f() == f(a) == ("new", 1) and b.f() == ("new", 2) and A.f is f
assert a.g() == ("added", 1, A) and b.g() == ("added", 2, B) and a.p == ("property", 1) and B.s() == 2 and B.c() is B
assert not hasattr(A, "gone") and gone() == "gone" and A.kind == "data" and A.other == "added"
assert [A.__subclasses__(), type(a), A.__qualname__, A.__module__] == [[], A, "make.<locals>.L", "m"]
assert A.g.__globals__ is m.__dict__ and object.__subclasses__().count(A) == 1
assert sum(c.__qualname__ == "make.<locals>.L" for c in object.__subclasses__()) == 2
assert "make.<locals>.L.g" in report["modules"]["m"]["added"] and "make.<locals>.L.gone" in report["modules"]["m"]["removed"]
C = m.make(3)
assert C().g() == ("added", 3, C) and C.kind == "new data"
#### variables that code rebinds stay shared
write('m.py', '''
    def make():
        n = 0
        class L:
            def up(self):
                nonlocal n
                n += 1
        return L
''')
import m
L = m.make(); l = L(); l.up(); l.up()
write('m.py', '''
    def make():
        n = 0
        class L:
            def up(self):
                nonlocal n
                n += 10
            def show(self): return n
            def reset(self):
                nonlocal n
                n = 0
        return L
''')
reload()
assert l.show() == 2
l.up(); assert l.show() == 12
l.reset(); assert l.show() == 0
#### decorated, generic, inheriting, with a metaclass and keywords
write('m.py', '''
    import dataclasses, enum, abc
    class Meta(type):
        def tag(cls): return cls.__name__, cls.word
    class Base:
        words = []
        def __init_subclass__(cls, word="none", **more):
            cls.word = word
            Base.words.append(cls)
        def hello(self): return "base"
    class Other(Base): pass
    def make():
        @dataclasses.dataclass
        class Data:
            x: int
            y: int = 2
            def sum(self): return self.x + self.y
        class Tagged(Base, metaclass=Meta, word="w"):
            def f(self): return 1
        class Color(enum.Enum):
            RED = 1
            def f(self): return 1
        class Abstract(abc.ABC):
            @abc.abstractmethod
            def f(self): ...
        class Concrete(Abstract):
            def f(self): return 1
        return Data, Tagged, Color, Concrete
''')
import m
Data, Tagged, Color, Concrete = m.make()
d, t, red, c = Data(1), Tagged(), Color.RED, Concrete()
write('m.py', read('m.py').replace('def sum(self): return self.x + self.y', 'def sum(self): return self.x * 100 + self.y\n        def twice(self): return self.sum() * 2')
    .replace('def f(self): return 1', 'def f(self): return 2\n        def g(self): return "g"'))
reload()
assert d.sum() == 102 and d.twice() == 204 and repr(Data(3)).endswith("Data(x=3, y=2)") and Data(1) == d
assert t.f() == 2 and t.g() == "g" and Tagged.tag() == ("Tagged", "w") and t.hello() == "base" and m.Base.words.count(Tagged) == 1
assert m.Base.words == [m.Other, Tagged], m.Base.words
assert m.Base.__subclasses__() == [m.Other, Tagged]
assert Color.RED is red and red.g() == "g" and red.f() == 2 and list(Color) == [red]
assert c.f() == 2 and c.g() == "g"
#### bases that CPython lets change, and those that it does not
write('m.py', '''
    class A:
        def who(self): return "A"
    class B:
        def who(self): return "B"
    def make():
        class L(A):
            def f(self): return 1
        return L
''')
import m
L = m.make(); l = L()
write('m.py', read('m.py').replace('class L(A)', 'class L(B)'))
reload()
assert l.who() == "B" and L.__bases__ == (m.B,) and m.A.__subclasses__() == [] and m.B.__subclasses__() == [L]
write('m.py', read('m.py').replace('class L(B)', 'class L(B, dict)'))
error = refused()
assert "L" in error.reason and l.who() == "B" and L.__bases__ == (m.B,), error.reason
#### a failing hook takes all of it back
write('m.py', '''
    def make():
        class L:
            def f(self): return "old"
            def gone(self): return 1
        return L
''')
import m
L = m.make(); l = L(); before = dict(vars(L))
write('m.py', '''
    def make():
        class L:
            def f(self): return "new"
            def g(self): return "new"
        return L
    def x_reload_module(): 1/0
''')
refused()
assert l.f() == "old" and l.gone() == 1 and dict(vars(L)) == before and list(vars(L)) == list(before)
assert instar.plan()["modules"]["m"]["removed"] == ["make.<locals>.L.gone"] and l.f() == "old"
write('m.py', read('m.py').replace('1/0', 'pass'))
reload()
assert l.f() == l.g() == "new" and not hasattr(l, "gone")
#### hooks reach their instances
write('m.py', 'def make():\n    class L:\n        def f(self): return 1\n    return L\n')
import m
L = m.make(); l = L()
write('m.py', 'def make():\n    class L:\n        def f(self): return 2\n        def x_reload_class(self): self.hooked = self.f()\n    return L\n')
reload()
assert l.hooked == 2
#### a class statement that needs what nobody captured is left, and the log says so
write('m.py', 'def make(n):\n    k = n + 1\n    class L:\n        def f(self): return 1\n    return L\n')
import m
L = m.make(1); l = L()
write('m.py', 'def make(n):\n    k = n + 1\n    class L:\n        def f(self): return 2\n        def g(self): return k\n    return L\n')
log = reload()['log']
assert l.f() == 2 and not hasattr(l, "g") and any("make.<locals>.L : class, it lacks" in line for line in log), log
assert m.make(1)().g() == 2
#### a body that raises refuses the update
write('m.py', 'def make(n):\n    class L:\n        def f(self): return n\n    return L\n')
import m
L = m.make(0); l = L()
write('m.py', 'def make(n):\n    class L:\n        x = 1 / n\n        def f(self): return n, "new"\n    return L\n')
error = refused()
assert error.step == 'execute' and 'ZeroDivisionError' in error.trace and l.f() == 0
#### moved by lines alone: nothing is executed
write('m.py', 'import sys\ndef make():\n    class L:\n        sys.made = getattr(sys, "made", 0) + 1\n        def f(self): return 1\n    return L\n')
import m
L = m.make(); l = L(); made = sys.made
write('m.py', '# a line\n' + read('m.py').replace('return 1', 'return 2'))
reload()
assert l.f() == 2 and sys.made == made
#### local classes of methods and of functions inside functions
write('m.py', '''
    class Outer:
        def make(self):
            def inner(n):
                class L:
                    def f(self): return "old", n
                return L
            return inner
''')
import m
inner = m.Outer().make(); L = inner(5); l = L()
write('m.py', '''
    class Outer:
        def make(self):
            def inner(n):
                class L:
                    def f(self): return "new", n
                    def g(self): return "added", n
                return L
            return inner
''')
reload()
assert l.f() == ("new", 5) and l.g() == ("added", 5) and inner(6)().g() == ("added", 6)
