write('m.py', 'class A:\n    def f(self): return "A"\nclass B(A):\n    def f(self): return "B"')
import m
b = m.B(); f = b.f
write('m.py', 'class A:\n    def f(self): return "A2"\nclass B(A):\n    def f(self): return super().f(), __class__\n    def g(self): return super().f(), __class__\n    @classmethod\n    def k(cls): return super().__name__ if 0 else __class__')
reload()
assert f() == ('A2', m.B) and b.g() == ('A2', m.B) and m.B.k() is m.B and type(b) is m.B
