V = '''
import enum
class Color(enum.Enum):
    RED = 1
    BLUE = 2
    OLD = 9
    def shout(self): return 'old ' + self.name
class N(enum.IntEnum):
    A = 1
    B = 2
class F(enum.Flag):
    X = 1
    Y = 2
DEFAULT = Color.RED
def f(c=Color.BLUE): return c
'''
write('m.py', V)
import m
red, blue, Color, A = m.Color.RED, m.Color.BLUE, m.Color, m.N.A
write('m.py', V.replace('BLUE = 2', 'BLUE = 3\n    GREEN = 4').replace("OLD = 9", "").replace("'old '", "'new '").replace('    B = 2', '    B = 2\n    C = 3').replace('DEFAULT = Color.RED', 'DEFAULT = Color.RED\nEXTRA = Color.GREEN'))
reload()
assert m.Color is Color and Color.RED is red and Color.BLUE is blue and blue.value == 3 and red.shout() == 'new RED'
assert [c.name for c in Color] == ['RED', 'BLUE', 'GREEN'] and isinstance(Color.GREEN, Color) and Color(4) is Color.GREEN and Color(3) is blue and Color['RED'] is red
assert m.EXTRA is Color.GREEN and m.DEFAULT is red and m.f() is blue and type(Color.GREEN) is Color
assert not hasattr(Color, 'OLD')
assert m.N.A is A and list(m.N) == [1, 2, 3] and m.N.C == 3 and isinstance(m.N.C, m.N) and m.N(3) is m.N.C
assert (m.F.X | m.F.Y).value == 3
import pickle
assert pickle.loads(pickle.dumps(Color.GREEN)) is Color.GREEN
for base in ('Enum', 'IntEnum'):
    m = 'swap' + base
    write(m + '.py', f'import enum\nclass C(enum.{base}):\n    A = 1\n    B = 2\n    C = 3\n')
    module = __import__(m); a, b, c = module.C
    write(m + '.py', f'import enum\nclass C(enum.{base}):\n    B = 1\n    A = 2\n    D = 3\n')
    reload([m])
    assert [(x.name, x.value) for x in module.C] == [('B', 1), ('A', 2), ('D', 3)], list(module.C)
    assert module.C(1) is module.C.B and module.C['A'] is module.C.A and module.C.B.value == 1
    if base == 'Enum': assert module.C.A is a and module.C.B is b and a.value == 2
