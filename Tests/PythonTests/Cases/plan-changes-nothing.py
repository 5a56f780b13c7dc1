write('base.py', 'R = []\nD = {}\nclass Base:\n    def __init_subclass__(cls): R.append(cls); D[cls.__name__] = cls\n')
write('m.py', 'import base\nclass A(base.Base):\n    def f(self): return 1\ndef g(): return 1\nX = 1')
import m, base
before = dict(m.__dict__), dict(m.A.__dict__), m.g.__code__, list(base.R), dict(base.D)
write('m.py', 'import base\nclass A(base.Base):\n    def f(self): return 2\nclass B(base.Base): pass\ndef g(): return 2\nX = 2\ndef h(): pass')
p = instar.plan()
assert p['modules']['m']['added'] == ['B', 'h'] and 'g' in p['modules']['m']['updated'] and 'X' in p['modules']['m']['retained'], p
assert before == (dict(m.__dict__), dict(m.A.__dict__), m.g.__code__, list(base.R), dict(base.D)), (base.R, base.D)
assert base.Base.__subclasses__() == [m.A] and m.g() == 1
reload()
assert m.g() == 2 and base.R == [m.A, m.B]
