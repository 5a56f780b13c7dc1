
import time
write('m.py','import abc\nfrom typing import Generic, TypeVar\nT=TypeVar("T")\nclass A(abc.ABC):\n    @abc.abstractmethod\n    def f(self): ...\nclass B(A):\n    def f(self): return 1\nclass E(Exception):\n    def __str__(self): return "old"\nclass G(Generic[T]):\n    def g(self): return 1\nclass S:\n    __slots__=("a","b")\n    def s(self): return 1\nclass Meta(type):\n    def hello(cls): return "old"\nclass WM(metaclass=Meta):\n    def x(self): return 1\nclass D:\n    class Inner:\n        def i(self): return 1\n    def __eq__(self,o): return True\n    __hash__=None\ndef over(): return 1\n@A.register\nclass V: pass\ndef gen(): return 1\nasync def co(): return 1\n')
import m, asyncio
b=m.B(); e=m.E(); g=m.G(); s=m.S(); s.a=1; wm=m.WM(); inner=m.D.Inner(); A,B,Meta=m.A,m.B,m.Meta; co=m.co; GI=m.G[int]
src=read('m.py').replace('return 1','return 2').replace('"old"','"new"').replace('async def co(): return 2','async def co(): return 3').replace('    @abc.abstractmethod\n    def f(self): ...','    @abc.abstractmethod\n    def f(self): ...\n    @abc.abstractmethod\n    def h(self): ...').replace('class B(A):','class B(A):\n    def h(self): return 7').replace('    def __eq__(self,o): return True\n    __hash__=None\n','')
write('m.py',src)
r=reload(); 
assert b.f()==2 and b.h()==7 and m.A is A and issubclass(m.V,A) and isinstance(m.V(),A) and isinstance(b,A)
assert str(e)=='new' and g.g()==2 and s.s()==2 and s.a==1 and m.WM.hello()=='new' and wm.x()==2 and inner.i()==2 and m.WM.__class__ is Meta
assert asyncio.run(co())==3 and hash(m.D()) and GI().g()==2 and GI.__origin__ is m.G
try: A(); assert 0
except TypeError as x: assert 'h' in str(x)
class Later(A):
    def f(self): return 1
try: Later(); assert 0
except TypeError: pass
# stale pyc: same size same second
write('p.py','def f(): return 1\n'); import p; st=os.stat(os.path.join(HERE,'p.py'))
write('p.py','def f(): return 2\n'); os.utime(os.path.join(HERE,'p.py'),ns=(st.st_atime_ns,st.st_mtime_ns))
reload(); assert p.f()==2
# pyc only
import py_compile
os.makedirs(HERE+'/pc',exist_ok=True); sys.path.insert(0,HERE+'/pc')
write('pc/q.py','def f(): return 1\n'); py_compile.compile(HERE+'/pc/q.py',cfile=HERE+'/pc/q.pyc'); os.remove(HERE+'/pc/q.py')
import q; assert q.__file__.endswith('pyc')
f=q.f
write('pc/q.py','def f(): return 22\n'); py_compile.compile(HERE+'/pc/q.py',cfile=HERE+'/pc/q.pyc'); os.remove(HERE+'/pc/q.py')
reload(); assert f()==22, f()
# zip
import zipfile
def mk(n):
    with zipfile.ZipFile(HERE+'/pack.zip','w') as z: z.writestr('zz.py','def f(): return %d\n'%n)
mk(1); sys.path.insert(0,HERE+'/pack.zip'); import zz; ff=zz.f
mk(2222); reload(['zz']); assert ff()==2222,ff()
# module class
write('mc.py','import sys,types\nclass M(types.ModuleType):\n    @property\n    def v(self): return "old"\nsys.modules[__name__].__class__=M\nx=1\ndef f(): return 1\n')
import mc; assert mc.v=='old'
write('mc.py',read('mc.py').replace('old','new').replace('return 1','return 2'))
reload(); assert mc.f()==2 and mc.v=='new', mc.v

