write('pkg/__init__.py', 'from .sub import *\nfrom . import other\nNAME = "pkg"\n')
write('pkg/sub.py', '__all__ = ["f"]\ndef f(): return "sub1"\n')
write('pkg/other.py', 'from .sub import f\nfrom typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .nothing import x\ndef g(): return f()\ndef lazy():\n    from . import later\n    return later.v()\n')
import pkg
f, g = pkg.f, pkg.other.g
write('pkg/__init__.py', 'from .sub import *\nfrom . import other\nfrom .fresh import z\nNAME = "pkg"\ndef __getattr__(n):\n    if n == "later": raise AttributeError(n)\n    return "lazy " + n\n')
write('pkg/sub.py', '__all__ = ["f", "h"]\ndef f(): return "sub2"\ndef h(): return "h"\n')
write('pkg/fresh.py', 'from .sub import h\nfrom . import sub\ndef z(): return h() + sub.f()\n')
write('pkg/later.py', 'def v(): return "later"\n')
reload()
assert f() == 'sub2' and g() == 'sub2' and pkg.h() == 'h' and pkg.z() == 'hsub2' and pkg.other.lazy() == 'later'
assert pkg.sub.h is pkg.h and sys.modules['pkg.fresh'].h is pkg.h and sys.modules['pkg.fresh'].z.__globals__ is sys.modules['pkg.fresh'].__dict__
assert pkg.nothing_here == 'lazy nothing_here' and pkg.sub.__all__ == ['f', 'h']
reload(removed=['pkg.later'])
assert 'pkg.later' not in sys.modules and not 'later' in pkg.__dict__
