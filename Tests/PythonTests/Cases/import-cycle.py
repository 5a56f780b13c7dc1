write('a.py', 'X = 1\nimport b\ndef f(): return b.g()\n')
write('b.py', 'from a import X\nY = 1\ndef g(): return X, "b1"\n')
import a, b
write('a.py', 'X = 1\nZ = 3\nimport b\ndef f(): return b.g()\nclass Q: pass\n')
write('b.py', 'from a import X, Z\nY = 1\ndef g(): return X, Z, "b2"\n')
reload()
assert a.f() == (1, 3, 'b2')
