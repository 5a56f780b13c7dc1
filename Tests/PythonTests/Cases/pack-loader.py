import importlib.abc, importlib.util
SOURCE = {'packed': 'def f(): return 1\nclass C:\n    def g(self): return 1'}
class Loader(importlib.abc.Loader, importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name in SOURCE: return importlib.util.spec_from_loader(name, self)
    def create_module(self, spec): return None
    def exec_module(self, module): exec(compile(SOURCE[module.__name__], '<pack>/' + module.__name__, 'exec'), module.__dict__)
sys.meta_path.insert(0, Loader())
import packed
f, c = packed.f, packed.C(); meta = list(sys.meta_path)
SOURCE['packed'] = 'def f(): return 2\nclass C:\n    def g(self): return 2\ndef h(): return f()'
reload(['packed'])
assert f() == 2 and packed.f is f and c.g() == 2 and packed.h() == 2 and packed.h.__globals__ is packed.__dict__ and sys.meta_path == meta
SOURCE['packed'] = 'def f(): return 3\n1/0'
refused('packed')
assert f() == 2 and c.g() == 2
