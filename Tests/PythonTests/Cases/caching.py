write('m.py', 'import functools\n@functools.lru_cache(maxsize=None)\ndef f(x): return "old", x\nclass C:\n    @functools.cached_property\n    def p(self): return "old"\n    @functools.lru_cache()\n    def q(self): return "old"')
import m
f = m.f; f(1); c = m.C(); d = m.C(); assert c.p == 'old'; assert c.q() == 'old'
p = m.C.__dict__['p']
write('m.py', 'import functools\n@functools.lru_cache(maxsize=None)\ndef f(x): return "new", x\nclass C:\n    @functools.cached_property\n    def p(self): return "new"\n    @functools.lru_cache()\n    def q(self): return "new"')
reload()
assert m.f is f and f(1) == ('new', 1) and d.p == 'new' and c.q() == 'new' and m.C.__dict__['p'] is p
write('m.py', 'import functools\ndef f(x): return "plain", x\nclass C: pass')
reload()
assert m.f(1) == ('plain', 1) and f(1) == ('plain', 1)
