#### transaction second of three syntax
for n in 'abc': write(n + '.py', 'ran = []\ndef f(): return 1\n')
import a, b, c
marks = []
write('a.py', 'import builtins\nbuiltins.MARK = 1\ndef f(): return 2\n'); write('b.py', 'def f(:\n'); write('c.py', 'def f(): return 2\n')
e = refused()
import builtins
assert not hasattr(builtins, 'MARK') and a.f() == b.f() == c.f() == 1 and isinstance(e.__cause__, SyntaxError) and e.module == 'b', e.module
#### transaction import missing
write('a.py', 'def f(): return 1\n'); write('b.py', 'import a\ndef g(): return a.f()\n')
import a, b
write('a.py', 'def f(): return 2\nimport fresh\n'); write('fresh.py', 'X = 1\n'); write('b.py', 'import a\nfrom a import nothing\ndef g(): return a.f()\n')
mods = dict(sys.modules)
refused()
assert a.f() == 1 and b.g() == 1 and sys.modules == mods and not hasattr(a, 'fresh')
write('b.py', 'import a\ndef g(): return a.f(), a.fresh.X\n')
reload(); assert b.g() == (2, 1)
#### transaction good after bad
write('m.py', 'def f(): return 1\nclass C:\n    def g(self): return 1\n')
import m
f, c = m.f, m.C()
for i in range(5):
    write('m.py', 'def f(): return %d\nclass C:\n    def g(self): return %d\n    def n%d(self): pass\n1/0\n' % (i, i, i)); refused()
    write('m.py', 'def f(): return %d\nclass C:\n    def g(self): return %d\n    def n%d(self): pass\n' % (i+10, i+10, i)); reload()
    assert f() == c.g() == i + 10 and hasattr(c, 'n%d' % i) and not hasattr(c, 'n%d' % (i-1))
#### transaction side effects on other data
write('store.py', 'items = []\nd = {}\n')
write('m.py', 'import store\ndef f(): return 1\nclass C: pass\nstore.d["C"] = C\nstore.items.append(f)\n')
import m, store
write('m.py', 'import store\ndef f(): return 2\nclass C:\n    def x(self): pass\nclass D: pass\nstore.d["C"] = C\nstore.d["D"] = D\nstore.items.append(f)\nstore.items.append(C())\nraise ValueError\n')
refused()
assert store.d == {'C': m.C} and store.items == [m.f] and m.f() == 1, (store.d, store.items)
#### transaction globals of other module set
write('o.py', 'X = 1\n')
write('m.py', 'def f(): return 1\n')
import o, m
write('m.py', 'import o\no.Y = 5\ndef f(): return 2\n1/0\n')
refused()
assert m.f() == 1
#### linecache restored
import linecache, inspect
write('m.py', 'def f():\n    return 1\n')
import m
inspect.getsource(m.f)
before = dict(linecache.cache)
write('m.py', '\n\ndef f():\n    return 2\n1/0\n')
refused()
assert m.f() == 1
k = [k for k in linecache.cache if k.endswith('m.py')]
assert all(linecache.cache.get(x) == before.get(x) for x in k)
write('m.py', '\n\ndef f():\n    return 2\n')
reload(); assert inspect.getsource(m.f) == 'def f():\n    return 2\n'
#### builtins path unaltered
import gc, builtins
write('m.py', 'def f(): return 1\n')
import m
sys.settrace(None)
st = (list(sys.path), list(sys.meta_path), list(sys.path_hooks), gc.isenabled(), gc.get_threshold(), gc.get_debug(), dict(vars(builtins)), sys.getswitchinterval(), sys.dont_write_bytecode, sys.gettrace(), sys.getprofile(), builtins.__import__, list(sys.argv), sys.getrecursionlimit(), set(sys.modules))
write('m.py', 'def f(): return 2\n'); reload()
st2 = (list(sys.path), list(sys.meta_path), list(sys.path_hooks), gc.isenabled(), gc.get_threshold(), gc.get_debug(), dict(vars(builtins)), sys.getswitchinterval(), sys.dont_write_bytecode, sys.gettrace(), sys.getprofile(), builtins.__import__, list(sys.argv), sys.getrecursionlimit(), set(sys.modules))
assert st == st2
write('m.py', 'import gc\ngc.collect()\ndef f(): return 3\n'); reload(); assert m.f() == 3
write('m.py', 'import gc\ngc.disable()\ngc.freeze()\ndef f(): return 4\nclass C: pass\n'); reload(); assert m.f() == 4 and m.C.__module__ == 'm'
write('m.py', 'import gc\ngc.enable()\nx=[[i] for i in range(100000)]\ndel x\ndef f(): return 5\nclass C:\n    def g(self): return f()\n'); reload(); assert m.f() == 5 and m.C().g() == 5
#### leftovers refused
write('m.py', 'def helper(): return 1\nclass Old: pass\nK = 1\ndef f(): return helper()\n')
import m
for bad in ('X = helper()\n', 'class New(Old): pass\n', 'Y = K + 1\n', 'import m\nZ = m.K\n', 'from m import helper\n', 'X = globals()["K"]\n', 'import sys\nX = sys.modules[__name__].K\n', 'class D:\n    x = K\n', 'def f(a=K): pass\n', '@helper\ndef q(): pass\n'):
    write('m.py', bad); refused(); assert m.f() == 1 and m.K == 1, bad
