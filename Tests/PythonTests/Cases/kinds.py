write('m.py', 'a = 1\ndef b(): return 1\nclass c: pass\nd = None\nimport json as e\nfrom os import getcwd as g\nclass K:\n    def m(self): return 1\n    x = 1\n')
import m
b, c = m.b, m.c
write('m.py', 'def a(): return 2\nb = 2\ndef c(): return 2\ndef d(): return 2\nimport pickle as e\nfrom os import getpid as g\nclass K:\n    m = 5\n    def x(self): return 1\n')
r = reload()
assert m.a == 1 and m.b is b and m.c is c and m.d is None and m.K().m() == 1 and m.K.x == 1
import pickle
assert m.e is pickle and m.g is os.getpid
assert sorted(r['modules']['m']['retained']) == ['K.m', 'K.x', 'a', 'b', 'c', 'd']
