write('m.py', 'def f(): return 1\nclass C: pass')
import m
c = m.C()
write('m.py', 'import instar\ninstar.reload()\ndef f(): return 2\nclass C:\n    def x_reload_class(self): instar.reload(); self.ok = True\ndef x_reload_module(): instar.reload(["m"])')
reload()
assert m.f() == 2 and c.ok
write('m.py', 'import instar\ndef f(): return 3\ndef again():\n    r = instar.reload()\n    return 3\nclass C: pass')
reload()
write('m.py', 'import instar\ndef f(): return 4\ndef again(): return 4\nclass C: pass')
assert m.again() == 3 and m.again() == 4 and m.f() == 4
