import inspect, traceback, pickle, linecache
write('m.py', 'def f():\n    return 1\nclass C:\n    def g(self): return 1\n')
import m
inspect.getsource(m.f)
c = m.C(); data = pickle.dumps((c, m.f))
write('m.py', '\n\ndef f():\n    raise ValueError("here")  # marked\nclass C:\n    def g(self): return 22\n')
reload()
assert inspect.getsource(m.f) == 'def f():\n    raise ValueError("here")  # marked\n', inspect.getsource(m.f)
try: m.f()
except ValueError: assert '# marked' in traceback.format_exc()
o, f = pickle.loads(data); assert type(o) is m.C and f is m.f and pickle.loads(pickle.dumps(c)).g() == 22
