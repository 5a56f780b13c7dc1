#### import self in body
write('m.py', 'import m as me\ndef f(): return 1\n')
import m
write('m.py', 'import m as me\nimport sys\nassert sys.modules["m"] is me\ndef f(): return 2, me.f is f\n')
reload(); assert m.f() == (2, True) and m.me is m
#### not imported not loaded
write('m.py', 'def f(): return 1\n'); write('n.py', 'raise SystemExit\n')
import m
write('n.py', 'raise SystemExit(2)\n'); write('m.py', 'def f(): return 2\n')
r = reload(); assert 'n' not in sys.modules and list(r['modules']) == ['m']
try: r = reload(['n', 'm'])
except instar.ReloadError: pass
assert 'n' not in sys.modules
#### runs once
write('a.py', 'import builtins\nbuiltins.N = getattr(builtins, "N", 0) + 1\nimport b\ndef f(): return 1\n')
write('b.py', 'import builtins\nbuiltins.M = getattr(builtins, "M", 0) + 1\ndef g(): return 1\n')
import a, b, builtins
builtins.N = builtins.M = 0
write('a.py', read('a.py').replace('return 1', 'return 2').replace('import b\n', 'import b, importlib\nfrom b import g\nimportlib.import_module("b")\n')); write('b.py', read('b.py') + 'import a\n')
reload(); assert (N, M) == (1, 1), (N, M)
#### constants imported
write('cfg.py', 'SPEED = 1\n'); write('m.py', 'from cfg import SPEED\ndef f(): return SPEED\n')
import cfg, m
write('cfg.py', 'SPEED = 1\nNEW = 2\nclass K: v = 3\n'); write('m.py', 'from cfg import SPEED, NEW, K\nX = NEW * 10\ndef f(): return SPEED, NEW, K.v\n')
reload(); assert m.f() == (1, 2, 3) and m.X == 20 and m.K is cfg.K
cfg.SPEED = 50
write('cfg.py', 'SPEED = 9\nNEW = 2\n'); write('m.py', 'from cfg import SPEED, NEW\nX = NEW * 10\ndef f(): return SPEED, NEW\ndef g(): return 1\n')
reload(); assert cfg.SPEED == 50, cfg.SPEED
assert m.SPEED in (1, 50), m.SPEED
#### namespace package
write('ns/a.py', 'def f(): return 1\n'); write('ns/sub/b.py', 'from ..a import f\ndef g(): return f()\n')
import ns.a, ns.sub.b
f = ns.a.f
write('ns/a.py', 'from .c import h\ndef f(): return h()\n'); write('ns/c.py', 'def h(): return "c"\n'); write('ns/sub/b.py', 'from ..a import f\nfrom .. import c\ndef g(): return f() + c.h()\n')
reload(); assert f() == 'c' and ns.sub.b.g() == 'cc' and ns.c.h() == 'c'
#### package init and submodule
write('p/__init__.py', 'from .a import f\n__all__ = ["f"]\nV = 1\n'); write('p/a.py', 'def f(): return 1\n')
import p
f = p.f; p_a = p.a
write('p/__init__.py', 'from .a import f, g\nfrom . import b\n__all__ = ["f", "g"]\nV = 2\nW = 3\n'); write('p/a.py', 'def f(): return 2\ndef g(): return "g"\n'); write('p/b.py', 'from . import a\nfrom .a import f\n')
reload(); assert p.a is p_a and f() == 2 and p.g() == 'g' and p.b.f is p.f and p.V == 1 and p.W == 3 and p.__all__ == ['f', 'g']
#### lazy getattr
write('m.py', 'def __getattr__(n):\n    if n == "lazy": return "old"\n    raise AttributeError(n)\ndef __dir__(): return ["old"]\n')
import m
assert m.lazy == 'old'
write('m.py', 'def __getattr__(n):\n    if n in ("lazy", "more"): return "new"\n    raise AttributeError(n)\ndef __dir__(): return ["new"]\n')
reload(); assert m.lazy == m.more == 'new' and dir(m) == ['new']
write('m.py', 'x = 1\n'); reload()
try: m.lazy; assert 0
except AttributeError: pass
#### star reexport
write('impl.py', 'def a(): return 1\ndef b(): return 1\n_p = 1\n'); write('api.py', 'from impl import *\n'); write('use.py', 'from api import *\ndef u(): return a(), b()\n')
import use, api, impl
write('impl.py', 'def a(): return 2\ndef b(): return 2\ndef c(): return 3\n'); write('api.py', 'from impl import *\n#\n'); write('use.py', 'from api import *\ndef u(): return a(), b(), c()\n')
reload(); assert use.u() == (2, 2, 3) and use.c is impl.c is api.c
#### star reexport only impl changed
write('impl.py', 'def a(): return 1\n'); write('api.py', 'from impl import *\n')
import api, impl
write('impl.py', 'def a(): return 2\ndef c(): return 3\n'); reload()
assert api.a() == 2
#### future annotations
write('m.py', 'from __future__ import annotations\nclass C:\n    x: Nope\n    def f(self, a: Missing) -> Gone: return 1\n')
import m
c = m.C()
write('m.py', 'from __future__ import annotations\nclass C:\n    x: Other\n    y: int = 2\n    def f(self, a: Missing2, b: int = 1) -> Gone2: return 2\n')
reload(); assert c.f(1) == 2 and m.C.__annotations__ == {'x': 'Other', 'y': 'int'} and m.C.f.__annotations__ == {'a': 'Missing2', 'b': 'int', 'return': 'Gone2'} and c.y == 2
#### removed module
write('m.py', 'import gone\ndef f(): return gone.v()\n'); write('gone.py', 'def v(): return 1\n')
import m, gone
v = gone.v
write('m.py', 'def f(): return "no"\n')
r = reload(removed=['gone']); assert 'gone' not in sys.modules and m.f() == 'no' and not hasattr(m, 'gone') and v() == 1
#### removed module fails
write('m.py', 'def f(): return 1\n'); write('gone.py', 'def v(): return 1\n')
import m, gone
write('m.py', 'import gone\n1/0\n')
refused(removed=['gone']); assert sys.modules['gone'] is gone and m.f() == 1
#### import repointed
write('u1.py', 'def h(): return "u1"\nclass K:\n    def f(self): return "u1"\n'); write('u2.py', 'def h(): return "u2"\nclass K:\n    def f(self): return "u2"\n')
write('m.py', 'from u1 import h, K\nimport u1 as u\ndef go(): return h(), K().f(), u.__name__\n')
import m, u1, u2
h1 = u1.h
write('m.py', 'from u2 import h, K\nimport u2 as u\ndef go(): return h(), K().f(), u.__name__\n'); reload()
assert m.go() == ('u2', 'u2', 'u2') and u1.h is h1 and h1() == 'u1' and u1.K().f() == 'u1' and m.h is u2.h
#### same name in two modules
write('a.py', 'def run(): return "a1"\nclass C:\n    def f(self): return "a1"\n'); write('b.py', 'def run(): return "b1"\nclass C:\n    def f(self): return "b1"\n')
import a, b
ca, cb = a.C(), b.C()
write('a.py', read('a.py').replace('a1', 'a2')); reload(); assert b.run() == 'b1' and cb.f() == 'b1' and a.run() == 'a2' and ca.f() == 'a2'
#### local def becomes import
write('u.py', 'def f(): return "u"\n'); write('m.py', 'def f(): return "m"\ndef g(): return f()\n')
import m, u
f, uf = m.f, u.f
write('m.py', 'from u import f\ndef g(): return f()\n'); reload()
assert m.f is uf and m.g() == 'u' and uf() == 'u' and f() == 'm', (m.f(), f())
write('m.py', 'def f(): return "m2"\ndef g(): return f()\n'); reload()
assert m.g() == 'm2' and uf() == 'u' and u.f is uf, (m.g(), uf())
#### class moved to other module
write('a.py', 'class K:\n    def f(self): return 1\n'); write('b.py', 'X = 1\n')
import a, b
K = a.K; k = K()
write('b.py', 'X = 1\nclass K:\n    def f(self): return 2\n'); write('a.py', 'from b import K\n'); reload()
assert a.K is b.K and a.K().f() == 2 and k.f() == 1
#### function renamed alias
write('m.py', 'def f(): return 1\nalias = f\nclass C:\n    def a(self): return 1\n    b = a\n')
import m
f, al = m.f, m.alias; c = m.C()
write('m.py', 'def f(): return 2\ndef g(): return 3\nalias = g\nclass C:\n    def a(self): return 2\n    def b(self): return 3\n'); reload()
assert f() == 2 and al() == 2 and m.alias is m.g and m.alias() == 3 and c.a() == 2 and c.b() == 3
write('m.py', 'def g(): return 4\nf = g\nalias = f\nclass C:\n    def b(self): return 4\n    a = b\n'); reload()
assert m.f is m.g and m.f() == 4 and c.a() == c.b() == 4, (m.f(), c.a())
assert f() == 2, f()
#### chained updates across
write('a.py', 'def f(): return 1\n'); write('b.py', 'import a\nfrom a import f\ndef g(): return f()\n')
import a, b
for i in range(2, 30):
    write('a.py' if i % 2 else 'b.py', ('def f(): return %d\ndef n%d(): pass\n' if i % 2 else 'import a\nfrom a import f\ndef g(): return f()\ndef k%d(): pass\n') % ((i, i) if i % 2 else (i,))); reload()
    assert b.f is a.f and b.g() == a.f()
