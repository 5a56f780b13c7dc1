"""A generated game of 200 modules, each with 30 functions and 20 classes, and 100,000 live instances.

Usage: program.py ENGINE ROW      prints the seconds that ENGINE takes for ROW; for Instar also the pause, the hooks' time, the time
of a plain loop that calls the same hooks, and the passes over the heap. ROW `memory`: resident bytes before and after 1,000 reloads
"""
import gc, importlib, json, os, shutil, sys, tempfile, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from peers import prepare

MODULES, FUNCTIONS, CLASSES, INSTANCES = 200, 30, 20, 100_000


def source(number, version, hooks=False, changed=None, line=False):
    lines = [f'NUMBER = {number}', 'STATE = {}']
    for i in range(FUNCTIONS):
        body = version if changed is None or changed == i else 0
        # A line more every other time.
        more = [f'    total += {version}'] * (version % 2) if line and changed == i else []
        lines += [f'def f{i}(a, b=1, *, c=2):', f'    "function {i}"', f'    total = a + b + c + {i}', *more, f'    return total, {body}', '']
    for i in range(CLASSES):
        body = version if changed is None else 0
        lines += [f'class C{i}:', f'    kind = {i}', '    def __init__(self, x): self.x = x', f'    def hit(self, n): return self.x + n, {body}',
                  f'    def name(self): return "c{i}", {body}', '    @property', f'    def double(self): return self.x * 2 + {body}', '']
        if hooks: lines += ['    def x_reload_class(self): self.x += 1', '']
    return '\n'.join(lines)


def resident():
    with open('/proc/self/statm') as f: return int(f.read().split()[1]) * os.sysconf('SC_PAGE_SIZE')


def loop(live):
    """Seconds for calling every hook in the order in which the instances were made."""
    start = time.perf_counter()
    for instance in live: instance.x_reload_class()
    return time.perf_counter() - start


# Which modules are edited, how often it is measured, and how the new source is written.
ROWS = {
    'body': ([7], 15, dict(changed=3)),
    'line': ([7], 15, dict(changed=3, line=True)),
    'module': ([8], 15, {}),
    'all': (range(MODULES), 3, {}),
    'hooks': (range(MODULES), 3, dict(hooks=True)),
    'memory': ([7], 1200, dict(changed=3)),
}


def measure(engine, row):
    directory = tempfile.mkdtemp()
    sys.path.insert(0, directory)
    sys.dont_write_bytecode = True
    reload = prepare(engine, directory)

    def write(number, *a, **k):
        with open(f'{directory}/bench_m{number}.py', 'w') as f: f.write(source(number, *a, **k))
    numbers, repeat, how = ROWS[row]
    for n in range(MODULES): write(n, 0, changed=-1)
    modules = [importlib.import_module(f'bench_m{n}') for n in range(MODULES)]
    live = [getattr(modules[i % MODULES], f'C{i // MODULES % CLASSES}')(i) for i in range(INSTANCES)]
    gc.collect()
    best, size = None, []
    for r in range(repeat):
        for n in numbers: write(n, r % 10 + 1, **how)
        names = [f'bench_m{n}' for n in numbers]
        start = time.perf_counter()
        report = reload(names)
        seconds = time.perf_counter() - start
        if row == 'memory' and r in (199, 1199): size.append(resident())
        if best is None or seconds < best['call']:
            best = dict(call=seconds)
            if report: best.update(pause=report['commit'], hooks=report['hookTime'], passes=report['passes'])
    best['resident'] = size
    if row == 'hooks': best['loop'] = min(loop(live) for _ in range(3))
    shutil.rmtree(directory)
    print(json.dumps(best), flush=True)


measure(*sys.argv[1:3])
os._exit(0)  # taking the program apart is not measured
