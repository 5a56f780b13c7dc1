D = '''
import functools
def wraps(fn):
    @functools.wraps(fn)
    def wrapper(*a): return 'wrapped', fn(*a)
    wrapper.mark = 1
    return wrapper
def bare(fn):
    def wrapper(*a): return 'bare', fn(*a)
    return wrapper
'''
write('deco.py', D)
write('m.py', 'from deco import *\n@wraps\ndef a(): return 1\n@bare\ndef b(): return 1\ndef c(): return 1\n@wraps\ndef d(): return 1\n@bare\n@wraps\ndef e(): return 1')
import m
a, b, c, d, e = m.a, m.b, m.c, m.d, m.e
d.calls = 3
inner = m.a.__wrapped__
write('m.py', 'from deco import *\n@wraps\ndef a(): return 2\n@bare\ndef b(): return 2\n@wraps\ndef c(): return 2\ndef d(): return 2\n@bare\n@wraps\ndef e(): return 2')
reload()
assert a() == m.a() == ('wrapped', 2) and m.a is a and inner() == 2
assert b() == m.b() == ('bare', 2) and m.b is b
assert c() == m.c() == ('wrapped', 2), (c(), m.c())
assert d() == m.d() == 2 and not hasattr(d, '__wrapped__') and not hasattr(d, 'mark') and d.calls == 3, d.__dict__
assert e() == ('bare', ('wrapped', 2)) and m.e is e
