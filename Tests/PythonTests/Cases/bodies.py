#### body edit variants
write('m.py', '''
import functools
def deco(f):
    f.tag = "old"
    return f
@deco
def a(x, y=1):
    """doc"""
    return x + 1

class A:
    k = 1
    def p(self):
        return "old"
    class B:
        @property
        def q(self):
            s = """
text
"""
            return "old" + s
        def r(self): return super().__repr__() and "old"
        def __priv(self): return "old"
        def t(self): return self.__priv()
    @functools.lru_cache(None)
    def c(self, n):
        return "old"
if True:
    def cond():
        return "old"
async def co():
    return "old"
def gen():
    yield "old"
def outer():
    def inner():
        return "old"
    return inner
one = lambda: "old"
TABLE = {"a": a}
END = [a(1)]
''')
import m, asyncio, itertools
x = m.A(); b = m.A.B(); x.c(1); inner = m.outer()
def snap(): return m.a(1), m.a.tag, m.a.__doc__, x.p(), b.q, b.r(), b.t(), x.c(1), m.cond(), asyncio.run(m.co()), list(m.gen()), m.outer()(), inner(), m.one()
src = read('m.py'); exp = list(snap())
edits = [('f.tag = "old"', 'f.tag = "new"', 1, 'new'), ('"""doc"""', '"""dok"""', 2, 'dok'), ('return x + 1', 'return x + 5', 0, 6),
  ('    def p(self):\n        return "old"', '    def p(self):\n        return "new"', 3, 'new'), ('\ntext\n', '\ntexd\n', 4, 'old\ntexd\n'),
  ('and "old"', 'and "new"', 5, 'new'), ('__priv(self): return "old"', '__priv(self): return "new"', 6, 'new'),
  ('def c(self, n):\n        return "old"', 'def c(self, n):\n        return "new"', 7, 'new'), ('def cond():\n        return "old"', 'def cond():\n        return "new"', 8, 'new'),
  ('co():\n    return "old"', 'co():\n    return "new"', 9, 'new'), ('yield "old"', 'yield "new"', 10, ['new']), ('inner():\n        return "old"', 'inner():\n        return "new"', (11, 12), 'new'), ('one = lambda: "old"', 'one = lambda: "new"', 13, 'new')]
for o, n, i, v in edits:
    assert src.count(o) == 1, o
    src = src.replace(o, n); write('m.py', src); assert read('m.py') == src.lstrip('\n'); r = reload()
    for k in (i if isinstance(i, tuple) else (i,)): exp[k] = v
    assert list(snap()) == exp, (o, [(a, b) for a, b in zip(snap(), exp) if a != b])
import inspect, types
fresh = types.ModuleType('m'); fresh.__file__ = m.__file__
code = compile(open(m.__file__).read(), m.__file__, 'exec'); exec(code, fresh.__dict__)
def codes(c): return {x.co_name: x for x in c.co_consts if inspect.iscode(x)}
for n in ('a', 'cond', 'co', 'gen', 'outer'): assert getattr(m, n).__code__ == getattr(fresh, n).__code__, n
for n in ('p',): assert m.A.__dict__[n].__code__ == fresh.A.__dict__[n].__code__
assert m.A.B.r.__code__ == fresh.A.B.r.__code__ and m.A.B.q.fget.__code__ == fresh.A.B.q.fget.__code__ and m.A.B._B__priv.__code__ == fresh.A.B._B__priv.__code__
#### body edit tricky
def check(v1, v2):
    for n in list(sys.modules):
        if n.startswith('t'): pass
    check.n += 1; name = 'tm%d' % check.n
    write(name + '.py', v1); mod = __import__(name); write(name + '.py', v2)
    try: compile(read(name + '.py'), 'x', 'exec')
    except SyntaxError: refused(); write(name + '.py', v1); reload(); return
    reload()
    import types
    fresh = types.ModuleType(name); fresh.__file__ = mod.__file__; exec(compile(open(mod.__file__).read(), mod.__file__, 'exec'), fresh.__dict__)
    import inspect
    for k, f in vars(fresh).items():
        if inspect.isfunction(f): assert vars(mod)[k].__code__ == f.__code__ and vars(mod)[k].__code__.co_firstlineno == f.__code__.co_firstlineno and vars(mod)[k].__defaults__ == f.__defaults__, (k, v2)
        if inspect.isclass(f):
            for kk, ff in vars(f).items():
                if inspect.isfunction(ff): assert vars(vars(mod)[k])[kk].__code__ == ff.__code__, (kk, v2)
