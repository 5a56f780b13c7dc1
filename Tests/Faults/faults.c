// Counts the process's file-system calls and, at the armed one, kills the process or lets the call fail. `calls.c` has the calls.
//
// Loaded with LD_PRELOAD it takes its orders from the environment:
//   INSTAR_FAULT_AT     number of the call, from 1; 0 or absent: never
//   INSTAR_FAULT        `kill` (before the call), `torn` (a write does half, then kill), or an error number
//   INSTAR_FAULT_CLASS  `writes` (default): calls that change something or sync; `all`: reading ones too
//   INSTAR_FAULT_STICKY every call of the class from there on fails that needs what is lacking
//   INSTAR_FAULT_LINKS  an error number: no hard link can be made
//   INSTAR_FAULT_CLOCK  seconds that are added to the time of day
//   INSTAR_FAULT_COUNT  a file that gets the number of calls at exit
#define _GNU_SOURCE
#include "faults.h"

#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static atomic_long calls;
static atomic_int is_armed;
static struct instar_fault armed;
static long clock_shift;

static long number_of(const char *name) {
    const char *text = getenv(name);
    return text ? atol(text) : 0;
}

__attribute__((constructor)) static void begin(void) {
    const char *fault = getenv("INSTAR_FAULT"), *class = getenv("INSTAR_FAULT_CLASS");
    clock_shift = number_of("INSTAR_FAULT_CLOCK");
    struct instar_fault wanted = {
        .call = number_of("INSTAR_FAULT_AT"),
        .error = fault ? atoi(fault) : 0,
        .is_torn = fault && strcmp(fault, "torn") == 0,
        .counts = class && strcmp(class, "all") == 0 ? INSTAR_FAULT_ALL : INSTAR_FAULT_CHANGES,
        .is_sticky = getenv("INSTAR_FAULT_STICKY") != 0,
        .link_error = (int)number_of("INSTAR_FAULT_LINKS"),
    };
    if (wanted.call || wanted.link_error || getenv("INSTAR_FAULT_COUNT")) instar_fault_arm(wanted);
}

__attribute__((destructor)) static void end(void) {
    const char *count = getenv("INSTAR_FAULT_COUNT");
    if (!count) return;
    long counted = instar_fault_disarm();
    FILE *file = fopen(count, "w");
    if (!file) return;
    fprintf(file, "%ld\n", counted);
    fclose(file);
}

void instar_fault_arm(struct instar_fault fault) {
    armed = fault;
    atomic_store(&calls, 0);
    atomic_store(&is_armed, 1);
}

long instar_fault_disarm(void) {
    atomic_store(&is_armed, 0);
    return atomic_load(&calls);
}

pid_t instar_fault_fork(void) { return fork(); }

static int only_reads(enum call call) { return call <= LISTING; }

/// Whether a call that comes after the first one that failed is troubled by the same.
static int goes_on_failing(enum call call) {
    switch (armed.error) {
    // Giving space back works, and so does everything that needs none.
    case ENOSPC:
    case EDQUOT: return call == CREATING || call == WRITING || call == WRITING_BYTES || call == LINKING;
    case EROFS: return !only_reads(call);
    case EMFILE: return call == OPENING || call == CREATING;
    default: return 1;
    }
}

static int is_counted(enum call call) {
    switch (armed.counts) {
    case INSTAR_FAULT_CHANGES: return !only_reads(call);
    case INSTAR_FAULT_ALL: return 1;
    case INSTAR_FAULT_TRANSFERS: return call == WRITING_BYTES || (call == READING_BYTES && armed.is_short);
    }
    return 0;
}

enum fate instar_fault_next(enum call call) {
    if (!atomic_load_explicit(&is_armed, memory_order_relaxed)) return GOES_ON;
    if (call == LINKING && armed.link_error) {
        errno = armed.link_error;
        return FAILS;
    }
    if (!is_counted(call)) return GOES_ON;
    long number = atomic_fetch_add(&calls, 1) + 1;
    if (!armed.call || number < armed.call || (number > armed.call && !armed.is_sticky)) return GOES_ON;
    if (armed.is_short) return DOES_HALF;
    if (armed.error) {
        if (number > armed.call && !goes_on_failing(call)) return GOES_ON;
        if (armed.error == EINTR && call == LISTING) return GOES_ON;
        errno = armed.error;
        return FAILS;
    }
    if (armed.is_torn && call == WRITING_BYTES) return DIES_HALFWAY;
    kill(getpid(), SIGKILL);
    return FAILS;
}

/// Somebody set the clock.
int clock_gettime(clockid_t clock, struct timespec *time) {
    REAL(clock_gettime);
    int result = real(clock, time);
    if (result == 0 && clock == CLOCK_REALTIME) time->tv_sec += clock_shift;
    return result;
}
