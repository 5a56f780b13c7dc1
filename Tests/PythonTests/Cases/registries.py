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
#### entries around functions are in a list once, and go with a refused update
write('app.py', '''
    class Route:
        def __init__(self, path, function, **more): self.path, self.function, self.more = path, function, more
    class App:
        def __init__(self): self.order, self.routes, self.table = [], [], {}
        def route(self, path):
            def register(function):
                self.order.append((path, function))
                self.routes.append(Route(path, function, methods=["GET"], owner=(function, 1)))
                self.table[path] = (function, path)
                return function
            return register
    app = App()
''')
write('m.py', 'from app import app\n@app.route("/a")\ndef a(): return 1\n@app.route("/b")\nclass B:\n    def b(self): return 1\n')
import app, m
a, B, order, routes, table = m.a, m.B, app.app.order, app.app.routes, app.app.table
def shown(): return list(order), [(r.path, r.function) for r in routes], dict(table)
before = list(order), list(routes)
write('m.py', read('m.py').replace('return 1', 'return 2') + '@app.route("/c")\ndef c(): return 2\n')
reload()
assert order[:2] == before[0] and routes[:2] == before[1] and len(order) == len(routes) == 3, shown()
assert order[2] == ("/c", m.c) and routes[2].function is m.c and routes[2].more["owner"] == (m.c, 1) and a() == 2
assert table == {"/a": (a, "/a"), "/b": (B, "/b"), "/c": (m.c, "/c")}, table
before = shown()
write('m.py', read('m.py').replace('return 2', 'return 3') + '@app.route("/d")\ndef d(): return 3\n1/0\n')
refused()
assert shown() == before and m.a() == 2, shown()
