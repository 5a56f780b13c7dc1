#### closures of a module that a loader of the game's own executes
import importlib.abc, importlib.util
TEXT = 'def make(n):\n    def inner(): return "old", n\n    return inner\nclass C:\n    def later(self): return lambda: "old"\n'
SOURCE = {'packed': TEXT, 'plain': TEXT}
class Loader(importlib.abc.Loader, importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name in SOURCE: return importlib.util.spec_from_loader(name, self)
    def create_module(self, spec): return None
    def exec_module(self, module):
        exec('x = 1\ndef helper(): pass')
        text = SOURCE[module.__name__]
        exec(text if module.__name__ == 'plain' else compile(text, '<pack>/' + module.__name__, 'exec'), module.__dict__)
finder = Loader()
sys.meta_path.insert(0, finder)
try:
    import packed, plain
    held = [module.make(i) for module in (packed, plain) for i in range(2)] + [packed.C().later(), plain.C().later()]
    for new in ('new', 'newer'):
        for name in SOURCE: SOURCE[name] = TEXT.replace('old', new)
        reload(['packed', 'plain'])
        assert [h() for h in held] == [(new, 0), (new, 1)] * 2 + [new] * 2, [h() for h in held]
    SOURCE['packed'] = TEXT.replace('old', 'bad') + '1/0\n'
    refused(['packed'])
    assert held[0]() == ('newer', 0)
    SOURCE['packed'] = TEXT.replace('old', 'good')
    reload(['packed'])
    assert held[0]() == ('good', 0) and packed.make(7)() == ('good', 7)
finally: sys.meta_path.remove(finder)
#### a loader of files of another kind
import importlib.abc, importlib.machinery, importlib.util
class Loader(importlib.machinery.SourceFileLoader):
    def source_to_code(self, data, path, *, _optimize=-1): return super().source_to_code(data.replace(b'COLOUR', b'"red"'), path)
write('m.py', 'def make():\n    def inner(): return "old", COLOUR\n    return inner\ndef local():\n    class L:\n        def f(self): return 1\n    return L\n')
path = os.path.join(HERE, 'm.py')
spec = importlib.util.spec_from_loader('m', Loader('m', path))
m = sys.modules['m'] = importlib.util.module_from_spec(spec)
spec._initializing = True
spec.loader.exec_module(m)
spec._initializing = False
inner, l = m.make(), m.local()()
assert inner() == ('old', 'red')
write('m.py', read('m.py').replace('"old"', '"new"').replace('return 1', 'return 2\n        def g(self): return COLOUR'))
assert reload(root=HERE)['modules'].keys() == {'m'}
assert inner() == ('new', 'red') and l.f() == 2 and l.g() == 'red'
assert reload(root=HERE)['modules'] == {}
# What a refused update has read is not what runs.
good = read('m.py')
write('m.py', good + '1/0\n')
refused(root=HERE)
assert inner() == ('new', 'red')
refused(root=HERE)
write('m.py', good.replace('"new"', '"newest"'))
assert reload(root=HERE)['modules'].keys() == {'m'} and inner() == ('newest', 'red')
