// Linux calls and macros that Swift's importer does not see (variadic, behind _GNU_SOURCE, or macros).
// One function each; nothing here decides anything.
#pragma once

/// Names the calling thread, as debuggers and `top -H` show it; the kernel keeps 15 bytes.
void instar_name_thread(const char *name);

#include <stdint.h>
#include <sys/types.h>

// Files. Each answers -1 with errno set where it fails; ENOSYS or EOPNOTSUPP where the platform has no such thing.

/// `openat`, which is variadic.
int instar_open_at(int directory, const char *name, int flags, mode_t permissions);

/// Waits until everything written to the file system of this descriptor is on the disk.
int instar_sync_filesystem(int descriptor);

/// Waits until the file is on the disk, past the drive's own cache where the platform makes a difference.
int instar_sync_file(int descriptor);

/// Has the C library's heap give memory back that is free, in place of keeping it for each thread.
void instar_lean_heap(void);

/// Gives what is free of the C library's heap back now.
void instar_trim_heap(void);

/// Makes the empty file `target` share the blocks of `source`.
int instar_clone(int source, int target);

/// Allocates blocks for `size` bytes, so that writing them later cannot find the disk full.
int instar_reserve(int descriptor, off_t size);

/// The next name in a directory opened with `fdopendir`, or null at its end (errno 0) or on an error (errno set).
/// `kind` becomes 'd' for a directory, 'f' for a regular file, 'l' for a symbolic link, '?' for anything else or unknown.
const char *instar_next_name(void *directory, char *kind);

/// One symbolic call for the fields that the store wants of `fstatat`, never following a link; a null name means the descriptor itself.
struct instar_status {
    uint64_t device;
    uint64_t inode;
    uint64_t links;
    uint64_t size;
    uint64_t blocks; // of 512 bytes
    int64_t modified; // nanoseconds since 1970
    int64_t changed; // of the status, likewise
    uint32_t mode;
    uint32_t owner;
};
int instar_status_at(int directory, const char *name, struct instar_status *status);

/// A non-blocking descriptor that tells of changes in watched directories (inotify); -1 where the system has none.
int instar_watch_open(void);

/// Watches one directory, not those below it, for files that were written, moved or removed. -1 on an error.
int instar_watch_add(int watch, const char *directory);
