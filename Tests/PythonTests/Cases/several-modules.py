write('a.py', 'SPEED = 1\nREG = {}\ndef f(): return "a1"\nclass K: pass')
write('b.py', 'from a import f, K\nimport a\ndef g(): return f(), a.f()\nclass L(K): pass')
write('c.py', 'import b\ndef h(): return b.g()')
import a, b, c
a.REG['x'] = 1; k = a.K(); l = b.L()
write('a.py', 'SPEED = 2\nREG = {}\ndef f(): return "a2"\nclass K:\n    def new(self): return "K2"\nLATE = 5\ndef fresh(): return REG')
write('b.py', 'from a import f, K, SPEED, REG, fresh, LATE\nimport a\ndef g(): return f(), a.f(), fresh(), LATE\nclass L(K):\n    def new(self): return "L" + super().new()\ndef d(reg=REG): return reg')
write('c.py', 'import b\nfrom b import d\ndef h(): return b.g()')
r = reload()
assert set(r['modules']) == {'a', 'b', 'c'}
assert c.h() == ('a2', 'a2', {'x': 1}, 5) and l.new() == 'LK2' and k.new() == 'K2'
assert b.REG is a.REG and b.d() is a.REG and a.SPEED == 1 and c.d is b.d
assert b.f is a.f and b.K is a.K and b.L.__bases__ == (a.K,)
for broken in (0, 1, 2):
    codes = a.f.__code__, b.g.__code__, c.h.__code__
    for i, n in enumerate('abc'):
        write(n + '.py', read(n + '.py') + ('\n1/0\n' if i == broken else '\ndef x_%s(): pass\n' % n))
    refused()
    assert codes == (a.f.__code__, b.g.__code__, c.h.__code__) and not hasattr(a, 'x_a')
    for n in 'abc': write(n + '.py', read(n + '.py').replace('\n1/0\n', ''))
reload()
