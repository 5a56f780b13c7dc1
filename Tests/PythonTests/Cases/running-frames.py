write('m.py', 'def gen():\n    yield "old"\n    yield "old"\ndef f(cb):\n    cb()\n    return "old"\n')
import m
g = m.gen(); next(g)
write('m.py', 'def gen():\n    yield "new"\n    yield "new"\ndef f(cb):\n    cb()\n    return "new"\n')
assert m.f(reload) == 'old' and m.f(lambda: 0) == 'new' and next(g) == 'old' and next(m.gen()) == 'new'
