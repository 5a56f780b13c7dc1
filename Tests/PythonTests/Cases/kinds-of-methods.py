#### method to property
write('m.py', 'class C:\n    def v(self): return 1\n')
import m
c = m.C()
write('m.py', 'class C:\n    @property\n    def v(self): return 2\n')
r = reload()
assert c.v == 2, (c.v, r)
#### property to method
write('m.py', 'class C:\n    @property\n    def v(self): return 1\n')
import m
c = m.C()
write('m.py', 'class C:\n    def v(self): return 2\n')
reload()
assert c.v() == 2
#### method to static
write('m.py', 'class C:\n    def v(self): return 1\n    @staticmethod\n    def s(a): return 1\n    @classmethod\n    def k(cls): return 1\n')
import m
c = m.C()
write('m.py', 'class C:\n    @staticmethod\n    def v(): return 2\n    @classmethod\n    def s(cls): return cls\n    def k(self): return 2, self\n')
reload()
assert c.v() == 2 and c.s() is m.C and c.k() == (2, c)
#### prop setter added
write('m.py', 'class C:\n    @property\n    def v(self): return 1\n')
import m
c = m.C(); p = m.C.__dict__['v']
write('m.py', 'class C:\n    @property\n    def v(self):\n        "doc"\n        return 2\n    @v.setter\n    def v(self, x): self.x = x\n    @v.deleter\n    def v(self): self.x = None\n')
reload()
c.v = 7
assert c.x == 7 and c.v == 2 and m.C.__dict__['v'] is p and m.C.v.__doc__ == 'doc'
del c.v
assert c.x is None
write('m.py', 'class C:\n    @property\n    def v(self): return 3\n')
reload()
try: c.v = 1; assert 0
except AttributeError: pass
#### func to gen coro
import asyncio
write('m.py', 'def f(): return 1\nclass C:\n    def g(self): return 1\n    def h(self): return 1\n')
import m
f = m.f; c = m.C(); g = c.g; h = c.h
write('m.py', 'def f():\n    yield 2\nclass C:\n    async def g(self): return 2\n    async def h(self):\n        yield 3\n')
reload()
assert list(f()) == [2] and asyncio.run(g()) == 2
async def t(): return [x async for x in h()]
assert asyncio.run(t()) == [3]
#### descriptor subclasses
write('m.py', '''
class myprop(property):
    tag = "t"
class cmeth(classmethod): pass
class smeth(staticmethod): pass
class C:
    @myprop
    def p(self): return 'old'
    @cmeth
    def k(cls): return 'old'
    @smeth
    def s(): return 'old'
''')
import m
c = m.C(); s = c.s; k = c.k
write('m.py', read('m.py').replace('old', 'new')); reload()
assert c.p == 'new' and c.k() == 'new' and c.s() == 'new' and s() == 'new' and k() == 'new'
#### descriptors set name
write('m.py', '''
class Field:
    def __init__(self, default=0): self.default = default
    def __set_name__(self, owner, name): self.name = name; self.owner = owner
    def __get__(self, o, t=None):
        if o is None: return self
        return 'old', o.__dict__.get(self.name, self.default)
    def __set__(self, o, v): o.__dict__[self.name] = v
class C:
    a = Field(1)
    b = Field(2)
''')
import m
c = m.C(); c.a = 5; fa = m.C.__dict__['a']
write('m.py', read('m.py').replace('old', 'new').replace('b = Field(2)', 'b = Field(2)\n    d = Field(7)'))
reload()
assert c.a == ('new', 5) and c.b == ('new', 2) and c.d == ('new', 7) and m.C.__dict__['a'] is fa
assert m.C.__dict__['d'].owner is m.C and type(m.C.__dict__['d']) is m.Field and fa.owner is m.C
#### class getitem
write('m.py', 'class C:\n    def __class_getitem__(cls, i): return "old", cls, i\n')
import m
write('m.py', 'class C:\n    def __class_getitem__(cls, i): return "new", cls, i\n')
reload()
assert m.C[1] == ('new', m.C, 1)
#### dunder methods live
write('m.py', 'class C:\n    def __len__(self): return 1\n    def __call__(self): return 1\n    def __repr__(self): return "old"\n    def __eq__(self, o): return True\n    def __hash__(self): return 1\n    def __getattr__(self, n): return "old " + n\n')
import m
c = m.C()
write('m.py', 'class C:\n    def __len__(self): return 2\n    def __call__(self): return 2\n    def __repr__(self): return "new"\n    def __add__(self, o): return "add"\n    def __iter__(self): return iter([1])\n    def __bool__(self): return False\n')
reload()
assert len(c) == 2 and c() == 2 and repr(c) == 'new' and c + 1 == 'add' and list(c) == [1] and not c and c != m.C()
try: c.nothing; assert 0
except AttributeError: pass
assert hash(c) != 1 or True
#### class attr function swap
write('m.py', 'def helper(): return 1\nclass C:\n    fn = helper\n    st = staticmethod(helper)\n    handlers = {"x": helper}\n')
import m
write('m.py', 'def helper(): return 2\ndef other(): return 3\nclass C:\n    fn = other\n    st = staticmethod(other)\n    handlers = {"x": other}\n'); reload()
assert m.C.st() == 3 and m.C.fn() == 3 and m.helper() == 2, (m.C.st(), m.C.fn())
