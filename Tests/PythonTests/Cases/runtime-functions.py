#### factory held
write('m.py', 'def make(n):\n    def inner(): return "old", n\n    return inner\n')
import m
held = [m.make(i) for i in range(3)]
write('m.py', 'def make(n):\n    def inner(): return "new", n\n    return inner\n')
reload()
assert [h() for h in held] == [('new', 0), ('new', 1), ('new', 2)], [h() for h in held]
assert m.make(7)() == ('new', 7)
#### factory nonlocal
write('m.py', 'def make():\n    n = 0\n    def inc():\n        nonlocal n\n        n += 1\n        return n\n    return inc\n')
import m
a = m.make(); a(); a()
write('m.py', 'def make():\n    n = 0\n    def inc():\n        nonlocal n\n        n += 10\n        return n\n    return inc\n')
reload()
assert a() == 12
#### factory decorator instances
write('deco.py', 'import functools\ndef trace(fn):\n    @functools.wraps(fn)\n    def wrapper(*a): return "t1", fn(*a)\n    return wrapper\n')
write('m.py', 'from deco import trace\n@trace\ndef f(): return 1\nclass C:\n    @trace\n    def g(self): return 1\n')
import m, deco
f = m.f; c = m.C(); g = c.g
write('deco.py', read('deco.py').replace('t1', 't2'))
reload()
assert f() == ('t2', 1) and g() == ('t2', 1) and c.g() == ('t2', 1), (f(), g())
#### factory freevars change
write('m.py', 'def make(n):\n    def inner(): return n\n    return inner\n')
import m
h = m.make(5)
write('m.py', 'def make(n):\n    k = 3\n    def inner(): return "new", n\n    return inner\n')
reload()
assert h() == ('new', 5)
write('m.py', 'def make(n):\n    k = 3\n    def inner(): return "none"\n    return inner\n')
reload()
assert h() == 'none'
#### factory new freevar
write('m.py', 'K = 9\ndef make(n):\n    k = 4\n    def inner(): return n\n    return inner\n')
import m
h = m.make(5)
write('m.py', 'K = 9\ndef make(n):\n    k = 4\n    def inner(): return n, k\n    return inner\n')
reload()
try: r = h()
except NameError: r = 'name'
assert r in ((5, 4), 5, 'name'), r
assert m.make(1)() == (1, 4)
#### factory lambda
write('m.py', 'def make(n): return lambda x: x + n\nL = [make(i) for i in range(3)]\n')
import m
h = m.make(5)
write('m.py', 'def make(n): return lambda x: (x + n) * 100\nL = [make(i) for i in range(3)]\n')
reload()
assert h(1) == 600, h(1)
assert m.L[1](1) == 200, m.L[1](1)
#### factory two lambdas
write('m.py', 'def make():\n    return (lambda: "a1"), (lambda: "b1")\n')
import m
a, b = m.make()
write('m.py', 'def make():\n    return (lambda: "a2"), (lambda: "b2")\n')
reload()
assert (a(), b()) == ('a2', 'b2')
#### method local closures
write('m.py', 'class C:\n    def __init__(self): self.cb = lambda: self.v()\n    def v(self): return 1\n    def later(self):\n        def go(): return "old", self\n        return go\n')
import m
c = m.C(); go = c.later(); cb = c.cb
write('m.py', 'class C:\n    def __init__(self): self.cb = lambda: ("new", self.v())\n    def v(self): return 2\n    def later(self):\n        def go(): return "new", self\n        return go\n')
reload()
assert go() == ('new', c) and cb() == ('new', 2), (go(), cb())
#### nested factory
write('m.py', 'def a(x):\n    def b(y):\n        def c(): return "old", x, y\n        return c\n    return b\n')
import m
b = m.a(1); c = b(2)
write('m.py', 'def a(x):\n    def b(y):\n        def c(): return "new", x, y\n        return c\n    return b\n')
reload()
assert c() == ('new', 1, 2) and b(3)() == ('new', 1, 3)
#### timer callback
import threading, time
write('m.py', 'out = []\ndef later():\n    def go(): out.append("old")\n    return go\n')
import m
ev = threading.Event()
cb = m.later()
def run():
    ev.wait(); cb()
