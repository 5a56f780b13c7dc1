"""What a program answers: expressions over its definitions, and how answers are written down."""
import inspect, types


def probes(version):
    """Pairs of a definition's path and expressions over it; `X` stands for the definition, `I` for an instance."""
    for module, items in version.modules.items():
        for item in items:
            for path, lines in of_item(module, item): yield path, lines


def of_item(module, item):
    path = f'{module}.{item.name}'
    kind = item.kind
    if kind == 'function': yield path, ['X()', 'X(1)', 'X(1, 2)', 'meta(X)']
    elif kind == 'lambda': yield path, ['X()', 'X(2)', 'meta(X)']
    elif kind == 'generator': yield path, ['list(X())', 'meta(X)']
    elif kind == 'coroutine': yield path, ['drive(X())', 'meta(X)']
    elif kind == 'context': yield path, ['entered(X())']
    elif kind == 'closure':
        yield path, ['X()', 'X(5)']
        yield f'{module}.make_{item.name}', ['X(7)(8)', 'meta(X)']
    elif kind == 'counter':
        yield path, ['(reset(X), X(), X())']
        yield f'{module}.make_{item.name}', ['X(2)()']
    elif kind == 'partial': yield path, ['X()', 'X(b=9)']
    elif kind == 'dataclass':
        yield path, ['X() == X()', 'str(inspect.signature(X))', 'X(x=4).total()', 'I.total()', '[f.name for f in dataclasses.fields(X)]', 'meta(X)']
    elif kind == 'enum':
        yield path, ['list(X.__members__)', '[(m.name, m.value, m.twice()) for m in X]', 'X(X.ONE.value) is X.ONE', 'X["TWO"].twice()', 'meta(X)']
    elif kind == 'tuple': yield path, ['X(1)', 'X(1, 2).total()', 'I.total()', 'X._fields', 'X(3)._asdict()']
    elif kind == 'error': yield path, ['str(X())', 'issubclass(X, Exception)']
    elif kind == 'slots': yield path, ['X().get()', 'I.get()']
    elif kind == 'abstract':
        yield path, ['X()', 'sorted(X.__abstractmethods__)']
        yield path + '_own', ['X().must()', 'I.must()', 'names(X.__mro__)']
    elif kind == 'meta': yield path, ['X.loud()', 'I.get()', 'type(X).__name__']
    elif kind == 'table': yield path + '_go', ['X()']
    elif kind == 'registry': yield path + '_one', ['I.get()', 'names(X.__mro__)', 'names(X.__subclasses__())']
    elif kind == 'dispatch': yield path, ['X("")', 'X(1)', 'X(1.5)', 'meta(X)']
    elif kind in ('class', 'generic'):
        yield path, ['names(X.__mro__)', 'meta(X)', 'I.hp', 'sorted(k for k in X.__dict__ if k[0] not in "_d")']
        yield from of_members(path, item)


def of_members(path, item):
    for m in item.members:
        inner = f'{path}.{m.name}'
        owner = f'I.{m.name}'
        if m.kind == 'method': yield path, [f'{owner}()', f'{owner}(3)', f'meta(X.{m.name})']
        elif m.kind == 'static': yield inner, ['X()', 'X(2)', 'meta(X)']
        elif m.kind == 'classmethod': yield path, [f'X.{m.name}()', f'meta(X.{m.name}.__func__)']
        elif m.kind == 'property': yield path, [owner, f'X.{m.name}.__doc__', f'set_(I, {m.name!r}, 1)']
        elif m.kind == 'settable': yield path, [f'(set_(I, {m.name!r}, 4), {owner})']
        elif m.kind == 'cached': yield path, [f'(I.__dict__.pop({m.name!r}, None), {owner})[1:]']
        elif m.kind == 'super': yield path, [f'{owner}()']
        elif m.kind == 'nested':
            yield inner, ['names(X.__mro__)', 'meta(X)']
            yield from of_members(inner, m)


def instances(version):
    """Paths of classes of which an instance is held."""
    paths = []
    def nested(path, item):
        for m in item.members:
            if m.kind == 'nested':
                paths.append(f'{path}.{m.name}')
                nested(f'{path}.{m.name}', m)
    for module, items in version.modules.items():
        for item in items:
            path = f'{module}.{item.name}'
            if item.kind in ('dataclass', 'slots', 'meta', 'class', 'generic', 'tuple'): paths.append(path)
            if item.kind == 'abstract': paths.append(path + '_own')
            if item.kind == 'registry': paths.append(path + '_one')
            nested(path, item)
    return paths


def data(version):
    """Paths of all data: of modules and of classes."""
    def members(path, item):
        for m in item.members:
            if m.kind == 'data': yield f'{path}.{m.name}'
            yield from members(f'{path}.{m.name}', m)
    for module, items in version.modules.items():
        for item in items:
            if item.kind == 'data': yield f'{module}.{item.name}'
            yield from members(f'{module}.{item.name}', item)


def make(cls):
    return cls(5, 6) if issubclass(cls, tuple) else cls()


def names(classes): return [f'{c.__module__}.{c.__qualname__}' for c in classes]


def drive(coroutine):
    try: coroutine.send(None)
    except StopIteration as end: return end.value


def entered(manager):
    with manager as value: return value


def reset(function):
    function.__closure__[function.__code__.co_freevars.index('count')].cell_contents = 0


def set_(instance, name, value):
    try: setattr(instance, name, value)
    except AttributeError: return 'read-only'


def meta(value):
    """What tools see of a function or class."""
    try: text = inspect.getsource(value)
    except (OSError, TypeError) as error: text = type(error).__name__
    try: signature = str(inspect.signature(value))
    except (ValueError, TypeError): signature = ''
    attributes = {} if isinstance(value, type) else {k: written(v) for k, v in getattr(value, '__dict__', {}).items()}
    return (value.__module__, value.__qualname__, value.__name__, value.__doc__, signature, str(getattr(value, '__annotations__', {})),
            attributes, text)


def written(value, depth=0):
    """An answer as text, the same in every process."""
    if depth > 6: return '…'
    if isinstance(value, types.FunctionType): return f'<function {value.__qualname__}>'
    if isinstance(value, type): return f'<class {value.__qualname__}>'
    if isinstance(value, types.ModuleType): return f'<module {value.__name__}>'
    if type(value) in (list, tuple): return '[' + ', '.join(written(v, depth + 1) for v in value) + ']'
    if type(value) is dict: return '{' + ', '.join(f'{written(k)}: {written(v, depth + 1)}' for k, v in value.items()) + '}'
    if type(value) in (set, frozenset): return '{' + ', '.join(sorted(written(v, depth + 1) for v in value)) + '}'
    if type(value) in (int, str, bytes, float, bool, type(None)): return repr(value)
    if type(value).__module__[:1] == 'm': return f'<{type(value).__qualname__} {written(getattr(value, "__dict__", None), depth + 1)} {value if isinstance(value, tuple) else ""}>'
    return f'<{type(value).__name__}>'


def answer(expression, environment):
    try: return written(eval(expression, dict(environment, **TOOLS)))
    except Exception as error: return f'{type(error).__name__}: {error}'


TOOLS = dict(names=names, drive=drive, entered=entered, reset=reset, set_=set_, meta=meta, inspect=inspect,
             dataclasses=__import__('dataclasses'))
