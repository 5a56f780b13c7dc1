write('m.py', 'class M1:\n    def who(self): return 1\nclass M2:\n    def who(self): return 2\nclass Base:\n    pass\nclass C(M1, Base): pass\nclass Plain: pass')
import m
c = m.C(); C = m.C
write('m.py', 'class M1:\n    def who(self): return 1\nclass M2:\n    def who(self): return 22\nclass Base:\n    pass\nclass New(Base):\n    def fresh(self): return "fresh"\nclass C(M2, New): pass\nclass Plain: pass')
reload()
assert m.C is C and c.who() == 22 and c.fresh() == 'fresh' and C.__bases__ == (m.M2, m.New)
assert m.New.__bases__ == (m.Base,) and m.Base.__subclasses__() == [m.New], m.Base.__subclasses__()
before = dict(m.__dict__)
write('m.py', 'class M1: pass\nclass M2:\n    def who(self): return 3\nclass Base: pass\nclass New(Base): pass\nclass C(M2, New): pass\nclass Plain(M1): pass')
e = refused()
assert 'Plain' in str(e), e
assert c.who() == 22 and c.fresh() == 'fresh' and dict(m.__dict__) == before and C.__bases__ == (m.M2, m.New)
write('m.py', 'class M1: pass\nclass M2:\n    def who(self): return 3\nclass Base: pass\nclass New(Base): pass\nclass C(M2, New):\n    __slots__ = ("x",)\nclass Plain: pass')
e = refused()
assert 'slots' in str(e), e
