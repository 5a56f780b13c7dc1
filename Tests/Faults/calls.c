// The file-system calls of the store and of the command, each asking first whether it is to go wrong.
#define _GNU_SOURCE
#include "faults.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static int opening(int folder, const char *name, int flags, mode_t permissions) {
    int makes = (flags & O_CREAT) != 0;
    IF_FAILS(makes ? CREATING : OPENING) return -1;
    REAL(openat);
    int descriptor = real(folder, name, flags, permissions);
    if (makes && descriptor >= 0 && folder != AT_FDCWD)
        instar_record("create %llu %s %llu\n", instar_inode(folder), name, instar_inode(descriptor));
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
    IF_FAILS(WRITING) return -1;
    REAL(mkdirat);
    int result = real(folder, name, permissions);
    if (result == 0) instar_record("mkdir %llu %s %llu\n", instar_inode(folder), name, instar_inode_at(folder, name));
    return result;
}

int mkdir(const char *name, mode_t permissions) {
    IF_FAILS(WRITING) return -1;
    REAL(mkdir);
    return real(name, permissions);
}

int renameat(int from, const char *name, int to, const char *new_name) {
    IF_FAILS(MOVING) return -1;
    REAL(renameat);
    int result = real(from, name, to, new_name);
    if (result == 0) instar_record("rename %llu %s %llu %s\n", instar_inode(from), name, instar_inode(to), new_name);
    return result;
}

int rename(const char *name, const char *new_name) {
    IF_FAILS(MOVING) return -1;
    REAL(rename);
    return real(name, new_name);
}

int linkat(int from, const char *name, int to, const char *new_name, int flags) {
    IF_FAILS(LINKING) return -1;
    REAL(linkat);
    int result = real(from, name, to, new_name, flags);
    if (result == 0) instar_record("link %llu %s %llu %s\n", instar_inode(from), name, instar_inode(to), new_name);
    return result;
}

int symlinkat(const char *target, int folder, const char *name) {
    IF_FAILS(WRITING) return -1;
    REAL(symlinkat);
    int result = real(target, folder, name);
    if (result == 0)
        instar_record("symlink %llu %s %llu %s\n", instar_inode(folder), name, instar_inode_at(folder, name), target);
    return result;
}

int unlinkat(int folder, const char *name, int flags) {
    IF_FAILS(REMOVING) return -1;
    REAL(unlinkat);
    int result = real(folder, name, flags);
    if (result == 0) instar_record("unlink %llu %s\n", instar_inode(folder), name);
    return result;
}

int unlink(const char *name) {
    IF_FAILS(REMOVING) return -1;
    REAL(unlink);
    return real(name);
}

int fchmodat(int folder, const char *name, mode_t permissions, int flags) {
    IF_FAILS(MOVING) return -1;
    REAL(fchmodat);
    int result = real(folder, name, permissions, flags);
    if (result == 0) instar_record("chmod %llu %o\n", instar_inode_at(folder, name), permissions);
    return result;
}

int fchmod(int descriptor, mode_t permissions) {
    IF_FAILS(MOVING) return -1;
    REAL(fchmod);
    int result = real(descriptor, permissions);
    if (result == 0) instar_record("chmod %llu %o\n", instar_inode(descriptor), permissions);
    return result;
}

int ftruncate(int descriptor, off_t size) {
    IF_FAILS(WRITING) return -1;
    REAL(ftruncate);
    int result = real(descriptor, size);
    if (result == 0) instar_record("truncate %llu %lld\n", instar_inode(descriptor), (long long)size);
    return result;
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
    enum fate fate = instar_fault_next(WRITING_BYTES);
    if (fate == FAILS) return -1;
    REAL(pwrite);
    ssize_t result = real(descriptor, bytes, fate == GOES_ON || count < 2 ? count : count / 2, offset);
    if (fate == DIES_HALFWAY) kill(getpid(), SIGKILL);
    if (result > 0) instar_record_write(descriptor, bytes, (size_t)result, offset);
    return result;
}

// Sockets, pipes and what the process says are none of the disk's business.
static int is_file(int descriptor) {
    struct stat status;
    REAL(fstat);
    return descriptor > 2 && real(descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
    enum fate fate = is_file(descriptor) ? instar_fault_next(WRITING_BYTES) : GOES_ON;
    if (fate == FAILS) return -1;
    REAL(write);
    ssize_t result = real(descriptor, bytes, fate == GOES_ON || count < 2 ? count : count / 2);
    if (fate == DIES_HALFWAY) kill(getpid(), SIGKILL);
    return result;
}

int fsync(int descriptor) {
    IF_FAILS(WRITING) return -1;
    REAL(fsync);
    int result = real(descriptor);
    if (result == 0) instar_record("fsync %llu\n", instar_inode(descriptor));
    return result;
}

int syncfs(int descriptor) {
    IF_FAILS(WRITING) return -1;
    REAL(syncfs);
    int result = real(descriptor);
    if (result == 0) instar_record("syncfs\n");
    return result;
}

int fallocate(int descriptor, int mode, off_t offset, off_t size) {
    IF_FAILS(WRITING) return -1;
    REAL(fallocate);
    return real(descriptor, mode, offset, size);
}

int ioctl(int descriptor, unsigned long request, ...) {
    va_list arguments;
    va_start(arguments, request);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    if (request == FICLONE) IF_FAILS(WRITING) return -1;
    REAL(ioctl);
    return real(descriptor, request, argument);
}

int flock(int descriptor, int operation) {
    IF_FAILS(READING) return -1;
    REAL(flock);
    return real(descriptor, operation);
}

ssize_t pread(int descriptor, void *bytes, size_t count, off_t offset) {
    enum fate fate = instar_fault_next(READING_BYTES);
    if (fate == FAILS) return -1;
    REAL(pread);
    return real(descriptor, bytes, fate == DOES_HALF && count > 1 ? count / 2 : count, offset);
}

ssize_t read(int descriptor, void *bytes, size_t count) {
    enum fate fate = is_file(descriptor) ? instar_fault_next(READING_BYTES) : GOES_ON;
    if (fate == FAILS) return -1;
    REAL(read);
    return real(descriptor, bytes, fate == DOES_HALF && count > 1 ? count / 2 : count);
}

int fstatat(int folder, const char *name, struct stat *status, int flags) {
    IF_FAILS(READING) return -1;
    REAL(fstatat);
    return real(folder, name, status, flags);
}

int fstat(int descriptor, struct stat *status) {
    IF_FAILS(READING) return -1;
    REAL(fstat);
    return real(descriptor, status);
}

int fstatvfs(int descriptor, struct statvfs *space) {
    IF_FAILS(READING) return -1;
    REAL(fstatvfs);
    return real(descriptor, space);
}

ssize_t readlinkat(int folder, const char *name, char *target, size_t size) {
    IF_FAILS(READING) return -1;
    REAL(readlinkat);
    return real(folder, name, target, size);
}

DIR *fdopendir(int descriptor) {
    IF_FAILS(LISTING) return 0;
    REAL(fdopendir);
    return real(descriptor);
}

struct dirent *readdir(DIR *folder) {
    IF_FAILS(LISTING) return 0;
    REAL(readdir);
    return real(folder);
}
