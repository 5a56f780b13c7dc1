V = '''
import functools, contextlib
def base(a, b): return 'old', a, b
go = functools.partial(base, 1)
@functools.singledispatch
def show(x): return 'old any'
@show.register(int)
def _(x): return 'old int'
@contextlib.contextmanager
def ctx():
    yield 'old'
table = {'k': lambda: 'old', 'base': base}
gen = lambda: 'old'
def plain(): return 'old'
'''
write('m.py', V)
write('u.py', 'import m\n@m.show.register(str)\ndef _(x): return "str"')
import m, u
go, show, ctx, table, gen, plain = m.go, m.show, m.ctx, m.table, m.gen, m.plain
show(1); show('')
write('m.py', V.replace('old', 'new').replace('partial(base, 1)', 'partial(base, 2)').replace("def plain(): return 'new'", "def plain(): yield 'new'") + '\n@show.register(list)\ndef _(x): return "list"\n')
reload()
assert go(5) == ('new', 2, 5) and m.go is go
assert show(1) == 'new int' and show(1.0) == 'new any' and show('') == 'str' and show([]) == 'list' and m.show is show
with ctx() as c: assert c == 'new'
assert table['k']() == 'new' and table['base'] is m.base and m.table is table and gen() == 'new'
assert list(plain()) == ['new']
