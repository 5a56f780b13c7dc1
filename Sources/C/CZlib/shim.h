// inflateInit2 and deflateInit2 are macros, which Swift does not see.
#pragma once
#include <zlib.h>
