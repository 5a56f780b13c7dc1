// Writes down what a process changes, one line a change, for the model of a power cut.
#define _GNU_SOURCE
#include "faults.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int record_file = -1;

void instar_fault_record(int descriptor) { record_file = descriptor; }

unsigned long long instar_inode(int descriptor) {
    struct stat status;
    REAL(fstat);
    return real(descriptor, &status) == 0 ? (unsigned long long)status.st_ino : 0;
}

unsigned long long instar_inode_at(int folder, const char *name) {
    struct stat status;
    REAL(fstatat);
    return real(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 ? (unsigned long long)status.st_ino : 0;
}

static void put(const char *bytes, size_t count) {
    REAL(write);
    while (count > 0) {
        ssize_t done = real(record_file, bytes, count);
        // A record with a gap would prove nothing.
        if (done <= 0) abort();
        bytes += done;
        count -= (size_t)done;
    }
}

void instar_record(const char *format, ...) {
    char line[8192];
    va_list arguments;
    if (record_file < 0) return;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (length > 0) put(line, (size_t)length);
}

void instar_record_write(int descriptor, const unsigned char *bytes, size_t count, off_t offset) {
    static const char digits[] = "0123456789abcdef";
    if (record_file < 0) return;
    char *line = malloc(count * 2 + 128);
    if (!line) abort();
    size_t length = (size_t)snprintf(line, 128, "write %llu %lld ", instar_inode(descriptor), (long long)offset);
    for (size_t index = 0; index < count; index++) {
        line[length++] = digits[bytes[index] >> 4];
        line[length++] = digits[bytes[index] & 15];
    }
    line[length++] = '\n';
    put(line, length);
    free(line);
}
