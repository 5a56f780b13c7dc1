#### wraps chain
write('m.py', '''
import functools
def d1(f):
    @functools.wraps(f)
    def w1(*a): return 'd1', f(*a)
    return w1
def d2(f):
    @functools.wraps(f)
    def w2(*a): return 'd2', f(*a)
    return w2
@d1
@d2
@d1
def f(x): return 'old', x
class C:
    @d1
    @d2
    def m(self): return 'old'
    @staticmethod
    @d1
    def s(): return 'old'
    @property
    @d1
    def p(self): return 'old'
''')
import m
f = m.f; c = m.C(); cm = c.m; s = m.C.s
write('m.py', read('m.py').replace('old', 'new').replace("'d1', f", "'D1', f"))
reload()
assert f(1) == ('D1', ('d2', ('D1', ('new', 1)))), f(1)
assert cm() == ('D1', ('d2', 'new')) and s() == ('D1', 'new') and c.p == ('D1', 'new'), (cm(), s(), c.p)
write('m.py', read('m.py').replace('@d1\n@d2\n@d1\ndef f', '@d2\ndef f').replace('new', 'newer'))
reload()
assert f(1) == ('d2', ('newer', 1)), f(1)
#### class decorator callable object
write('m.py', '''
class Deco:
    def __init__(self, fn): self.fn = fn; self.calls = 0
    def __call__(self, *a): self.calls += 1; return 'old', self.fn(*a)
@Deco
def f(x): return x
''')
import m
f = m.f; f(1); f(2)
write('m.py', read('m.py').replace("'old'", "'new'").replace('return x', 'return x * 10'))
reload()
assert m.f is f and f(3) == ('new', 30) and f.calls == 3, (m.f is f, f(3), f.calls)
#### singledispatch removed
write('m.py', '''
import functools
@functools.singledispatch
def show(x): return 'any'
@show.register(int)
def show_int(x): return 'int1'
@show.register(str)
def show_str(x): return 'str1'
class C:
    @functools.singledispatchmethod
    def m(self, x): return 'any1'
    @m.register(int)
    def _(self, x): return 'int1'
''')
import m
show = m.show; c = m.C(); show(1); c.m(1)
write('m.py', read('m.py').replace('1\'', '2\'').replace("@show.register(str)\ndef show_str(x): return 'str2'\n", ''))
reload()
assert show(1) == 'int2' and c.m(1) == 'int2' and c.m('') == 'any2', (show(1), c.m(1), c.m(''))
assert m.show is show
assert show('') == 'any', show('')
#### partialmethod
write('m.py', '''
import functools
class C:
    def base(self, a, b): return 'old', a, b
    go = functools.partialmethod(base, 1)
''')
import m
c = m.C(); go = c.go
write('m.py', read('m.py').replace('old', 'new').replace('base, 1', 'base, 2'))
reload()
assert c.go(5) == ('new', 2, 5), c.go(5)
assert go(5)[0] == 'new'
#### lru method staticmethod
write('m.py', '''
import functools
class C:
    @staticmethod
    @functools.lru_cache(None)
    def s(x): return 'old', x
    @classmethod
    @functools.lru_cache(None)
    def k(cls, x): return 'old', x
    @functools.cached_property
    def cp(self): return 'old'
''')
import m
s = m.C.s; k = m.C.k; s(1); k(1); c = m.C(); c.cp
write('m.py', read('m.py').replace('old', 'new'))
reload()
assert s(1) == ('new', 1) and k(1) == ('new', 1) and m.C.s is s
assert m.C().cp == 'new'
assert c.cp in ('old', 'new')
#### contextmanager class
write('m.py', '''
import contextlib
class Old(contextlib.ContextDecorator):
    def __enter__(self): return 'old'
    def __exit__(self, *a): pass
@Old()
def f(): return 'old'
@contextlib.asynccontextmanager
async def actx():
    yield 'old'
''')
import m, asyncio
f, actx = m.f, m.actx
write('m.py', read('m.py').replace("'old'", "'new'"))
reload()
async def t():
    async with actx() as a: return a
assert f() == 'new' and asyncio.run(t()) == 'new'
#### decorator gone attributes
write('d.py', 'def tag(**k):\n    def deco(f):\n        f.tags = k; f.marked = True\n        return f\n    return deco\n')
write('m.py', 'from d import tag\n@tag(a=1)\ndef f(): return 1\nclass C:\n    @tag(b=1)\n    def g(self): return 1\n')
import m
m.f.runtime = 5; f = m.f
write('m.py', 'from d import tag\ndef f(): return 2\nclass C:\n    @tag(b=2)\n    def g(self): return 2\n'); reload()
assert f() == 2 and not hasattr(f, 'tags') and not hasattr(f, 'marked') and f.runtime == 5 and m.C.g.tags == {'b': 2}
