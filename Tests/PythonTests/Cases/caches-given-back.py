import gc, weakref
V = 'import functools\nclass State: pass\n@functools.lru_cache(%s)\ndef state(name): return State()\nVERSION = %d\n%s'
for size in ('None', '2', '0'):
    module = 'c' + size
    write(module + '.py', V % (size, 1, ''))
    m = __import__(module)
    kept = [m.state('a'), m.state('b')]; m.state('b')
    info = m.state.cache_info()
    for broken in ('def x_reload_module(): state("c"); state("a"); raise ValueError', '1/0'):
        write(module + '.py', V % (size, 2, broken))
        refused([module])
        assert m.state.cache_info() == info, (size, m.state.cache_info(), info)
        if size != '0': assert [m.state('b'), m.state('a')] == kept[::-1] and m.state.cache_info().hits == info.hits + 2
        info = m.state.cache_info()
    if size == '2':
        m.state('d'); assert m.state('a') is kept[0] and m.state('b') is not kept[1]  # the ring is in order
    gone = weakref.ref(kept.pop(0)); kept = None
    write(module + '.py', V % (size, 3, ''))
    reload([module])
    gc.collect()
    assert gone() is None and m.state.cache_info()[:2] == (0, 0) and m.state.cache_info().currsize == 0
    m.state('x'); m.state('y'); m.state('z'); m.state.cache_clear()
