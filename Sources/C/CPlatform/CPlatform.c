#define _GNU_SOURCE
#include "CPlatform.h"

#include <pthread.h>
#include <string.h>

void instar_name_thread(const char *name) {
    char kept[16];
    strncpy(kept, name, sizeof kept - 1);
    kept[sizeof kept - 1] = 0;
#if defined(__linux__)
    pthread_setname_np(pthread_self(), kept);
#elif defined(__APPLE__)
    pthread_setname_np(kept);
#endif
}
