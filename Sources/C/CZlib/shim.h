// inflateInit2 and deflateInit2 are macros, which Swift does not see. Both are for raw streams here: no header, no check sum.
#pragma once
#include <zlib.h>

static inline int instar_inflate_init(z_streamp stream) { return inflateInit2(stream, -MAX_WBITS); }

static inline int instar_deflate_init(z_streamp stream, int level, int window_bits, int memory, int strategy) {
    return deflateInit2(stream, level, Z_DEFLATED, -window_bits, memory, strategy);
}
