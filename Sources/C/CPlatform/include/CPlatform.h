// Linux calls and macros that Swift's importer does not see (variadic, behind _GNU_SOURCE, or macros).
// One function each; nothing here decides anything.
#pragma once

/// Names the calling thread, as debuggers and `top -H` show it; the kernel keeps 15 bytes.
void instar_name_thread(const char *name);
