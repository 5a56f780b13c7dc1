#### a signal handler that the load sets again
import signal
write('m.py', 'import signal\nSEEN = []\ndef handle(number, frame): SEEN.append("old")\nsignal.signal(signal.SIGUSR1, handle)\n')
import m, gc
def send():
    del m.SEEN[:]
    os.kill(os.getpid(), signal.SIGUSR1)
    return m.SEEN
assert send() == ["old"]
for version in ("new", "newer"):
    write('m.py', 'import signal\nSEEN = []\ndef handle(number, frame): SEEN.append("%s")\nsignal.signal(signal.SIGUSR1, handle)\n' % version)
    reload(); gc.collect()
    assert send() == [version], m.SEEN
write('m.py', 'SEEN = []\ndef handle(number, frame): SEEN.append("last")\n')
reload(); gc.collect()
assert send() == ["last"], m.SEEN
handler = signal.getsignal(signal.SIGUSR1)
write('m.py', 'import signal\nSEEN = []\ndef handle(number, frame): SEEN.append("bad")\nsignal.signal(signal.SIGUSR1, handle)\nsignal.signal(signal.SIGUSR2, handle)\n1/0\n')
refused(); gc.collect()
assert signal.getsignal(signal.SIGUSR1) is handler and signal.getsignal(signal.SIGUSR2) == signal.SIG_DFL and send() == ["last"]
signal.signal(signal.SIGUSR1, signal.SIG_DFL)
#### exit functions
import atexit
write('m.py', 'import atexit\nSEEN = []\ndef bye(): SEEN.append("old")\n')
import m, gc
write('m.py', 'import atexit\nSEEN = []\ndef bye(): SEEN.append("new")\natexit.register(bye)\n')
reload(); gc.collect()
write('m.py', 'import atexit\nSEEN = []\ndef bye(): SEEN.append("bad")\natexit.register(bye)\natexit.register(lambda: SEEN.append("worse"))\n1/0\n')
refused(); gc.collect()
write('m.py', 'SEEN = []\ndef bye(): SEEN.append("newest")\n')
reload(); gc.collect()
atexit._run_exitfuncs()
assert m.SEEN == ["newest"], m.SEEN
#### callbacks inside of objects that C code made
import ctypes, sqlite3, copyreg, threading
hooks = sys.excepthook, threading.excepthook
write('m.py', '''
    import ctypes, sqlite3, copyreg, sys, threading, gc
    K = 1
    def called(x): return x + K
    def queried(x): return x + K
    TYPE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)
    CALL = TYPE(called)
    DB = sqlite3.connect(":memory:")
    DB.create_function("queried", 1, queried)
    class P: pass
    def reduced(p): return P, ()
    copyreg.pickle(P, reduced)
    def hook(kind, value, trace): pass
    sys.excepthook = hook
    SEEN = []
    threading.excepthook = lambda arguments: SEEN.append("old")
''')
import m, gc
assert sys.excepthook is m.hook
call, db = m.CALL, m.DB
write('m.py', read('m.py').replace('x + K', 'x + K * 100').replace('"old"', '"new"'))
reload(); gc.collect()
assert call(1) == 101 and m.CALL is call and m.DB is db and db.execute("select queried(1)").fetchone() == (101,)
assert copyreg.dispatch_table[m.P] is m.reduced and sys.excepthook is m.hook
thread = threading.Thread(target=lambda: 1 / 0); thread.start(); thread.join()
assert m.SEEN == ["new"], m.SEEN
sys.excepthook, threading.excepthook = hooks