#### a class that comes back while another module kept its name for it
write('m.py', 'class C:\n    def f(self): return 1\n    @property\n    def p(self): return 1\n')
write('n.py', 'from m import C as Alias\n')
import m, n
C = m.C
write('m.py', 'X = 1\n')
reload(['m'])
assert not hasattr(m, 'C') and n.Alias is C
write('m.py', 'class C:\n    def f(self): return 2\n'); write('n.py', 'from m import C as Alias\nY = 1\n')
report = reload()
assert n.Alias is m.C and m.C().f() == 2 and not hasattr(m.C, 'p'), vars(m.C)
assert C is m.C and C().f() == 2
#### a module under two names
write('m.py', 'def f(): return 1\nclass C:\n    def g(self): return 1\n')
import m
sys.modules['other_name'] = m
f, c = m.f, m.C()
write('m.py', 'def f(): return 2\nclass C:\n    def g(self): return 2\n')
assert reload()['modules'].keys() == {'m'} and f() == 2 and c.g() == 2 and sys.modules['other_name'] is m
write('m.py', 'def f(): return 3\nclass C:\n    def g(self): return 3\n')
reload(['other_name'])
assert f() == 3 and c.g() == 3 and m.f is f and m.__name__ == 'm' and f.__module__ == 'm'
write('m.py', 'def f(): return 4\n1/0\n')
refused(['m', 'other_name'])
assert f() == 3 and sys.modules['other_name'] is sys.modules['m'] is m
del sys.modules['other_name']
