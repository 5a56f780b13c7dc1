#### class data kept
write('m.py', 'class C:\n    count = 0\n    names = []\n    cfg = {"a": 1}\n    t = (1, 2)\n')
import m
m.C.count = 5; m.C.names.append(1); n = m.C.names; m.C.dyn = 4
m.C.patched = lambda self: 'patched'
write('m.py', 'class C:\n    count = 9\n    names = [7]\n    cfg = {"b": 1}\n    t = (3,)\n    new = 1\n')
r = reload()
assert m.C.count == 5 and m.C.names is n and n == [1] and m.C.cfg == {'a': 1} and m.C.t == (1, 2) and m.C.new == 1 and m.C.dyn == 4 and m.C().patched() == 'patched'
assert set(r['modules']['m']['retained']) >= {'C.count', 'C.names', 'C.cfg', 'C.t'}
#### class data removed stays
write('m.py', 'X = 1\nclass C:\n    x = 1\n    def f(self): pass\n    @property\n    def p(self): pass\n    @staticmethod\n    def s(): return "s"\n    class N: pass\ndef g(): return "g"\nclass D: pass\n')
import m
g, s, c, f, d = m.g, m.C.s, m.C(), m.C.f, m.D()
write('m.py', 'class C: pass\n')
r = reload()
assert m.X == 1 and m.C.x == 1 and not hasattr(m, 'g') and not hasattr(m, 'D') and not hasattr(c, 'f') and not hasattr(c, 'p') and not hasattr(c, 's') and not hasattr(m.C, 'N')
assert g() == 'g' and s() == 's' and f(c) is None and type(d).__name__ == 'D'
assert set(r['modules']['m']['removed']) >= {'g', 'D', 'C.f', 'C.p', 'C.s', 'C.N'}, r
#### dispatch table
write('m.py', 'def a(): return 1\ndef b(): return 1\nTABLE = {"a": a, "b": b}\nLIST = [a, b]\nTUP = (a, b)\nNEST = {"x": [{"y": a}]}\n')
import m
t = m.TABLE; m.TABLE['dyn'] = 5
write('m.py', 'def a(): return 2\ndef b(): return 2\ndef c(): return 3\nTABLE = {"a": a, "b": b, "c": c}\nLIST = [a, b, c]\nTUP = (a, b, c)\nNEST = {"x": [{"y": a}]}\n'); reload()
assert m.TABLE is t and t['a']() == 2 and t['dyn'] == 5 and m.LIST[0]() == 2 and m.NEST['x'][0]['y']() == 2 and m.TUP[1]() == 2
assert t['c'] is m.c and m.LIST[2] is m.c
#### default args objects
write('m.py', 'S = object()\nclass K: pass\ndef f(a=S, k=K, fn=len, *, z=[]): return a, k, z\n')
import m
S, f = m.S, m.f; K = m.K
write('m.py', 'S = object()\nclass K: pass\nclass J: pass\ndef f(a=S, k=K, fn=max, *, z=[1], j=J): return a, k, z, j\n'); reload()
assert f() == (S, K, [1], m.J), f()
#### sentinel identity
write('m.py', 'MISSING = object()\ndef get(x=MISSING): return x is MISSING\n'); write('n.py', 'from m import MISSING, get\ndef t(): return get(MISSING)\n')
import m, n
write('m.py', 'MISSING = object()\ndef get(x=MISSING): return (x is MISSING, 2)\n'); reload(); assert n.t() == (True, 2) and m.get() == (True, 2)
#### instance singleton module level
write('m.py', 'class G:\n    def __init__(self): self.score = 0\n    def f(self): return "old"\ngame = G()\nbound = game.f\n')
import m
m.game.score = 9; g = m.game; bound = m.bound
write('m.py', 'class G:\n    def __init__(self): self.score = 1; self.extra = 2\n    def f(self): return "new"\ngame = G()\nbound = game.f\nother = G()\n'); reload()
assert m.game is g and g.score == 9 and g.f() == 'new' and bound() == 'new' and type(m.other) is m.G and m.bound() == 'new'
#### logger thread lock data
write('m.py', 'import threading, logging\nlock = threading.Lock()\nlog = logging.getLogger("x")\ntl = threading.local()\nimport re\nRX = re.compile("a")\n')
import m
l = m.lock; m.tl.x = 4
write('m.py', read('m.py').replace('"a"', '"b"')); reload(); assert m.lock is l and m.tl.x == 4 and m.RX.pattern == 'a'
#### kwdefaults removed
write('m.py', 'def f(a=1, *, b=2) -> int:\n    "doc"\n    return a, b\n')
import m
f = m.f
write('m.py', 'def f(a): return a\n'); reload()
assert f.__defaults__ is None and f.__kwdefaults__ is None and f.__doc__ is None and f.__annotations__ == {}
try: f(); assert 0
except TypeError: pass
#### module dunder
write('m.py', '"old"\n__version__ = "1"\n__author__ = "x"\n__all__ = ["a"]\na = 1\n')
import m
write('m.py', '"new"\n__version__ = "2"\n__all__ = ["a", "b"]\na = 2\nb = 3\n__slots__ = 1\n'); reload()
assert m.__doc__ == 'new' and m.__version__ == '1' and m.__all__ == ['a', 'b'] and m.a == 1 and m.b == 3 and m.__author__ == 'x'
write('m.py', 'x = 1\n'); reload(); assert m.__doc__ is None and not hasattr(m, '__all__') and m.__version__ == '1'
#### recursive self references
write('m.py', 'class Node:\n    kids = []\n    def __init__(self, p=None): self.p = p\nroot = Node()\nroot.me = root\nNode.root = root\nNode.cls = Node\ndef f(): pass\nf.me = f\n')
import m
root, Node, f = m.root, m.Node, m.f
write('m.py', read('m.py') + 'Node.extra = Node()\nleaf = Node(root)\n'); reload()
assert m.root is root and Node.root is root and Node.cls is Node and type(Node.extra) is Node and m.leaf.p is root and f.me is f
import gc; gc.collect(); assert [c for c in object.__subclasses__() if c.__name__ == 'Node'] == [Node]