check.n = 0
check('def f():\n    return 1\nx = 1\n', 'def f():\n    return """\nx = 1\n')
check('def f():\n    return 1\ny = """\nx = 1\n"""\n', 'def f():\n    return """\ny = """\nx = 1\n"""\n')
check('def f(a=1):\n    return 1\n', 'def f(a=2):\n    return 1\n')
check('def f(a: int):\n    return 1\n', 'def f(a: str):\n    return 1\n')
check('def f(\n  a,\n):\n    return 1\n', 'def f(\n  b,\n):\n    return 1\n')
check('def f():\n    return 1\ndef g(): return 2\n', 'def f():\n    return 1\ndef h(): return 2\n')
check('def f():\n    return 1\ndef g(): return 2\n', 'def f():\n    pass\nx = 5; g = 1\n')
check('def f():\n    x = (1,\n2)\n    return x\n', 'def f():\n    x = (1,\n3)\n    return x\n')
check('class A:\n    def f(self):\n        return 1\n    def g(self): return 2\n', 'class A:\n    def f(self):\n        return super().f\n    def g(self): return 2\n')
check('class A:\n    def f(self):\n        self.a = 1\n    def g(self): return 2\n', 'class A:\n    def f(self):\n        self.b = 1\n    def g(self): return 2\n')
check('from __future__ import annotations\ndef f(a: int):\n    b: int = 1\n    return 1\n', 'from __future__ import annotations\ndef f(a: int):\n    b: str = 2\n    return 1\n')
check('def f():\n    return 1 \\\n  + 2\n', 'def f():\n    return 1 \\\n  + 3\n')
check('def f():\n    "d"\n    if 1:\n        return 1\n    # c\n# c\n    return 2\n', 'def f():\n    "e"\n    if 0:\n        return 1\n    # c\n# c\n    return 2\n')
check('def f():\n\treturn 1\nclass A:\n\tdef g(self):\n\t\treturn 1\n', 'def f():\n\treturn 1\nclass A:\n\tdef g(self):\n\t\treturn 2\n')
check('def f(): return 1\n', 'def f(): return 2')
check('def f(): return 1', 'def f(): return 2')
check('def f():\n    return 1', 'def f():\n    return 1 # x')
check('def f():\n    global q\n    q = 1\n', 'def f():\n    global r\n    r = 1\n')
check('x = [lambda: 1,\nlambda: 2]\ndef f(): return 1\n', 'x = [lambda: 1,\nlambda: 3]\ndef f(): return 1\n')
check('def f():\n    return "é"\ndef g(): return 1\n', 'def f():\n    return "ü"\ndef g(): return 1\n')
check('def f(): return 1\ndef f(): return 2\n', 'def f(): return 3\ndef f(): return 2\n')
check('def f(): return 1\ndef f(): return 2\n', 'def f(): return 1\ndef f(): return 4\n')
check('def f(x):\n    def g():\n        return x\n    return g\n', 'def f(x):\n    def g():\n        return 1\n    return g\n')
check('class A:\n    def f(self):\n        return 1\n', 'class A:\n    def f(self):\n        return __class__\n')
check('import os\ndef f():\n    return os.sep\n', 'import os\ndef f():\n    return os.name\n')
check('def f():\n    yield 1\n', 'def f():\n    return 1\n')
check('def f():\n    return 1\n', 'async def f():\n    return 1\n')
check('def f():\n    return 1\n', 'def g():\n    return 1\n')
check('@property\ndef f(x): return 1\n', '@staticmethod\ndef f(x): return 1\n')
check('def f():\n    return 1\n#x\n', 'def f():\n    return 1\n#y\n')
#### body change shifts following
import traceback, inspect
write('m.py', 'X = 1\ndef f():\n    return 1\ndef g():\n    def inner():\n        raise ValueError("g")\n    return inner\nclass C:\n    y = 2\n    def h(self):\n        raise ValueError("h")\n    class D:\n        def k(self):\n            raise ValueError("k")\n')
import m
c = m.C(); d = m.C.D(); g = m.g; inner = g()
write('m.py', read('m.py').replace('    return 1\n', '    a = 1\n    b = 2\n    # more\n    return a + b\n')); reload()
def tb(fn):
    try: fn()
    except Exception as e: return traceback.extract_tb(e.__traceback__)[-1]
assert m.f() == 3
for fn, text in ((m.g(), 'raise ValueError("g")'), (inner, 'raise ValueError("g")'), (c.h, 'raise ValueError("h")'), (d.k, 'raise ValueError("k")')):
    t = tb(fn); assert t.line == text and read('m.py').splitlines()[t.lineno - 1].strip() == text, (fn, t)
assert inspect.getsource(m.C.h).startswith('    def h') and inspect.getsource(m.C).startswith('class C')
if sys.version_info >= (3, 13): assert m.C.__firstlineno__ == 11 and m.C.D.__firstlineno__ == 15
#### lines only moved
import inspect, traceback
write('m.py', 'def f():\n    return 1\ndef g():\n    raise ValueError("g")\nclass C:\n    def h(self):\n        raise ValueError("h")\n    k = lambda self: 1/0\n')
import m
c = m.C()
write('m.py', '"""doc\n\n\n"""\n' + read('m.py')); reload()
def tb(fn):
    try: fn()
    except Exception as e: return traceback.extract_tb(e.__traceback__)[-1]
assert tb(m.g).lineno == 8 and tb(m.g).line == 'raise ValueError("g")' and tb(c.h).lineno == 11 and tb(c.k).lineno == 12, (tb(m.g), tb(c.h), tb(c.k))
assert m.__doc__ == 'doc\n\n\n' and inspect.getsource(m.g) == 'def g():\n    raise ValueError("g")\n'
