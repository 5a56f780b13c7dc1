// Loaded with LD_PRELOAD; there is nothing to call. See faults.c.
#pragma once
