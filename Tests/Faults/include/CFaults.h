// File-system calls that go wrong on purpose; see faults.c. Linked into a program that arms a fault for one operation, or loaded
// with LD_PRELOAD into a process under test, which then takes its fault from the environment.
#pragma once

#include <sys/types.h>

/// Which calls are counted, and so may go wrong.
enum instar_fault_class {
    /// Those that change something, or sync.
    INSTAR_FAULT_CHANGES,
    /// Those that only read, too.
    INSTAR_FAULT_ALL,
    /// Those that move bytes of files, and may move fewer.
    INSTAR_FAULT_TRANSFERS,
};

/// What goes wrong, and where.
struct instar_fault {
    /// Number of the call, from 1; 0: nothing goes wrong, the calls are only counted.
    long call;
    /// The error of the call; 0: the process is killed before it.
    int error;
    /// A write does half, then the process is killed.
    int is_torn;
    /// A read or a write does half, and says so.
    int is_short;
    enum instar_fault_class counts;
    /// Every call from there on fails, but for removals on a disk without space.
    int is_sticky;
    /// Hard links are refused with this error, whatever else.
    int link_error;
};

/// From now on calls are counted from 1, and the fault happens.
void instar_fault_arm(struct instar_fault fault);

/// The calls counted since; nothing happens and nothing is counted from now on.
long instar_fault_disarm(void);

/// Writes one line for each change to a file descriptor; -1 ends that.
void instar_fault_record(int descriptor);

/// `fork`, which Swift hides. Only for processes of one thread.
pid_t instar_fault_fork(void);
