write('base.py', '''
class Base:
    registry = []
    named = {}
    def __init_subclass__(cls, **kw):
        Base.registry.append(cls); Base.named[cls.__name__] = cls
handlers = []
commands = {}
seen = set()
def on(fn):
    handlers.append(fn); commands[fn.__name__] = fn; seen.add(fn); return fn
''')
V = '''
from base import Base, on, handlers
class A(Base):
    def f(self): return 'old'
@on
def tick(): return 'old'
class Local:
    known = []
    def __init_subclass__(cls): Local.known.append(cls)
class L1(Local): pass
'''
write('m.py', V)
import m, base
A, tick = m.A, m.tick
write('m.py', V.replace('old', 'new') + "class B(Base): pass\n@on\ndef tock(): return 'tock'\nclass L2(Local): pass\n")
reload()
assert base.Base.registry == [m.A, m.B] and m.A is A, base.Base.registry
assert base.Base.named == {'A': m.A, 'B': m.B} and base.handlers == [m.tick, m.tock] and base.commands == {'tick': m.tick, 'tock': m.tock}
assert base.seen == {m.tick, m.tock} and tick() == 'new' and m.tick is tick
assert base.Base.__subclasses__() == [m.A, m.B] and m.Local.known == [m.L1, m.L2] and m.Local.__subclasses__() == [m.L1, m.L2]
write('m.py', V.replace('old', 'bad') + "class C(Base): pass\n@on\ndef tuck(): pass\n1/0\n")
refused()
assert base.Base.registry == [m.A, m.B] and base.Base.named == {'A': m.A, 'B': m.B}, (base.Base.registry, base.Base.named)
assert base.handlers == [m.tick, m.tock] and base.commands == {'tick': m.tick, 'tock': m.tock} and base.seen == {m.tick, m.tock}, base.commands
assert base.Base.__subclasses__() == [m.A, m.B]