t = threading.Thread(target=run); t.start()
write('m.py', 'out = []\ndef later():\n    def go(): out.append("new")\n    return go\n')
reload(); ev.set(); t.join()
assert m.out == ['new'], m.out
#### local class
write('m.py', 'def make():\n    class L:\n        def f(self): return 1\n    return L\n')
import m
L = m.make(); l = L()
write('m.py', 'def make():\n    class L:\n        def f(self): return 2\n        def g(self): return 3\n    return L\n')
reload()
assert l.f() == 2, l.f()
#### gen comprehension held
write('m.py', 'fs = [lambda i=i: ("old", i) for i in range(3)]\nds = {k: (lambda k=k: ("old", k)) for k in "ab"}\n')
import m
f0, da = m.fs[0], m.ds['a']
write('m.py', 'fs = [lambda i=i: ("new", i) for i in range(3)]\nds = {k: (lambda k=k: ("new", k)) for k in "ab"}\n')
reload()
assert f0() == ('new', 0) and da() == ('new', 'a'), (f0(), da())
#### runtime super in closure
write('m.py', 'class A:\n    def v(self): return "A"\nclass B(A):\n    def v(self): return "B"\n    def later(self):\n        def go(): return self.v()\n        return go\n')
import m
go = m.B().later()
write('m.py', 'class A:\n    def v(self): return "A"\nclass B(A):\n    def v(self): return "B"\n    def later(self):\n        def go(): return super(B, self).v(), __class__\n        return go\n'); reload()
assert go() == ('A', m.B)
#### wrapped in other module both change
write('d.py', 'import functools\ndef deco(n):\n    def outer(f):\n        @functools.wraps(f)\n        def w(*a): return "d1", n, f(*a)\n        return w\n    return outer\n')
write('m.py', 'from d import deco\n@deco(1)\ndef f(): return 1\n')
write('k.py', 'from d import deco\n@deco(5)\ndef f(): return 5\n')
import m, k
mf, kf = m.f, k.f
write('d.py', read('d.py').replace('d1', 'd2')); write('m.py', read('m.py').replace('deco(1)', 'deco(2)')); reload()
assert mf() == ('d2', 2, 1) and kf() == ('d2', 5, 5), (mf(), kf())
#### failing hook restores closures
write('m.py', 'def make():\n    def i(): return "old"\n    return i\n')
import m
i = m.make()
write('m.py', 'def make():\n    def i(): return "new"\n    return i\ndef x_reload_module(): 1/0\n'); refused(); assert i() == 'old' and m.make()() == 'old'
p = None
write('m.py', 'def make():\n    def i(): return "new"\n    return i\n'); instar.plan(); assert i() == 'old'
reload(); assert i() == 'new'
#### callback lists held
write('ev.py', 'L = []\ndef on(f): L.append(f); return f\n')
write('m.py', 'from ev import on\nclass C:\n    def __init__(self):\n        on(lambda: self.hit())\n        on(self.hit)\n        def local(): return ("l1", self.hit())\n        on(local)\n    def hit(self): return 1\n')
import m, ev
c = m.C()
write('m.py', read('m.py').replace('return 1', 'return 2').replace('l1', 'l2').replace('lambda: self.hit()', 'lambda: ("lam", self.hit())')); reload()
assert [f() for f in ev.L] == [('lam', 2), 2, ('l2', 2)], [f() for f in ev.L]
#### line shift runtime closure
import traceback
write('m.py', 'def make():\n    def i(): raise ValueError\n    return i\n')
import m
i = m.make()
write('m.py', '# a\n# b\n' + read('m.py')); reload()
try: i()
except ValueError as e: assert traceback.extract_tb(e.__traceback__)[-1].lineno == 4
#### pep kwonly defaults closure
write('m.py', 'def make():\n    def i(a, b=2, c=3): return a, b, c\n    return i\n')
import m
i = m.make()
write('m.py', 'def make():\n    def i(a): return a, "new"\n    return i\n'); reload(); assert i(1) == (1, 'new') and (i.__defaults__ is None or len(i.__defaults__) <= 1)
#### closure rebinding across factories
write('m.py', 'def a():\n    n = 0\n    def inc():\n        nonlocal n\n        n += 1\n        return n\n    return inc\ndef b(n):\n    def show(): return n\n    return show\ninc = a()\nshow = b(1)\n')
import m
m.inc()
write('m.py', read('m.py').replace('b(1)', 'b(2)')); reload()
assert m.show() == 2 and m.inc() == 2
