write('m.py', 'def helper(): return 1\ndef f(): return helper()')
import m
m.runtime = 5; m.patched = lambda: 1
write('m.py', 'X = helper()\ndef f(): return 2')
e = refused()
assert 'helper' in str(e) and m.f() == 1
write('m.py', '__version__ = "2"\n"doc"\ndef f(): return 2')
reload()
assert not hasattr(m, 'helper') and m.runtime == 5 and m.patched() == 1
