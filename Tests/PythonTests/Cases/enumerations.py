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
