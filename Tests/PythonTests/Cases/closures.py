V1 = '''
def counter(step):
    n = 0
    def inc():
        nonlocal n
        n += step
        return n
    def get(): return n
    return inc, get
inc, get = counter(1)
def outer(a):
    def inner(): return a
    return inner
one = outer(1)
def plain():
    def nothing(): return 'none'
    return nothing
grow = plain()
'''
write('m.py', V1)
import m
inc, get, one, grow = m.inc, m.get, m.one, m.grow
inc(); inc()
write('m.py', V1.replace('counter(1)', 'counter(10)').replace('n += step', 'n += step * 2').replace('outer(1)', 'outer(2)').replace('return a\n', 'return a, "new"\n')
    .replace("def plain():\n    def nothing(): return 'none'", "def plain(x=3):\n    y = 4\n    def nothing(): return x, y"))
reload()
assert get() == 2, get()
assert inc() == 22 and get() == 22 and m.inc is inc and m.get is get
assert one() == (2, 'new') and m.one is one
assert grow() == (3, 4) and m.grow is grow
write('m.py', V1)
reload()
assert grow() == 'none' and grow.__closure__ is None
