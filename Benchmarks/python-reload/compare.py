"""The two tables of docs/python-reload.md: the engine's cases, and its times, beside other engines.

Usage: compare.py INSTAR PEERS_PYTHON INSTAR_PYTHON [cases|times] [LIMIT]      LIMIT in seconds for one measurement
"""
import json, os, re, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = os.path.join(HERE, '..', '..', 'Tests', 'PythonTests', 'Cases')
instar, peers, python = sys.argv[1:4]
tables = sys.argv[4:5] or ['cases', 'times']
limit = float(sys.argv[5]) if sys.argv[5:] else 420
ENGINES = tuple(os.environ.get('ENGINES', 'instar importlib ipython jurigged').split())
# What only Instar can be asked: these cases have no form for others.
OWN = re.compile(r"plan\(|removed=|\['(log|hooks|counts)'\]|\.trace|this_module")


def run(engine, words, limit, directory=HERE):
    command = [instar, 'dev', directory, *words, '--python', python] if engine == 'instar' else [peers, *words]
    try: return subprocess.run(command, capture_output=True, text=True, timeout=limit)
    except subprocess.TimeoutExpired: return None


def case(engine, name):
    """Whether every section of a case holds, each in a process and a folder of its own."""
    sections = re.split(r'(?m)^#### .*', open(os.path.join(CASES, name)).read())
    return all(section(engine, name, number, text) for number, text in enumerate(sections) if text.strip() and is_for_this(text))


def is_for_this(text):
    """Whether a section is for this version of Python: `# needs 3.12` at its top leaves it to later ones."""
    needs = re.match(r'\s*# needs 3\.(\d+)', text)
    return not needs or sys.version_info >= (3, int(needs[1]))


def section(engine, name, number, text):
    with tempfile.TemporaryDirectory() as directory:
        if engine != 'instar': result = run(engine, [os.path.join(HERE, 'case.py'), engine, name, str(number), directory], 60)
        else:
            with open(os.path.join(directory, 'script_under_test.py'), 'w') as script:
                script.write(open(os.path.join(CASES, '..', 'prelude.py')).read() + text)
            result = run(engine, ['script_under_test.py'], 60, directory)
        return result is not None and result.returncode == 0


def show_cases():
    print('| case | ' + ' | '.join(ENGINES) + ' |\n|---|' + '---|' * len(ENGINES))
    passed, own, total = dict.fromkeys(ENGINES, 0), 0, 0
    for name in sorted(os.listdir(CASES)):
        if not name.endswith('.py'): continue
        if OWN.search(open(os.path.join(CASES, name)).read()):
            own += 1
            continue
        total += 1
        row = [case(engine, name) for engine in ENGINES]
        for engine, good in zip(ENGINES, row): passed[engine] += good
        print(f'| {name[:-3]} | ' + ' | '.join('yes' if good else 'no' for good in row) + ' |', flush=True)
    print(f'| **{total} in all** | ' + ' | '.join(f'**{passed[engine]}**' for engine in ENGINES) + ' |')
    print(f'\n{own} more cases ask for what only Instar has.\n')


def seconds(value): return f'{value * 1000:.3g} ms' if value < 1 else f'{value:.3g} s'


def measured(engine, row):
    """What program.py says, or why it says nothing."""
    result = run(engine, ['program.py' if engine == 'instar' else os.path.join(HERE, 'program.py'), engine, row], limit)
    if result is None: return f'over {limit:g} s'
    if result.returncode: return 'failed: ' + result.stderr.strip().split('\n')[-1][:60]
    return json.loads(result.stdout.strip().split('\n')[-1])


def show_times():
    ours = ('Instar, whole call', 'of it the pause', 'of it hooks', 'passes over the heap')
    heads = [head for engine in ENGINES for head in (ours if engine == 'instar' else (engine,))]
    print('| edit | ' + ' | '.join(heads) + ' |\n' + '|---' * (len(heads) + 1) + '|')
    for row in ('body', 'line', 'module', 'all', 'hooks'):
        cells = []
        for engine in ENGINES:
            best = measured(engine, row) if row != 'hooks' or engine == 'instar' else 'has none'
            if isinstance(best, str): cells += [best] + ['-'] * (3 if engine == 'instar' else 0)
            elif engine == 'instar': cells += [seconds(best['call']), seconds(best['pause']), seconds(best['hooks']), str(best['passes'])]
            else: cells.append(seconds(best['call']))
            if engine == 'instar' and 'loop' in best: plain = best['loop']
        print(f'| {row} | ' + ' | '.join(cells) + ' |', flush=True)
    if 'instar' not in ENGINES: return
    print(f'\nA plain loop over the same hooks, in the order in which the instances were made: {seconds(plain)}.')
    before, after = measured('instar', 'memory')['resident']
    print(f'1,000 reloads of one body: {before / 1e6:.2f} MB resident before, {after / 1e6:.2f} MB after ({(after / before - 1) * 100:+.2f} %).')


if 'cases' in tables: show_cases()
if 'times' in tables: show_times()
