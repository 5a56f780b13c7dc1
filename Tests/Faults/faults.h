// What the calls (calls.c) ask before they are made, and where they are written down (record.c).
#pragma once
#include "CFaults.h"

#include <dlfcn.h>

enum call {
    /// Changes nothing.
    READING,
    /// The same, of bytes: may do half.
    READING_BYTES,
    /// The same, and takes a descriptor.
    OPENING,
    /// The same, and no signal interrupts it.
    LISTING,
    /// Makes a file: takes space and a descriptor.
    CREATING,
    /// Takes space, or says that what was written is safe.
    WRITING,
    /// The same, of bytes: may do half.
    WRITING_BYTES,
    LINKING,
    /// Changes something, and takes no space.
    MOVING,
    REMOVING,
};

enum fate {
    GOES_ON,
    /// `errno` is set.
    FAILS,
    DOES_HALF,
    DIES_HALFWAY,
};

/// Decides about the next call. Does not return where the process is to die before it.
enum fate instar_fault_next(enum call call);

/// True where the call fails, with `errno` set.
#define IF_FAILS(call) if (instar_fault_next(call) == FAILS)

/// The call as the system has it.
#define REAL(name)                                                                    \
    static __typeof__(&name) real;                                                    \
    if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

/// One line of the record: the folder's inode, names, the inode concerned.
__attribute__((format(printf, 1, 2))) void instar_record(const char *format, ...);
void instar_record_write(int descriptor, const unsigned char *bytes, size_t count, off_t offset);
unsigned long long instar_inode(int descriptor);
unsigned long long instar_inode_at(int folder, const char *name);
