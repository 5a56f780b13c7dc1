"""Runs one of the engine's own cases (Tests/PythonTests/Cases) under another engine.

Usage: case.py ENGINE CASE SECTION DIR      exit status 0 where the case holds
"""
import os, re, sys, types

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from peers import prepare

engine, case, section, directory = sys.argv[1:5]
TESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'Tests', 'PythonTests')
sys.dont_write_bytecode = True
loaded = {}


def note(event, arguments):
    if event == 'compile' and isinstance(arguments[0], bytes): loaded[str(arguments[1])] = arguments[0]


class ReloadError(Exception):
    module = step = reason = trace = 'unknown'


def reload(modules=None, *, removed=(), root=None):
    """What changed on disk, in the order in which it was loaded, as a person would reload it by hand."""
    names = [modules] if isinstance(modules, str) else modules
    if names is None: names = [name for name, module in list(sys.modules.items()) if changed(getattr(module, '__file__', None))]
    names = [name if isinstance(name, str) else name.__name__ for name in names]
    try: engine_reload(names)
    except BaseException as error: raise ReloadError(str(error)) from error
    return {'modules': {name: {} for name in names}, 'log': [], 'commit': 0, 'hookTime': 0}


def changed(file):
    if not file or file not in loaded: return False
    with open(file, 'rb') as f: return f.read() != loaded[file]


sys.addaudithook(note)
sys.path[0:1] = [directory]
engine_reload = prepare(engine, directory)
sys.modules['instar'] = types.ModuleType('instar')
sys.modules['instar'].__dict__.update(reload=reload, ReloadError=ReloadError)
script = os.path.join(directory, 'script_under_test.py')
text = open(os.path.join(TESTS, 'prelude.py')).read() + re.split(r'(?m)^#### .*', open(os.path.join(TESTS, 'Cases', case)).read())[int(section)]
with open(script, 'w') as f: f.write(text)
scope = sys.modules['__main__'].__dict__
scope['__file__'] = script
try: exec(compile(text, script, 'exec'), scope)
except BaseException as error:
    print(f'{type(error).__name__}: {error}'[:200])
    sys.stdout.flush()
    os._exit(1)
os._exit(0)
