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

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#if defined(__linux__)
#include <linux/fs.h>
#endif
#if defined(__GLIBC__)
#include <malloc.h>
#endif

int instar_open_at(int directory, const char *name, int flags, mode_t permissions) {
    return openat(directory, name, flags, permissions);
}

int instar_sync_filesystem(int descriptor) {
#if defined(__linux__)
    return syncfs(descriptor);
#else
    (void)descriptor;
    errno = ENOSYS;
    return -1;
#endif
}

int instar_sync_file(int descriptor) {
#if defined(__APPLE__)
    if (fcntl(descriptor, F_FULLFSYNC) == 0) return 0;
#endif
    return fsync(descriptor);
}

void instar_lean_heap(void) {
#if defined(__GLIBC__)
    // By default each of up to eight threads a processor gets a heap of its own, and blocks of up to 32 MB that were freed
    // once are no longer given back.
    mallopt(M_ARENA_MAX, 2);
    mallopt(M_MMAP_THRESHOLD, 128 << 10);
    mallopt(M_TRIM_THRESHOLD, 256 << 10);
#endif
}

void instar_trim_heap(void) {
#if defined(__GLIBC__)
    malloc_trim(0);
#endif
}

int instar_clone(int source, int target) {
#if defined(FICLONE)
    return ioctl(target, FICLONE, source);
#else
    (void)source;
    (void)target;
    errno = EOPNOTSUPP;
    return -1;
#endif
}

int instar_reserve(int descriptor, off_t size) {
#if defined(__linux__)
    return fallocate(descriptor, 0, 0, size);
#else
    (void)descriptor;
    (void)size;
    errno = EOPNOTSUPP;
    return -1;
#endif
}

const char *instar_next_name(void *directory, char *kind) {
    errno = 0;
    struct dirent *entry = readdir(directory);
    if (!entry) return 0;
    switch (entry->d_type) {
    case DT_DIR: *kind = 'd'; break;
    case DT_REG: *kind = 'f'; break;
    case DT_LNK: *kind = 'l'; break;
    default: *kind = '?';
    }
    return entry->d_name;
}

int instar_status_at(int directory, const char *name, struct instar_status *status) {
    struct stat found;
    int result = name ? fstatat(directory, name, &found, AT_SYMLINK_NOFOLLOW) : fstat(directory, &found);
    if (result != 0) return result;
    status->device = (uint64_t)found.st_dev;
    status->inode = (uint64_t)found.st_ino;
    status->links = (uint64_t)found.st_nlink;
    status->size = (uint64_t)found.st_size;
    status->blocks = (uint64_t)found.st_blocks;
#if defined(__APPLE__)
    struct timespec modified = found.st_mtimespec, changed = found.st_ctimespec;
#else
    struct timespec modified = found.st_mtim, changed = found.st_ctim;
#endif
    status->modified = (int64_t)modified.tv_sec * 1000000000 + modified.tv_nsec;
    status->changed = (int64_t)changed.tv_sec * 1000000000 + changed.tv_nsec;
    status->mode = (uint32_t)found.st_mode;
    status->owner = (uint32_t)found.st_uid;
    return 0;
}

#if defined(__linux__)
#include <sys/inotify.h>

int instar_watch_open(void) { return inotify_init1(IN_NONBLOCK | IN_CLOEXEC); }

int instar_watch_add(int watch, const char *directory) {
    return inotify_add_watch(watch, directory, IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ONLYDIR);
}
#else
int instar_watch_open(void) { return -1; }
int instar_watch_add(int watch, const char *directory) { (void)watch; (void)directory; return -1; }
#endif
