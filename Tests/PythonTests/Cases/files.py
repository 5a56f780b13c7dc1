#### same size same second
write('m.py', 'def f(): return 1\n'); p = os.path.join(HERE, 'm.py'); os.utime(p, (1e9, 1e9))
import m
write('m.py', 'def f(): return 2\n'); os.utime(p, (1e9, 1e9)); r = reload(); assert m.f() == 2 and r['modules']
write('m.py', 'def f(): return 3\n'); os.utime(p, (1e9, 1e9)); reload(['m']); assert m.f() == 3
#### stale pyc next process
import subprocess
sys.dont_write_bytecode = False
write('m.py', 'def f(): return 1\n'); p = os.path.join(HERE, 'm.py'); os.utime(p, (1e9, 1e9))
import m
assert os.path.exists(m.__cached__)
write('m.py', 'def f(): return 2\n'); os.utime(p, (1e9, 1e9)); reload(); assert m.f() == 2
import importlib.machinery
loader = importlib.machinery.SourceFileLoader('m', p)
ns = {}; exec(loader.get_code('m'), ns); assert ns['f']() == 2, 'stale'
#### pyc only
import py_compile
os.makedirs(HERE + '/pc'); sys.path.insert(0, HERE + '/pc')
def put(n): write('pc/q.py', 'def f(): return %d\nclass C:\n    def g(self): return %d\n' % (n, n)); py_compile.compile(HERE + '/pc/q.py', cfile=HERE + '/pc/q.pyc', doraise=True); os.remove(HERE + '/pc/q.py')
put(1)
import q
f, c = q.f, q.C(); put(2); r = reload(); assert f() == 2 and c.g() == 2 and q.f is f and r['modules']
#### root argument
write('x/a.py', 'def f(): return 1\n'); write('y/b.py', 'def f(): return 1\n'); sys.path[:0] = [HERE + '/x', HERE + '/y']
import a, b
write('x/a.py', 'def f(): return 2\n'); write('y/b.py', 'def f(): return 2\n')
r = reload(root=HERE + '/x'); assert a.f() == 2 and b.f() == 1 and list(r['modules']) == ['a']
reload(); assert b.f() == 2
import pathlib
write('x/a.py', 'def f(): return 3\n'); reload(root=pathlib.Path(HERE) / 'x'); assert a.f() == 3
write('x/a.py', 'def f(): return 4\n'); os.chdir(HERE); reload(root='x'); assert a.f() == 4, a.f()
#### module object argument
write('a.py', 'def f(): return 1\n')
import a
write('a.py', 'def f(): return 2\n'); reload(a); assert a.f() == 2
write('a.py', 'def f(): return 3\n'); reload([a]); assert a.f() == 3
write('a.py', 'def f(): return 4\n'); reload('a'); assert a.f() == 4
write('a.py', 'def f(): return 5\n'); reload(modules=('a',)); assert a.f() == 5
reload(['a']); assert a.f() == 5
#### no change
write('a.py', 'def f(): return 1\n')
import a
r = reload(); assert r['modules'] == {} and instar.plan()['modules'] == {}
os.utime(HERE + '/a.py'); assert reload()['modules'] == {}
#### deleted file
write('a.py', 'def f(): return 1\n'); write('b.py', 'def f(): return 1\n')
import a, b
os.remove(HERE + '/a.py'); write('b.py', 'def f(): return 2\n')
reload(); assert b.f() == 2 and a.f() == 1
#### utf8 encoding bom
open(HERE + '/a.py', 'wb').write('# -*- coding: latin-1 -*-\ndef f(): return "é"\n'.encode('latin-1'))
import a
assert a.f() == 'é'
open(HERE + '/a.py', 'wb').write(b'\xef\xbb\xbf' + 'def f(): return "ü"\r\n'.encode()); reload(); assert a.f() == 'ü'
open(HERE + '/a.py', 'wb').write(b'def f(): return "\xff"\n'); refused(); assert a.f() == 'ü'
open(HERE + '/a.py', 'wb').write(b'x = "a\x00b"\n'); refused()
open(HERE + '/a.py', 'wb').write(b''); reload(); assert not hasattr(a, 'f')
#### exec in main names
write('m.py', 'if __name__ == "__main__": raise SystemExit\nname = __name__\nfile = __file__\nspec = __spec__.name\ndef f(): return __name__, __file__\n')
import m
write('m.py', read('m.py') + 'def g(): return __file__\n'); reload(); assert m.g() == m.__file__ and m.f() == ('m', m.__file__)
#### py compile before reload
import py_compile
write('m.py', 'def f(): return 1\n')
import m
write('m.py', 'def f(): return 2\n'); py_compile.compile(HERE + '/m.py', cfile=HERE + '/x.pyc'); import ast; ast.parse(open(HERE + '/m.py').read(), HERE + '/m.py'); compile(open(HERE + '/m.py', 'rb').read(), HERE + '/m.py', 'exec')
r = reload(); assert m.f() == 2 and r['modules']
#### importlib reload mixed
import importlib
write('m.py', 'def f(): return 1\nclass C: pass\n')
import m
write('m.py', 'def f(): return 2\nclass C: pass\n'); importlib.reload(m); assert reload()['modules'] == {}
f = m.f
write('m.py', 'def f(): return 3\nclass C: pass\n'); reload(); assert f() == 3
