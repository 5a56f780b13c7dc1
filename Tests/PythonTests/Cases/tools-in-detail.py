#### pickle
import pickle, copy
write('m.py', 'class C:\n    def __init__(self): self.x = 1\n    class N: pass\ndef f(): pass\n')
import m
data = pickle.dumps((m.C(), m.C.N(), m.f))
c = m.C()
write('m.py', 'class C:\n    def __init__(self): self.x = 2\n    def g(self): return 3\n    class N:\n        def h(self): return 4\ndef f(): return 5\n')
reload()
o, n, f = pickle.loads(data); assert o.g() == 3 and n.h() == 4 and f() == 5 and type(o) is m.C
assert type(pickle.loads(pickle.dumps(c))) is m.C and copy.deepcopy(c).g() == 3
#### inspect source all
import inspect
write('m.py', 'def f():\n    return 1\nclass C:\n    def g(self):\n        return 1\n    @property\n    def p(self):\n        return 1\n    class D:\n        def h(self):\n            return 1\n')
import m
c = m.C(); d = m.C.D(); old = [inspect.getsource(x) for x in (m.f, m.C, m.C.g, m.C.p.fget, m.C.D, m.C.D.h, c.g)]
write('m.py', '# moved\n# down\n\n' + read('m.py').replace('return 1', 'return 22'))
reload()
new = [inspect.getsource(x) for x in (m.f, m.C, m.C.g, m.C.p.fget, m.C.D, m.C.D.h, c.g)]
assert new == [o.replace('return 1', 'return 22') for o in old], new
assert m.f.__code__.co_firstlineno == 4 and m.C.D.h.__code__.co_firstlineno == 13
#### settrace lines
write('m.py', 'def f():\n    x = 1\n    return x\n')
import m
write('m.py', '\n\ndef f():\n    x = 2\n    y = 3\n    return x + y\n'); reload()
lines = []
def tr(frame, ev, arg):
    if frame.f_code.co_filename.endswith('m.py') and ev == 'line': lines.append(frame.f_lineno)
    return tr
sys.settrace(tr); m.f(); sys.settrace(None)
assert lines == [2, 3, 4], lines
#### trace kept during reload
write('m.py', 'def f(): return 1\n')
import m
def tr(*a): return tr
sys.settrace(tr)
write('m.py', 'def f(): return 2\n'); reload()
t = sys.gettrace(); sys.settrace(None); assert t is tr and m.f() == 2
#### weakrefs to functions classes
import weakref
write('m.py', 'def f(): return 1\nclass C:\n    def g(self): return 1\n')
import m
c = m.C(); rf, rc, rm, ri = weakref.ref(m.f), weakref.ref(m.C), weakref.WeakMethod(c.g), weakref.ref(c)
ws = weakref.WeakSet([m.C, m.f]); wd = weakref.WeakKeyDictionary({m.C: 1, m.f: 2}); wv = weakref.WeakValueDictionary({'f': m.f})
write('m.py', 'def f(): return 2\nclass C:\n    def g(self): return 2\n'); reload()
import gc; gc.collect()
assert rf() is m.f and rf()() == 2 and rc() is m.C and rm()() == 2 and ri() is c and m.C in ws and wd[m.C] == 1 and wd[m.f] == 2 and wv['f']() == 2 and len(ws) == 2
#### weak registry in base
write('base.py', 'import weakref\nREG = weakref.WeakSet()\nBY = weakref.WeakValueDictionary()\ndef reg(c):\n    REG.add(c); BY[c.__name__] = c; return c\n')
write('m.py', 'from base import reg\n@reg\nclass A:\n    def f(self): return 1\n')
import m, base, gc
write('m.py', 'from base import reg\n@reg\nclass A:\n    def f(self): return 2\n@reg\nclass B: pass\n'); reload(); gc.collect()
assert set(base.REG) == {m.A, m.B} and dict(base.BY) == {'A': m.A, 'B': m.B}, (list(base.REG), dict(base.BY))
#### atexit signal callbacks
import atexit, signal
write('m.py', 'out = []\ndef handler(*a): out.append("old")\n')
import m
signal.signal(signal.SIGUSR1, m.handler)
write('m.py', 'out = []\ndef handler(*a): out.append("new")\n'); reload()
os.kill(os.getpid(), signal.SIGUSR1)
for i in range(1000): pass
assert m.out == ['new'], m.out
#### gc freeze disable
import gc
write('m.py', 'class C:\n    def f(self): return 1\nlog=[]\n')
import m
cs = [m.C() for _ in range(10)]; gc.freeze(); gc.disable(); n = gc.get_freeze_count()
write('m.py', 'class C:\n    def f(self): return 2\n    def x_reload_class(self): log.append(1)\nlog=[]\n'); reload()
assert len(m.log) == 10 and not gc.isenabled() and abs(gc.get_freeze_count() - n) < 60, (n, gc.get_freeze_count())
#### running frame generator coroutine
import asyncio
write('m.py', 'def gen():\n    for i in range(3): yield "old", i\nasync def co(ev):\n    await ev.wait()\n    return "old"\nclass C:\n    def run(self, cb):\n        cb(); return "old"\ndef rec(n, cb):\n    if n == 0: cb(); return []\n    return ["old"] + rec(n-1, cb)\nasync def ag():\n    yield "old"\n    yield "old"\n')
import m
g = m.gen(); next(g); gf = m.gen()
async def main():
    ev = asyncio.Event(); t = asyncio.ensure_future(m.co(ev)); a = m.ag(); await a.__anext__(); await asyncio.sleep(0)
    write('m.py', read('m.py').replace('old', 'new'))
    c = m.C()
    assert c.run(reload) == 'old' and c.run(lambda: 0) == 'new'
    ev.set(); assert await t == 'old' and await a.__anext__() == 'old'
    ev.set(); assert await m.co(ev) == 'new'
asyncio.run(main())
assert next(g) == ('old', 1) and next(m.gen()) == ('new', 0) and next(gf)[0] == 'old'
write('m.py', read('m.py').replace('new', 'newer')); assert m.rec(3, reload) == ['new'] * 3 and m.rec(1, lambda: 0) == ['newer']
#### reload from updated module body lines
write('m.py', 'import instar\ndef tick():\n    r = instar.reload()\n    x = helper()\n    return x\ndef helper(): return "old"\n')
import m
write('m.py', 'import instar\n\n\ndef tick():\n    r = instar.reload()\n    return "new tick", helper()\ndef helper(): return "new"\n')
assert m.tick() == 'new' and m.tick() == ('new tick', 'new')
#### super in added
write('m.py', 'class A:\n    def f(self): return "A"\nclass B(A):\n    def f(self): return "B"\n')
import m
b = m.B()
write('m.py', 'class A:\n    def f(self): return "A2"\n    def z(self): return "Az"\nclass B(A):\n    def f(self): return "B2" + super().f()\n    def z(self): return super().z() + __class__.__name__\n    @classmethod\n    def k(cls): return super().__thisclass__ if False else __class__\n    @staticmethod\n    def s(): return __class__\n    @property\n    def p(self): return super().f()\n    class In:\n        def q(self): return __class__\n'); reload()
assert b.f() == 'B2A2' and b.z() == 'AzB' and b.k() is m.B and b.s() is m.B and b.p == 'A2' and m.B.In().q() is m.B.In
write('m.py', read('m.py').replace('B2', 'B3')); reload(); assert b.f() == 'B3A2' and b.z() == 'AzB' and b.p == 'A2'
