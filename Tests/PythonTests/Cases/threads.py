import threading, time
write('m.py', 'def a(): return 1\ndef b(): return 1\nclass K:\n    def x(self): return 1\n    def y(self): return 1\n')
import m
stop = False; torn = []; rounds = 0
def work():
    global rounds
    k = m.K()
    while not stop:
        import m as mm
        if not (mm.a and mm.b and mm.K): torn.append('missing')
        rounds += 1
t = threading.Thread(target=work); t.start()
for i in range(2, 12):
    write('m.py', 'import time\ntime.sleep(0.005)\ndef a(): return %d\ndef b(): return %d\nclass K:\n    def x(self): return %d\n    def y(self): return %d\n' % (i, i, i, i))
    reload()
    assert m.a() == m.b() == m.K().x() == i
stop = True; t.join()
assert not torn and rounds > 10
result = []
t = threading.Thread(target=lambda: result.append(reload(['m']))); t.start(); t.join(); assert result[0]['modules']['m']
