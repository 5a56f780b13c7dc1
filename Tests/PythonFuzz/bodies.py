"""Edits bodies of random modules, and compares the code that the engine makes of them with what compiling the whole source gives:
instructions, constants, names, and the position of every instruction, of the module and of all that is in it.

Usage: PYTHONPATH=<folder of instar.abi3.so> python3 bodies.py [seed=N] [edits=N]
"""
import importlib, os, random, shutil, sys, tempfile

sys.dont_write_bytecode = True
OPTIONS = dict(word.split('=') for word in sys.argv[1:])
SEED, EDITS = int(OPTIONS.get('seed', 1)), int(OPTIONS.get('edits', 300))

STATEMENTS = ('x = 1', 'x = "text"', '"only a string"', '# a comment', '', 'if x:\n    x = 2', 'for i in range(3):\n    x = i\nelse:\n    x = None',
              'x = [i for i in range(3)\n     if i]', 'x = lambda a, b=2: (a,\n    b)', 'def inner(y):\n    return y, 7', 'y = {"key": 1, "other":\n  2}',
              'try:\n    x = int("1")\nexcept ValueError:\n    pass\nfinally:\n    x = 3', 'with open(__file__) as f:\n    pass', 'x = """one\n  two\nthree"""',
              'class Local:\n    z = 3\n    def deep(self): return self', 'assert True, "why"', 'x = ' + ' + '.join(['1234567'] * 30), 'del x\nx = 5', 'pass',
              'import os, \\\n    sys', 'x = 12', 'x = (yield_ for yield_ in [1])', 'global SHARED\nSHARED = 1')


def indented(text, by): return [' ' * by + line if line else line for line in text.split('\n')]


class Source:
    """A module as lines, with the lines of each body."""

    def __init__(self, chance):
        self.chance, self.lines, self.bodies = chance, ['import sys', 'x = 0', 'def wrap(f=None, *a): return f if callable(f) else wrap', ''], []
        for number in range(chance.randrange(3, 9)): self.item(f'n{number}', 0, 0)
        self.function('always', 0)
        if chance.random() < 0.5: self.lines.append('LAST = 1')
        self.lines.append('sys.codes.append(sys._getframe().f_code)')

    def item(self, name, depth, indentation):
        kind = self.chance.random()
        if kind < 0.5: self.function(name, indentation)
        elif kind < 0.75 and depth < 3: self.owner(name, depth, indentation)
        elif kind < 0.85 and depth < 3:
            opening = self.chance.choice(('if x == 0:', 'try:', 'for i in (1, 2):', 'with open(__file__) as file:'))
            self.lines += indented(opening, indentation)
            self.item(name, depth + 1, indentation + 4)
            if opening == 'try:': self.lines += indented('finally: pass', indentation)
        else: self.lines += indented(self.chance.choice((f'{name} = {self.chance.randrange(80)}', f'{name} = [1,\n 2]', '"""text\n"""', f'{name} = lambda: [i\n  for i in ()]')), indentation)
        self.lines += [''] * self.chance.choice((0, 0, 1, 2, 2, 150))

    def function(self, name, indentation):
        head = self.chance.choice((f'def {name}(a=1, *b, c={{}}):', f'async def {name}(a: int = 1) -> str:', f'def {name}(a=1,\n        b=2,\n):', f'@wrap\ndef {name}():',
                                   f'@wrap([1,\n  lambda: 2])\n@wrap\ndef {name}(a=lambda: 3): '))
        if self.chance.random() < 0.15:
            start = len(self.lines)
            self.lines += indented(f'def {name}(a=1): return {self.chance.randrange(9)}', indentation)
            return self.bodies.append((start, start + 1, indentation, True))
        self.lines += indented(head, indentation)
        start = len(self.lines)
        self.lines += indented(self.chance.choice(('"""documentation"""', 'x = 0', 'x = a = 0', 'x = 0; y = 1')), indentation + 4)
        for _ in range(self.chance.randrange(4)): self.lines += indented(self.chance.choice(STATEMENTS), indentation + 4)
        self.lines += indented('return 1', indentation + 4)
        self.bodies.append((start, len(self.lines), indentation + 4, False))

    def owner(self, name, depth, indentation):
        self.lines += indented(self.chance.choice((f'class {name}:', f'@wrap\nclass {name}(object,\n    metaclass=type):')), indentation)
        if self.chance.random() < 0.3: self.lines += indented('"""a class\n\n"""', indentation + 4)
        for number in range(self.chance.randrange(1, 4)): self.item(f'm{number}', depth + 1, indentation + 4)
        self.lines += indented(f'last = {self.chance.randrange(60)}', indentation + 4) if self.chance.random() < 0.5 else indented('def end(self): return self.last', indentation + 4)

    def text(self): return '\n'.join(self.lines) + '\n'

    def edited(self):
        """The text with some lines of one body replaced."""
        start, end, indentation, isOneLine = self.chance.choice(self.bodies)
        lines = list(self.lines)
        if isOneLine:
            head, _, body = lines[start].partition(': ')
            lines[start:end] = self.chance.choice(([f'{head}: return "changed"'], [f'{head}:', ' ' * (indentation + 4) + 'return 5'], [lines[start] + '  # more', '']))
            return '\n'.join(lines) + '\n'
        first = self.chance.randrange(start, end)
        last = self.chance.randrange(first, min(end, first + 3) + 1)
        new = []
        for _ in range(self.chance.choice((0, 1, 1, 1, 2, 40))): new += indented(self.chance.choice(STATEMENTS), indentation)
        lines[first:last] = new
        return '\n'.join(lines) + '\n'


