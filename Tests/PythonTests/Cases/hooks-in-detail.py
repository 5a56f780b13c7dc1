#### hook order
write('a.py', 'log = []\nclass A:\n    def f(self): return 1\n')
write('b.py', 'import a\nclass B(a.A):\n    def g(self): return 1\n')
import a, b
x, y = a.A(), b.B()
write('a.py', 'log = []\nclass A:\n    def f(self): return 2\n    def x_reload_class(self): log.append(("A", type(self).__name__, self.f(), self.g() if hasattr(self, "g") else None))\ndef x_reload_module(): log.append("ma")\n')
write('b.py', 'import a\nclass B(a.A):\n    def g(self): return 2\ndef x_reload_module(): a.log.append("mb")\n')
reload()
assert sorted(map(str, a.log[:2])) == sorted(map(str, [('A', 'A', 2, None), ('A', 'B', 2, 2)])) and a.log[2:] == ['ma', 'mb'], a.log
#### hook once multi
write('m.py', 'class A: pass\nclass B: pass\nclass C(A, B): pass\nlog = []\n')
import m
c = m.C()
write('m.py', 'class A:\n    def x_reload_class(self): log.append("A")\nclass B:\n    def x_reload_class(self): log.append("B")\nclass C(A, B): pass\nlog = []\n')
reload()
assert m.log == ['A'], m.log
#### hook module args
write('m.py', 'x = 1\n')
import m
write('m.py', 'x = 1\ndef x_reload_module(mod=None):\n    global x\n    x = 2\n')
reload(); assert m.x == 2
write('m.py', 'x = 1\ndef x_reload_module(mod):\n    mod.x = 3\n')
reload(); assert m.x == 3
write('m.py', 'x = 1\ndef x_reload_module(*a):\n    global x\n    x = 4\n')
reload(); assert m.x == 4
#### hook old only removed
write('m.py', 'log = []\nclass C:\n    def x_reload_class(self): log.append("old")\ndef x_reload_module(): log.append("oldm")\n')
import m
c = m.C()
write('m.py', 'log = []\nclass C: pass\n')
reload(); assert m.log == []
#### hook unchanged module class not called
write('a.py', 'log = []\nclass A:\n    def x_reload_class(self): log.append("A")\ndef x_reload_module(): log.append("ma")\n')
write('b.py', 'import a\ndef f(): return 1\n')
import a, b
x = a.A()
write('b.py', 'import a\ndef f(): return 2\n')
reload(); assert a.log == [] and b.f() == 2
#### hook static class variants
write('m.py', 'class A: pass\nlog = []\n')
import m
a = m.A()
write('m.py', 'class A:\n    @classmethod\n    def x_reload_class(cls): log.append(cls)\nlog = []\n')
reload(); assert m.log == [m.A]
#### hook imported by name
write('h.py', 'n = 0\ndef x_reload_module():\n    global n\n    n += 1\n')
write('m.py', 'from h import *\ndef f(): return 1\n')
import m, h
write('m.py', 'from h import *\ndef f(): return 2\n')
reload(); assert h.n == 0, h.n
#### hook in builtin subclasses
write('m.py', 'class D(dict): pass\nclass L(list): pass\nclass I(int): pass\nclass S(str): pass\nclass T(tuple): pass\nclass E(Exception): pass\nclass F(float): pass\nclass St(set): pass\nlog=[]\n')
import m
objs = [m.D(), m.L(), m.I(3), m.S('x'), m.T(), m.E(), m.F(1), m.St()]
src = read('m.py').replace(': pass', ':\n    def x_reload_class(self): log.append(type(self).__name__)')
write('m.py', src)
reload()
assert sorted(m.log) == sorted(['D', 'L', 'I', 'S', 'T', 'E', 'F', 'St']), m.log
#### hook failing restores slots and dict
write('m.py', 'class A:\n    __slots__ = ("x", "y")\nclass B:\n    def __init__(self): self.d = 1\nclass D(dict): pass\nG = 1\nL = [1]\n')
import m
a, b, d = m.A(), m.B(), m.D(k=1); a.x = 1; d.z = 1
base = read('m.py')
write('m.py', 'class A:\n    __slots__ = ("x", "y")\n    def x_reload_class(self): self.x = 2; self.y = 3\nclass B:\n    def __init__(self): self.d = 1\n    def x_reload_class(self): self.d = 2; self.e = 3; del self.d\nclass D(dict):\n    def x_reload_class(self): self.z = 2\nG = 1\nL = [1]\ndef x_reload_module():\n    global G, N\n    G = 2; N = 3\n    B.cls_attr = 1\n    raise ValueError("bad")\n')
e = refused()
assert a.x == 1 and not hasattr(a, 'y') and b.__dict__ == {'d': 1} and d.z == 1 and m.G == 1 and not hasattr(m, 'N') and not hasattr(m.B, 'cls_attr')
assert 'bad' in str(e) and not hasattr(m, 'x_reload_module') and not hasattr(m.A, 'x_reload_class')
#### hook failing imports and data
write('m.py', 'L = []\ndef f(): return 1\n')
write('other.py', 'X = 1\n')
import m
write('m.py', 'L = []\ndef f(): return 2\ndef x_reload_module():\n    import other\n    sys_path()\ndef sys_path():\n    raise SystemExit(3)\n')
e = refused()
assert m.f() == 1 and 'other' not in sys.modules and type(e.__cause__) is SystemExit
write('m.py', 'L = []\ndef f(): return 3\ndef x_reload_module():\n    raise KeyboardInterrupt\n')
e = refused(); assert m.f() == 1
write('m.py', 'L = []\ndef f(): return 4\n')
reload(); assert m.f() == 4
#### hook instance created in hook
write('m.py', 'class A: pass\nlog = []\n')
import m
a = m.A()
write('m.py', 'class A:\n    def x_reload_class(self):\n        log.append(1); keep.append(A())\nlog = []\nkeep = []\n')
reload(); assert m.log == [1]
#### hook weak only and cycles
import weakref, gc
write('m.py', 'class A: pass\nlog = []\n')
import m
gc.disable()
a = m.A(); a.self = a; w = weakref.ref(a); del a
write('m.py', 'class A:\n    def x_reload_class(self): log.append(1)\nlog = []\n')
reload()
assert m.log in ([1], []) and not gc.isenabled()
gc.enable()
#### hook hostile
write('m.py', '''
class P:
    @property
    def __class__(self): raise RuntimeError
class Q:
    def __getattribute__(self, n): raise RuntimeError(n)
class R:
    def __eq__(self, o): raise RuntimeError
    def __hash__(self): raise RuntimeError
    def __bool__(self): raise RuntimeError
    def __len__(self): raise RuntimeError
    def __repr__(self): raise RuntimeError
class MM(type):
    def __getattribute__(c, n): raise RuntimeError(n)
    def __eq__(c, o): raise RuntimeError
    def __hash__(c): return 1
    def __instancecheck__(c, o): raise RuntimeError
    def __subclasscheck__(c, o): raise RuntimeError
class W(metaclass=MM): pass
class Proxy:
    __class__ = property(lambda s: N)
class N: pass
log = []
r = R()
table = {'r': R(), 'p': P()}
''')
import m
o = [m.P(), m.Q(), m.R(), m.W(), m.Proxy()]; n = m.N()
write('u.py', 'import m\nr = m.r\n')
import u
write('m.py', read('m.py').replace('class N: pass', 'class N:\n    def x_reload_class(self): log.append(1)').replace('class R:', 'class R:\n    def f(self): return 1'))
write('u.py', 'import m\nr = m.r\nq = 1\n')
reload()
assert m.log == [1] and m.r.f() == 1
