import instar, os, sys, textwrap
HERE = os.path.dirname(os.path.abspath(__file__))
def write(path, text):
    path = os.path.join(HERE, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w') as f: f.write(textwrap.dedent(text).lstrip('\n'))
def read(path): return open(os.path.join(HERE, path)).read()
reload = instar.reload
def refused(*a, **k):
    try: instar.reload(*a, **k)
    except instar.ReloadError as e: return e
    raise AssertionError('the update was not refused')
