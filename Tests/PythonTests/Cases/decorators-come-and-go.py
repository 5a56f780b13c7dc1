import itertools
P = '''import functools
def wrapped(f):
    @functools.wraps(f)
    def inner(*a): return ('wrapped', f(*a))
    return inner
def bare(f):
    def inner(*a): return ('bare', f(*a))
    return inner
def marked(f): f.mark = 1; return f
cached = functools.lru_cache(None)
'''
def source(decorator, n): return P + (f'@{decorator}\n' if decorator else '') + f'def f(): return {n}\n'
def outside(decorator, n): return (decorator, n) if decorator in ('wrapped', 'bare') else n
failures = []
for number, chain in enumerate(itertools.product(('', 'wrapped', 'bare', 'marked', 'cached'), repeat=3)):
    module = f'm{number}'
    write(module + '.py', source(chain[0], 0))
    held = [__import__(module).f]
    for n, decorator in enumerate(chain[1:], 1):
        write(module + '.py', source(decorator, n))
        reload([module])
        live = sys.modules[module].f
        expected = outside(decorator, n)
        if live() != expected: failures.append((chain, n, 'by name', live()))
        for age, old in enumerate(held):
            # A cache that an earlier update left behind calls the new version, but nobody empties it any more.
            if hasattr(old, 'cache_clear') and old is not live: old.cache_clear()
            if old() != expected: failures.append((chain, n, 'held since', age, old()))
        held.append(live)
assert not failures, (len(failures), failures[:12])
