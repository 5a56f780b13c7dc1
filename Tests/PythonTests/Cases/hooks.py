import gc, weakref
V = '''
class Base:
    __slots__ = ('a', '__weakref__')
    %s
class Sub(Base): pass
class Evil:
    def __getattribute__(self, n): raise RuntimeError(n)
    def __eq__(self, o): raise RuntimeError
    __hash__ = None
class Evil2:
    __class__ = property(lambda self: 1/0)
log = []
'''
write('m.py', V % '')
write('u.py', 'import m\nclass Far(m.Sub):\n    pass\n')
import m, u
objs = [m.Base(), m.Sub(), u.Far()]; evil = [m.Evil(), m.Evil2()]
gc.collect(); gc.freeze()
frozen = gc.get_freeze_count()
keep = weakref.WeakSet(); only = m.Sub(); ref = weakref.ref(only)
def frame():
    local = m.Base()
    reload()
    return local
gc.disable()
write('m.py', V % 'def x_reload_class(self):\n        log.append(self); self.a = "set"' + 'def x_reload_module():\n    log.append("module")\n')
local = frame()
assert not gc.isenabled() and frozen - 50 < gc.get_freeze_count() <= frozen
gc.unfreeze(); gc.enable()
assert len(m.log) == 6 and m.log[-1] == 'module' and {id(o) for o in m.log[:-1]} == {id(o) for o in objs + [only, local]}, m.log
assert all(o.a == 'set' for o in objs)
write('m.py', V % 'def x_reload_class(self):\n        self.a = "broken"; raise ValueError("no")')
e = refused()
assert all(o.a == 'set' for o in objs) and type(e.__cause__) is ValueError