def parts(code):
    """All that a code object says, its inner code included."""
    found = {}
    for name in dir(code):
        if not name.startswith('co_') or name in ('co_consts', 'co_lnotab' if sys.version_info >= (3, 10) else ''): continue
        value = getattr(code, name)
        found[name] = list(value()) if callable(value) else value
    found['co_consts'] = [parts(constant) if hasattr(constant, 'co_code') else (type(constant).__name__, repr(constant)) for constant in code.co_consts]
    return found


def difference(a, b, path=''):
    for name in a:
        if name == 'co_consts':
            if len(a[name]) != len(b[name]): return f'{path}: {len(a[name])} constants, expected {len(b[name])}'
            for one, other in zip(a[name], b[name]):
                if isinstance(one, dict) and isinstance(other, dict):
                    found = difference(one, other, f'{path}.{one["co_name"]}')
                    if found: return found
                elif one != other: return f'{path}: constant {one}, expected {other}'
        elif a[name] != b[name]: return f'{path}: {name} is {a[name]}, expected {b[name]}'


whole = 0


def watch(event, arguments):
    global whole
    if event == 'compile' and arguments[1] == watched and arguments[0] is not None and len(arguments[0]) == size: whole += 1


sys.codes, watched, size = [], None, 0
sys.addaudithook(watch)
import instar

directory = tempfile.mkdtemp(prefix='instar-bodies-')
sys.path.insert(0, directory)
alone = wrong = done = number = 0
while done < EDITS and wrong < 5:
    number += 1
    chance = random.Random(SEED * 100_003 + number)
    source = Source(chance)
    try: compile(source.text(), 'first', 'exec', dont_inherit=True)
    except SyntaxError: continue
    name = f'b{number}'
    file = f'{directory}/{name}.py'
    with open(file, 'w') as out: out.write(source.text())
    importlib.invalidate_caches()
    importlib.import_module(name)
    for _ in range(6):
        text = source.edited()
        try: expected = compile(text.encode(), file, 'exec', dont_inherit=True)
        except SyntaxError: continue
        if text == open(file).read(): continue
        with open(file, 'w') as out: out.write(text)
        sys.codes.clear()
        watched, size, whole = file, len(text.encode()), 0
        try: instar.reload([name])
        except instar.ReloadError as error:
            wrong += 1
            print(f'seed {SEED}, module {number}: refused: {error}\n{error.trace}', flush=True)
            break
        watched = None
        done += 1
        alone += not whole
        found = difference(parts(sys.codes[-1]), parts(expected))
        if found:
            wrong += 1
            print(f'seed {SEED}, module {number}{"" if whole else " (body alone)"}: {found}', flush=True)
            if 'show' in OPTIONS: print(text)
    del sys.modules[name]
shutil.rmtree(directory)
print(f'python bodies: {sys.version.split()[0]}, seed {SEED}: {done} edits, {alone} of them of one body compiled alone, {wrong} wrong')
sys.exit(1 if wrong or alone * 20 < done else 0)
