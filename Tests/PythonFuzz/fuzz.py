"""Reloads random programs and compares them with a fresh start of the new version in another process.

Every definition is called through references that were taken before the update, and through its name; data has to be what
the rule says. Now and then the new version is broken: then nothing may have changed.

Usage: PYTHONPATH=<folder of instar.abi3.so> python3 fuzz.py [seed=N] [rounds=N] [seconds=N] [verbose=1]
"""
import importlib, json, os, shutil, sys, tempfile, time, traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True
from program import Generator, sources
from probes import answer, data, instances, make, probes, written

OPTIONS = dict(word.split('=') for word in sys.argv[1:])
SEED = int(OPTIONS.get('seed', int.from_bytes(os.urandom(4), 'little')))
ROUNDS, SECONDS = int(OPTIONS.get('rounds', 1 << 30)), float(OPTIONS.get('seconds', 1e9))
HARMLESS = ('its bases cannot change', '__slots__ change', 'laid out differently', 'its metaclass changes', 'consistent method resolution')


def find(path):
    """The object of a path such as `m0.Class.method`."""
    module, *rest = path.split('.')
    value = sys.modules[module]
    for name in rest: value = value.__dict__[name] if isinstance(value, type) else getattr(value, name)
    return value


def function_of(value): return value.__func__ if isinstance(value, (staticmethod, classmethod)) else value


def answers(version, held, objects):
    """What every probe answers, with definitions from `held` where they are there, else by name."""
    found = {}
    for path, expressions in probes(version):
        for expression in expressions:
            try: environment = {'X': function_of(held[path] if path in held else find(path))}
            except (KeyError, AttributeError) as error:
                found[f'{path} : {expression}'] = f'not there: {error!r}'
                continue
            # A cache that an earlier update left behind calls the new version, but nobody empties it any more.
            if hasattr(environment['X'], 'cache_clear'): environment['X'].cache_clear()
            if path in objects: environment['I'] = objects[path]
            found[f'{path} : {expression}'] = answer(expression, environment)
    return found


# A process that never saw an update, to start others from: each imports one version, and is gone.


class Fresh:
    def __init__(self):
        (self.read, theirs), (mine, self.write) = os.pipe(), os.pipe()
        self.child = os.fork()
        if self.child == 0:
            os.close(self.read); os.close(self.write)
            self.serve(os.fdopen(mine, 'rb'), theirs)
            os._exit(0)
        os.close(theirs); os.close(mine)
        self.answers = os.fdopen(self.read, 'rb')

    @staticmethod
    def serve(requests, answers):
        import pickle
        while True:
            try: directory, version, kept, states = pickle.load(requests)
            except EOFError: return
            child = os.fork()
            if child == 0:
                try: result = Fresh.start(directory, version, kept, states)
                except BaseException: result = {'error': traceback.format_exc()}
                text = json.dumps(result).encode() + b'\n'
                while text: text = text[os.write(answers, text):]
                os._exit(0)
            os.waitpid(child, 0)

    @staticmethod
    def start(directory, version, kept, states):
        sys.path.insert(0, directory)
        for module in version.modules: importlib.import_module(module)
        objects = {path: revive(find(path), states.get(path)) for path in instances(version)}
        for path, value in kept.items():
            owner, name = path.rsplit('.', 1)
            setattr(find(owner), name, value)
        return answers(version, {}, objects)

    def ask(self, *request):
        import pickle
        text = pickle.dumps(request)
        while text: text = text[os.write(self.write, text):]
        return json.loads(self.answers.readline())


def revive(cls, state):
    """An instance with the state of one of the running program, or as its class makes it."""
    if state is None: return make(cls)
    if isinstance(state, tuple): return tuple.__new__(cls, state)
    instance = object.__new__(cls)
    for name, value in state.items(): setattr(instance, name, value)
    return instance


def state_of(instance):
    if isinstance(instance, tuple): return tuple(instance)
    return {name: getattr(instance, name) for name in (getattr(instance, '__dict__', None) or ('a',)) if hasattr(instance, name)}


