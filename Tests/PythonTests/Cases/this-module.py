write('m.py', 'import sys\nthis = sys.modules[__name__]\nsetattr(this, "dyn", 1)\ndef f(): return this.dyn\ndef g(): return globals()')
import m
write('m.py', 'import sys\nthis = sys.modules[__name__]\nsetattr(this, "dyn", 2)\nsetattr(this, "more", 3)\nassert this.f0 if 0 else True\ndef f(): return this.more\ndef g(): return globals()\nns = globals()\ndef mk():\n    while True: yield globals()\ngen = mk(); next(gen)')
reload()
assert m.this is m and m.dyn == 1 and m.f() == 3 and m.g() is m.__dict__ and m.ns is m.__dict__ and next(m.gen) is m.__dict__
