"""One way to reload modules by name for each engine."""
import importlib, sys


def prepare(engine, directory):
    """Answers `reload(names)` of an engine; to be called before modules of `directory` are imported."""
    if engine == 'instar':
        import instar
        return instar.reload
    if engine == 'importlib': return each(importlib.reload)
    if engine == 'ipython':
        from IPython.extensions.autoreload import superreload
        old = {}
        return each(lambda module: superreload(module, importlib.reload, old))
    if engine == 'jurigged':
        from jurigged.register import registry
        registry.auto_register(filter=lambda file: file.startswith(directory))
        return each(lambda module: registry.get(module.__file__).refresh())
    raise SystemExit(f'no engine {engine}')


def each(reload):
    def reload_all(names):
        importlib.invalidate_caches()
        for name in names: reload(sys.modules[name])
    return reload_all
