// Loaded with LD_PRELOAD into a process under test. It counts the process's file-system calls and, at the one that the
// environment names, kills the process or lets the call fail; or it writes down what was changed, for the power-cut model.
//
//   INSTAR_FAULT_AT     number of the call, from 1; 0 or absent: never
//   INSTAR_FAULT        `kill` (before the call), `torn` (a write does half, then kill), or an error number
//   INSTAR_FAULT_CLASS  `writes` (default): calls that change something or sync; `all`: reading ones too
//   INSTAR_FAULT_STICKY 1: every call of the class from there on fails, but for removals where the error is ENOSPC
//   INSTAR_FAULT_COUNT  a file that gets the number of calls at exit
//   INSTAR_FAULT_RECORD a file that gets one line for every change below INSTAR_FAULT_ROOT
#define _GNU_SOURCE
#include "CFaults.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <dirent.h>

#define REAL(name) __typeof__(&name) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

enum call { READING, WRITING, REMOVING };

static atomic_long calls;
static long fault_at;
static int fault_error; // 0: kill
static int fault_torn, fault_all, fault_sticky;
static int record_file = -1;

__attribute__((constructor)) static void begin(void) {
    const char *at = getenv("INSTAR_FAULT_AT"), *fault = getenv("INSTAR_FAULT"), *class = getenv("INSTAR_FAULT_CLASS");
    const char *record = getenv("INSTAR_FAULT_RECORD");
    fault_at = at ? atol(at) : 0;
    fault_error = fault ? atoi(fault) : 0;
    fault_torn = fault && strcmp(fault, "torn") == 0;
    fault_all = class && strcmp(class, "all") == 0;
    fault_sticky = getenv("INSTAR_FAULT_STICKY") != 0;
    if (record) {
        int (*real)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open");
        record_file = real(record, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_APPEND, 0644);
    }
}

__attribute__((destructor)) static void end(void) {
    const char *count = getenv("INSTAR_FAULT_COUNT");
    if (!count) return;
    FILE *file = fopen(count, "w");
    if (!file) return;
    fprintf(file, "%ld\n", atomic_load(&calls));
    fclose(file);
}

// True where this call has to fail; `errno` is set. Does not return where the process has to die.
static int fails(enum call call, int *torn) {
    if (torn) *torn = 0;
    if (call == READING && !fault_all) return 0;
    long number = atomic_fetch_add(&calls, 1) + 1;
    if (!fault_at || number < fault_at || (number > fault_at && !fault_sticky)) return 0;
    if (fault_error) {
        // Giving space back works on a full disk.
        if (number > fault_at && (call == READING || (call == REMOVING && fault_error == ENOSPC))) return 0;
        errno = fault_error;
        return 1;
    }
    if (fault_torn && torn) {
        *torn = 1;
        return 0;
    }
    kill(getpid(), SIGKILL);
    return 1;
}

// ---- The record. One line a change: the folder's inode, names, the inode concerned.

static unsigned long long inode(int descriptor) {
    struct stat status;
    REAL(fstat);
    return real(descriptor, &status) == 0 ? (unsigned long long)status.st_ino : 0;
}