#### leftover by other module
write('a.py', 'def old(): return 1\nX = 1\n'); write('b.py', 'from a import old\ndef f(): return old()\n')
import a, b
write('a.py', 'X = 2\n'); write('b.py', 'from a import old\ndef f(): return old(), 2\n'); refused(); assert b.f() == 1 and hasattr(a, 'old')
write('b.py', 'import a\nY = a.old()\n'); refused()
#### bases changed
write('m.py', 'class X:\n    def w(self): return "X"\nclass Y:\n    def w(self): return "Y"\nclass A(X): pass\nclass B(A): pass\n')
import m
b = m.B(); w = b.w
write('m.py', 'class X:\n    def w(self): return "X"\nclass Y:\n    def w(self): return "Y2"\nclass A(Y): pass\nclass B(A): pass\n'); reload()
assert b.w() == 'Y2' and m.B.__mro__ == (m.B, m.A, m.Y, object) and m.X.__subclasses__() == [] and m.Y.__subclasses__() == [m.A] and isinstance(b, m.Y) and not isinstance(b, m.X)
write('m.py', 'class X:\n    def w(self): return "X"\nclass Y:\n    def w(self): return "Y2"\nclass Z: pass\nclass A(X, Y, Z): pass\nclass B(A): pass\n'); reload(); assert b.w() == 'X'
#### bases fail later restored
write('a.py', 'class X: pass\nclass Y: pass\nclass A(X): pass\n'); write('b.py', 'def f(): return 1\n')
import a, b
write('a.py', 'class X: pass\nclass Y: pass\nclass A(Y): pass\ndef x_reload_module(): 1/0\n'); write('b.py', 'def f(): return 2\n')
refused(); assert a.A.__bases__ == (a.X,) and a.X.__subclasses__() == [a.A] and b.f() == 1
#### plan counts and remove refuse
write('m.py', 'def f(): return 1\ndef g(): return 1\nX = 1\nclass C: pass\n')
import m, gc
c = m.C()
write('m.py', 'def f(): return 2\nX = 2\nY = 3\nclass C: pass\n')
gc.collect(); b = dict(m.__dict__), dict(m.C.__dict__), dict(sys.modules), m.f.__code__
p = instar.plan(); assert p['modules']['m']['added'] == ['Y'] and p['modules']['m']['removed'] == ['g'] and p['modules']['m']['retained'] == ['X'] and 'f' in p['modules']['m']['updated']
assert (dict(m.__dict__), dict(m.C.__dict__), dict(sys.modules), m.f.__code__) == b and m.f() == 1
assert any('[A] m.Y' in l for l in p['log']) and any('[RD] m.X' in l for l in p['log'])
r = reload(); assert r['modules'] == p['modules'] and r['log'] == p['log'], (r, p)
write('m.py', 'class C(int): pass\n')
try: instar.plan(); assert 0
except instar.ReloadError as e: assert 'C' in str(e)
write('m.py', 'x = = 1\n')
try: instar.plan(); assert 0
except instar.ReloadError as e: assert isinstance(e.__cause__, SyntaxError)
assert m.f() == 2
#### error attributes
write('m.py', 'def f(): return 1\n')
import m
write('m.py', 'def f(): return 2\nraise KeyError("kk")\n'); e = refused()
assert e.module == 'm' and type(e.__cause__) is KeyError and 'kk' in str(e) and 'm.py' in e.trace and 'line 2' in e.trace, e.trace
assert issubclass(instar.ReloadError, Exception)
