#### threads busy
import threading, time
write('m.py', 'def a(): return 1\ndef b(): return a()\nclass K:\n    def x(self): return 1\n    def y(self): return self.x()\n')
import m
stop = False; errs = []
def work():
    k = m.K()
    while not stop:
        try: m.b(); k.y(); m.K().x()
        except Exception as e: errs.append(e); return
ts = [threading.Thread(target=work) for _ in range(3)]; [t.start() for t in ts]
for i in range(30):
    write('m.py', 'def a(): return %d\ndef b(): return a()\nclass K:\n    def x(self): return %d\n    def y(self): return self.x()\n' % (i, i)); reload(['m'])
stop = True; [t.join() for t in ts]; assert not errs, errs
#### thread sees new
import threading, queue
write('m.py', 'def f(): return 1\n')
import m
q, r = queue.Queue(), queue.Queue()
def w():
    while q.get(): r.put(m.f())
t = threading.Thread(target=w); t.start(); q.put(1); assert r.get() == 1
write('m.py', 'def f(): return 2\n'); reload(); q.put(1); assert r.get() == 2; q.put(0); t.join()
#### reload from thread
import threading
write('m.py', 'def f(): return 1\n')
import m
write('m.py', 'def f(): return 2\n'); out = []
t = threading.Thread(target=lambda: out.append(reload())); t.start(); t.join(); assert m.f() == 2 and out
#### concurrent reloads
import threading
write('m.py', 'def f(): return 1\n'); write('n.py', 'def f(): return 1\n')
import m, n
errs = []
def go(name):
    try:
        for i in range(20): write(name + '.py', 'import time\ntime.sleep(0.001)\ndef f(): return %d\n' % i); reload([name])
    except BaseException as e: errs.append(e)
ts = [threading.Thread(target=go, args=(x,)) for x in 'mn']; [t.start() for t in ts]; [t.join() for t in ts]
assert not errs and m.f() == 19 and n.f() == 19, errs
