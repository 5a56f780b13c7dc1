// Another zlib than the publisher's: from the stream on whose number INSTAR_FAULT_DEFLATE says, from 1, a process that loads this
// with LD_PRELOAD deflates at another level than it asked for.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdlib.h>

typedef int initialize(void *, int, int, int, int, int, const char *, int);

static atomic_long streams;

int deflateInit2_(void *stream, int level, int method, int window, int memory, int strategy, const char *version, int size) {
    const char *first = getenv("INSTAR_FAULT_DEFLATE");
    initialize *real = (initialize *)dlsym(RTLD_NEXT, "deflateInit2_");
    if (first && atomic_fetch_add(&streams, 1) + 1 >= atol(first)) level = level == 1 ? 9 : 1;
    return real(stream, level, method, window, memory, strategy, version, size);
}
