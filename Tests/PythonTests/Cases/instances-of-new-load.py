write('m.py', 'class P:\n    def hi(self): return 1\nmain = P()')
import m
P, main = m.P, m.main
write('m.py', 'class P:\n    n = None\n    def hi(self): return 2\nmain = P()\nsecond = P()\nsecond.friend = main\nmany = [P(), {"p": P()}]\nbound = second.hi\nCLS = P\ndef mk(c=P, i=main): return c, i')
reload()
assert type(m.second) is P and m.second.friend is main and type(m.many[0]) is P and type(m.many[1]['p']) is P and m.bound() == 2
assert m.CLS is P and m.mk() == (P, main) and m.bound.__func__ is P.hi
import gc; gc.collect()
assert [c for c in object.__subclasses__() if c.__name__ == 'P'] == [P]
