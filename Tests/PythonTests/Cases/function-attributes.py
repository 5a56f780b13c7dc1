write('m.py', "def f(a, b=1, *, c=2) -> int:\n    'one'\n    return a\nf.tag = 1\nf.gone = 1")
import m
m.f.calls = 7
m.f.tag = 5
f = m.f
write('m.py', "def f(a, b=10, *, c=20, d=30) -> str:\n    'two'\n    return a, b, c, d\nf.tag = 2\nf.fresh = 3")
reload()
assert f.__doc__ == 'two' and f.__defaults__ == (10,) and f.__kwdefaults__ == {'c': 20, 'd': 30} and f.__annotations__ == {'return': str}
assert f.tag == 2 and f.fresh == 3 and f.calls == 7 and not hasattr(f, 'gone'), f.__dict__
assert f(1) == (1, 10, 20, 30)
