"""A generated game of 200 modules, each with 30 functions and 20 classes, and 100,000 live instances.

Run by `run.sh`, once under each engine: `instar` (inside `instar dev`), `importlib` or `ipython`.
"""
import gc, importlib, json, os, shutil, sys, tempfile, time

MODULES, FUNCTIONS, CLASSES, INSTANCES = 200, 30, 20, 100_000


def source(number, version, hooks=False, changed=None):
    lines = [f'NUMBER = {number}', 'STATE = {}']
    for i in range(FUNCTIONS):
        body = version if changed is None or changed == i else 0
        lines += [f'def f{i}(a, b=1, *, c=2):', f'    "function {i}"', f'    total = a + b + c + {i}', f'    return total, {body}', '']
    for i in range(CLASSES):
        body = version if changed is None else 0
        lines += [f'class C{i}:', f'    kind = {i}', '    def __init__(self, x): self.x = x', f'    def hit(self, n): return self.x + n, {body}',
                  f'    def name(self): return "c{i}", {body}', '    @property', f'    def double(self): return self.x * 2 + {body}', '']
        if hooks: lines += ['    def x_reload_class(self): self.x += 1', '']
    return '\n'.join(lines)


def measure(engine, reload):
    directory = tempfile.mkdtemp()
    sys.path.insert(0, directory)
    def write(number, *a, **k):
        with open(f'{directory}/bench_m{number}.py', 'w') as f: f.write(source(number, *a, **k))
    for n in range(MODULES): write(n, 0, changed=-1)
    modules = [importlib.import_module(f'bench_m{n}') for n in range(MODULES)]
    live = [getattr(modules[i % MODULES], f'C{i // MODULES % CLASSES}')(i) for i in range(INSTANCES)]
    gc.collect()
    results = {}
    def timed(name, numbers, repeat, *a, **k):
        best = None
        for r in range(repeat):
            for n in numbers: write(n, *[v + r if isinstance(v, int) else v for v in a], **k)
            names = [f'bench_m{n}' for n in numbers]
            importlib.invalidate_caches()
            start = time.perf_counter()
            report = reload(names)
            seconds = time.perf_counter() - start
            if best is None or seconds < best[0]: best = (seconds, report)
        results[name] = round(best[0], 5)
        if best[1]: results[name + ', pause'], results[name + ', hooks'] = round(best[1]['commit'], 5), round(best[1]['hookTime'], 5)
    timed('one body', [7], 5, 1, changed=3)
    timed('one module', [8], 5, 1)
    timed('all modules', range(MODULES), 3, 1)
    if engine == 'instar': timed('all modules with hooks', range(MODULES), 2, 100, hooks=True)
    shutil.rmtree(directory)
    print(json.dumps({engine: results}))


def reload_importlib(names):
    for name in names: importlib.reload(sys.modules[name])


engine = sys.argv[1]
sys.dont_write_bytecode = True
if engine == 'instar':
    import instar
    measure(engine, lambda names: instar.reload(names))
elif engine == 'importlib':
    measure(engine, reload_importlib)
else:
    from IPython.extensions.autoreload import ModuleReloader, superreload
    old = {}
    measure(engine, lambda names: [superreload(sys.modules[n], importlib.reload, old) for n in names] and None)