class Program:
    """One running program, from version to version."""

    def __init__(self, fresh, directory, version):
        self.fresh, self.directory, self.version = fresh, directory, version
        self.held, self.objects = {}, {}
        self.store(version)
        for module in version.modules: importlib.import_module(module)
        self.hold()

    def store(self, version, broken=None):
        for module, text in sources(version).items():
            with open(f'{self.directory}/{module}.py', 'w') as file: file.write(text + (broken[1] if broken and broken[0] == module else ''))

    def hold(self):
        """References of every sort, as a program would have kept them."""
        for path, _ in probes(self.version): self.held.setdefault(path, find(path))
        for path in instances(self.version):
            if path not in self.objects: self.objects[path] = make(find(path))

    def update(self, new, broken=None):
        """Differences between the program after the update and a fresh start; None where it was refused for good reason."""
        before = self.answers()
        live = {path: find(path) for path in data(self.version)}
        leftover = {path for path in self.known_data if self.is_there(path)}
        kept = {path: find(path) for path in data(new) if path in leftover or path in live}
        states = {path: state_of(self.objects[path]) for path in instances(new) if path in self.objects}
        self.store(new, broken)
        try: instar.reload(list(new.modules))
        except instar.ReloadError as error:
            self.store(self.version)
            same = self.answers()
            found = [f'refused, but {key}: {before[key]} became {same[key]}' for key in before if before[key] != same[key]]
            if broken or any(reason in str(error) for reason in HARMLESS): return found or None
            return found + [f'refused: {error}\n{error.trace}']
        if broken: return ['a broken version was taken']
        return self.compare(new, kept, states, live)

    known_data = frozenset()

    def is_there(self, path):
        try: find(path)
        except (KeyError, AttributeError): return False
        return True

    def answers(self): return answers(self.version, {}, self.objects)

    def compare(self, new, kept, states, live):
        expected = self.fresh.ask(self.directory, new, kept, states)
        if 'error' in expected: return ['a fresh start fails: ' + expected['error']]
        self.known_data |= set(data(self.version))
        common = {path for path, _ in probes(self.version)} & {path for path, _ in probes(new)}
        toggled = {path for path in common if decorator(self.version, path) != decorator(new, path)}
        held = {path: value for path, value in self.held.items() if path in common}
        found = [f'identity: {path}' for path in sorted(common - toggled) if find(path) is not held[path]]
        found += [f'data: {path} is {find(path)!r}, was {value!r}' for path, value in live.items()
                  if path in kept and find(path) is not value and type(value) not in (int, str)]
        self.version, self.held = new, held
        self.objects = {path: value for path, value in self.objects.items() if path in instances(new)}
        self.hold()
        for kind, held in (('held', self.held), ('by name', {})):
            actual = answers(new, held, self.objects)
            for key, value in expected.items():
                if kind == 'held' and key.split(' : ')[0] in toggled and 'meta' in key: continue
                if actual[key] != value: found.append(f'{kind}: {key}\n    is       {actual[key]}\n    expected {value}')
        # What came or went around a definition may have brought another object.
        for path in toggled: self.held[path] = find(path)
        return found + self.loose_ends()

    def loose_ends(self):
        """Registries and tables name live classes and functions, each once."""
        found = []
        for module, items in self.version.modules.items():
            for item in items:
                value = getattr(sys.modules[module], item.name, None)
                if item.kind == 'registry':
                    known = value.known
                    for name in (f'{item.name}_one', f'{item.name}_two'):
                        if known.count(getattr(sys.modules[module], name)) != 1: found.append(f'registry {module}.{item.name}: {known}')
                    if len({c.__qualname__ for c in known}) != len(known): found.append(f'registry {module}.{item.name}: {known}')
                if item.kind == 'table' and not (value['go'] is value['list'][0] is getattr(sys.modules[module], f'{item.name}_go')
                                                 and value['kind'] is getattr(sys.modules[module], f'{item.name}_kind')):
                    found.append(f'table {module}.{item.name}: {value}')
        return found

    def end(self):
        for module in self.version.modules: sys.modules.pop(module, None)


def decorator(version, path):
    module, name = path.split('.', 1)
    return next((item.decorator for item in version.modules[module] if item.name == name), '')


BROKEN = ('\n1/0\n', '\nraise SystemExit\n', '\ndef broken(:\n', '\nimport not_there_at_all\n', '\ndef x_reload_module(): raise KeyError\n')


def play(fresh, seed):
    """One program through several versions and back. Answers differences, and counts."""
    directory = tempfile.mkdtemp(prefix='instar-fuzz-')
    sys.path.insert(0, directory)
    importlib.invalidate_caches()
    generator = Generator(seed)
    updates = refused = 0
    try:
        program = Program(fresh, directory, generator.first())
        first = program.version
        steps = []
        for _ in range(generator.random.randrange(1, 4)):
            steps.append((generator.changed(steps[-1][0] if steps else first), None))
            if generator.random.random() < 0.3:
                steps.insert(-1, (steps[-1][0], (generator.random.choice(list(first.modules)), generator.random.choice(BROKEN))))
        steps.append((first, None))
        for number, (version, broken) in enumerate(steps):
            found = program.update(version, broken)
            updates += 1
            if found is None: refused += 1
            if found: return [f'seed {seed}, step {number} of {len(steps)}{" (broken)" if broken else ""}: {line}' for line in found], updates, refused
        return [], updates, refused
    finally:
        sys.path.remove(directory)
        for name in [name for name in sys.modules if name[:1] == 'm' and name[1:].isdigit()]: del sys.modules[name]
        shutil.rmtree(directory)


if __name__ == '__main__':
    fresh = Fresh()
    import instar
    print(f'python fuzz: {sys.version.split()[0]}, seed {SEED}', flush=True)
    end = time.time() + SECONDS
    programs = updates = refused = failed = 0
    while programs < ROUNDS and time.time() < end and failed < int(OPTIONS.get('failures', 5)):
        found, more, refusals = play(fresh, SEED + programs)
        programs, updates, refused = programs + 1, updates + more, refused + refusals
        if found:
            failed += 1
            print('\n'.join(found[:int(OPTIONS.get('lines', 6))]), flush=True)
    print(f'python fuzz: {programs} programs, {updates} updates, {refused} refused for good reason or broken on purpose, {failed} wrong')
    sys.exit(1 if failed or not updates else 0)
