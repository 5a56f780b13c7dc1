import gc
V = 'import functools\nX = {}\ndef f(a=1): return %d\nclass C:\n    def g(self): return %d\n    @property\n    def p(self): return 1\n@functools.lru_cache()\ndef h(): return %d\ndef mk():\n    def inner(): return mk\n    return inner\ni = mk()\n'
write('m.py', V % (0, 0, 0))
import m
def rss():
    gc.collect()
    for l in open('/proc/self/status'):
        if l.startswith('VmRSS'): return int(l.split()[1])
for n in range(60):
    write('m.py', V % (n, n, n)); reload(['m'])
gc.collect(); before, objects = rss(), len(gc.get_objects())
for n in range(1000):
    write('m.py', V % (n + 1000, n, n)); reload(['m'])
assert len(gc.get_objects()) <= objects + 20, (len(gc.get_objects()), objects)
assert rss() <= before * 1.01, (before, rss())