static unsigned long long inode_at(int folder, const char *name) {
    struct stat status;
    REAL(fstatat);
    return real(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 ? (unsigned long long)status.st_ino : 0;
}

__attribute__((format(printf, 1, 2))) static void record(const char *format, ...) {
    char line[8192];
    va_list arguments;
    if (record_file < 0) return;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    REAL(write);
    if (length > 0) (void)!real(record_file, line, (size_t)length);
}

static void record_write(int descriptor, const unsigned char *bytes, size_t count, off_t offset) {
    if (record_file < 0) return;
    char *line = malloc(count * 2 + 128);
    int length = snprintf(line, 128, "write %llu %lld ", inode(descriptor), (long long)offset);
    for (size_t index = 0; index < count; index++) length += sprintf(line + length, "%02x", bytes[index]);
    line[length++] = '\n';
    REAL(write);
    (void)!real(record_file, line, (size_t)length);
    free(line);
}

// ---- The calls.

static int opening(int folder, const char *name, int flags, mode_t permissions) {
    int makes = (flags & O_CREAT) != 0;
    if (fails(makes ? WRITING : READING, 0)) return -1;
    REAL(openat);
    int descriptor = real(folder, name, flags, permissions);
    if (makes && descriptor >= 0 && folder != AT_FDCWD) record("create %llu %s %llu\n", inode(folder), name, inode(descriptor));
    return descriptor;
}

#define OPEN_BODY(folder)                                   \
    mode_t permissions = 0;                                 \
    if (flags & O_CREAT) {                                  \
        va_list arguments;                                  \
        va_start(arguments, flags);                         \
        permissions = (mode_t)va_arg(arguments, unsigned);  \
        va_end(arguments);                                  \
    }                                                       \
    return opening(folder, name, flags, permissions);

int openat(int folder, const char *name, int flags, ...) { OPEN_BODY(folder) }
int openat64(int folder, const char *name, int flags, ...) { OPEN_BODY(folder) }
int open(const char *name, int flags, ...) { OPEN_BODY(AT_FDCWD) }
int open64(const char *name, int flags, ...) { OPEN_BODY(AT_FDCWD) }

int mkdirat(int folder, const char *name, mode_t permissions) {
    if (fails(WRITING, 0)) return -1;
    REAL(mkdirat);
    int result = real(folder, name, permissions);
    if (result == 0) record("mkdir %llu %s %llu\n", inode(folder), name, inode_at(folder, name));
    return result;
}

int renameat(int from, const char *name, int to, const char *new_name) {
    if (fails(WRITING, 0)) return -1;
    REAL(renameat);
    int result = real(from, name, to, new_name);
    if (result == 0) record("rename %llu %s %llu %s\n", inode(from), name, inode(to), new_name);
    return result;
}

int linkat(int from, const char *name, int to, const char *new_name, int flags) {
    if (fails(WRITING, 0)) return -1;
    REAL(linkat);
    int result = real(from, name, to, new_name, flags);
    if (result == 0) record("link %llu %s %llu %s\n", inode(from), name, inode(to), new_name);
    return result;
}

int symlinkat(const char *target, int folder, const char *name) {
    if (fails(WRITING, 0)) return -1;
    REAL(symlinkat);
    int result = real(target, folder, name);
    if (result == 0) record("symlink %llu %s %llu %s\n", inode(folder), name, inode_at(folder, name), target);
    return result;
}

int unlinkat(int folder, const char *name, int flags) {
    if (fails(REMOVING, 0)) return -1;
    REAL(unlinkat);
    int result = real(folder, name, flags);
    if (result == 0) record("unlink %llu %s\n", inode(folder), name);
    return result;
}

int fchmodat(int folder, const char *name, mode_t permissions, int flags) {
    if (fails(WRITING, 0)) return -1;
    REAL(fchmodat);
    int result = real(folder, name, permissions, flags);
    if (result == 0) record("chmod %llu %o\n", inode_at(folder, name), permissions);
    return result;
}

int fchmod(int descriptor, mode_t permissions) {
    if (fails(WRITING, 0)) return -1;
    REAL(fchmod);
    int result = real(descriptor, permissions);
    if (result == 0) record("chmod %llu %o\n", inode(descriptor), permissions);
    return result;
}

int ftruncate(int descriptor, off_t size) {
    if (fails(WRITING, 0)) return -1;
    REAL(ftruncate);
    int result = real(descriptor, size);
    if (result == 0) record("truncate %llu %lld\n", inode(descriptor), (long long)size);
    return result;
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
    int torn;
    if (fails(WRITING, &torn)) return -1;
    REAL(pwrite);
    ssize_t result = real(descriptor, bytes, torn ? count / 2 : count, offset);
    if (torn) kill(getpid(), SIGKILL);
    if (result > 0) record_write(descriptor, bytes, (size_t)result, offset);
    return result;
}

int fsync(int descriptor) {
    if (fails(WRITING, 0)) return -1;
    REAL(fsync);
    int result = real(descriptor);
    if (result == 0) record("fsync %llu\n", inode(descriptor));
    return result;
}

int syncfs(int descriptor) {
    if (fails(WRITING, 0)) return -1;
    REAL(syncfs);
    int result = real(descriptor);
    if (result == 0) record("syncfs\n");
    return result;
}

int fallocate(int descriptor, int mode, off_t offset, off_t size) {
    if (fails(WRITING, 0)) return -1;
    REAL(fallocate);
    return real(descriptor, mode, offset, size);
}

int flock(int descriptor, int operation) {
    if (fails(READING, 0)) return -1;
    REAL(flock);
    return real(descriptor, operation);
}

ssize_t pread(int descriptor, void *bytes, size_t count, off_t offset) {
    if (fails(READING, 0)) return -1;
    REAL(pread);
    return real(descriptor, bytes, count, offset);
}

int fstatat(int folder, const char *name, struct stat *status, int flags) {
    if (fails(READING, 0)) return -1;
    REAL(fstatat);
    return real(folder, name, status, flags);
}

int fstat(int descriptor, struct stat *status) {
    if (fails(READING, 0)) return -1;
    REAL(fstat);
    return real(descriptor, status);
}

int fstatvfs(int descriptor, struct statvfs *space) {
    if (fails(READING, 0)) return -1;
    REAL(fstatvfs);
    return real(descriptor, space);
}

ssize_t readlinkat(int folder, const char *name, char *target, size_t size) {
    if (fails(READING, 0)) return -1;
    REAL(readlinkat);
    return real(folder, name, target, size);
}

DIR *fdopendir(int descriptor) {
    if (fails(READING, 0)) return 0;
    REAL(fdopendir);
    return real(descriptor);
}
