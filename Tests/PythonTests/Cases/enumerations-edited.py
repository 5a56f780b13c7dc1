#### enum add remove
write('m.py', 'import enum\nclass E(enum.Enum):\n    A = 1\n    B = 2\n    def f(self): return "old"\nclass S(str, enum.Enum):\n    X = "x"\n    Y = "y"\nclass IF(enum.IntFlag):\n    P = 1\n    Q = 2\nd = {E.A: 1, S.X: 2}\n')
import m
A, B, X, P = m.E.A, m.E.B, m.S.X, m.IF.P
pq = m.IF.P | m.IF.Q
write('m.py', read('m.py').replace('    B = 2\n', '    C = 3\n    AA = 1\n').replace('old', 'new').replace('Y = "y"', 'Z = "z"').replace('Q = 2', 'Q = 2\n    R = 4'))
reload()
assert m.E.A is A and m.E.C.value == 3 and m.E.AA is A and A.f() == 'new' and not hasattr(m.E, 'B')
assert [e.name for e in m.E] == ['A', 'C'] and m.E(1) is A
try: m.E(2); assert 0
except ValueError: pass
assert B.name == 'B' and B.f() == 'new' and isinstance(B, m.E)
assert m.S.X is X and m.S('z') is m.S.Z and m.d[A] == 1 and m.d[X] == 2 and m.E['AA'] is A
assert m.IF.P is P and (m.IF.P | m.IF.R).value == 5 and m.IF(3) == pq and m.IF.P in pq
assert list(m.E.__members__) == ['A', 'C', 'AA']
#### enum auto value shift
write('m.py', 'import enum\nclass E(enum.Enum):\n    A = enum.auto()\n    B = enum.auto()\n')
import m
A, B = m.E.A, m.E.B
write('m.py', 'import enum\nclass E(enum.Enum):\n    Z = enum.auto()\n    A = enum.auto()\n    B = enum.auto()\n')
reload()
assert m.E.A is A and m.E.B is B and A.value == 2 and B.value == 3 and m.E(1) is m.E.Z and m.E(2) is A and list(m.E) == [m.E.Z, A, B]
#### enum int value change
write('m.py', 'import enum\nclass N(enum.IntEnum):\n    A = 1\n    B = 2\nclass S(str, enum.Enum):\n    X = "x"\n')
import m
A, B = m.N.A, m.N.B
write('m.py', 'import enum\nclass N(enum.IntEnum):\n    A = 1\n    B = 5\nclass S(str, enum.Enum):\n    X = "xx"\n')
reload()
assert m.N.A is A and m.N.B == 5 and m.N(5) is m.N.B and m.N.B.value == 5 and isinstance(m.N.B, m.N) and m.S('xx') is m.S.X and m.S.X.value == 'xx' and m.S.X == 'xx'
assert isinstance(m.N.B, m.N) and type(m.N.B) is m.N
#### typevars enum in defaults
write('m.py', 'import enum\nclass E(enum.Enum):\n    A = 1\ndef f(e=E.A, d={E.A: 1}): return e, d\nM = {E.A: "x"}\n')
import m
A = m.E.A
write('m.py', 'import enum\nclass E(enum.Enum):\n    A = 1\n    B = 2\ndef f(e=E.B, d={E.A: 2, E.B: 3}): return e, d\nM = {E.A: "x", E.B: "y"}\nN = {E.A: 1}\n'); reload()
assert m.f() == (m.E.B, {A: 2, m.E.B: 3}) and m.E.A is A and m.M[A] == 'x' and m.N[A] == 1
