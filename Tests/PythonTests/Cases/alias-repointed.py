write('u.py', "def helper(): return 'u'")
write('m.py', "import u\ndef f(): return 'f1'\ndef h(): return 'h1'\ng = f\nk = u.helper")
import m, u
f, g, h, helper = m.f, m.g, m.h, u.helper
write('m.py', "import u\ndef f(): return 'f2'\ndef h(): return 'h2'\ng = h\nk = h")
reload()
assert m.f is f and f() == 'f2' and m.g is h and h() == 'h2' and m.k is h
assert u.helper is helper and helper() == 'u'
