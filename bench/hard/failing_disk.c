/* A disk that fails: the n-th operation that changes anything below a folder, counted in this process.

   Preloaded (LD_PRELOAD). hard_arm(root, at, kind) begins to count; hard_count() says how many there were. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { COUNT, FULL, BROKEN, FORBIDDEN, SHORT, KILLED, KILLED_HALFWAY };
enum { SPACE = 1, NAME = 2, DATA = 4, SYNC = 8 };

static char root[PATH_MAX];
static long counted, at = -1;
static int kind = -1;

void hard_arm(const char *folder, long n, int what) {
    strncpy(root, folder, sizeof root - 1);
    counted = 0, at = n, kind = what;
}

long hard_count(void) { return counted; }

static int below(const char *path) {
    size_t n = strlen(root);
    return kind >= 0 && path && !strncmp(path, root, n) && (path[n] == '/' || path[n] == 0);
}

static int path_of(int fd, char *into) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, into, PATH_MAX - 1);
    if (n < 0) return 0;
    into[n] = 0;
    return 1;
}

static int fd_below(int fd) {
    char path[PATH_MAX];
    return kind >= 0 && fd > 2 && path_of(fd, path) && below(path);
}

static int name_below(int dir, const char *name) {
    char path[PATH_MAX * 2];
    if (kind < 0 || !name) return 0;
    if (name[0] == '/') return below(name);
    if (dir == AT_FDCWD) {
        if (!getcwd(path, PATH_MAX)) return 0;
    } else if (!path_of(dir, path)) return 0;
    strncat(path, "/", 2);
    strncat(path, name, PATH_MAX - 1);
    return below(path);
}

/* The error of an operation: 0 = it goes on, -1 = half of it. */
static int fate(int of) {
    long here = counted++;
    if (kind == KILLED && here == at) kill(getpid(), SIGKILL);
    if (kind == FULL && here >= at && (of & SPACE)) return ENOSPC;
    if (kind == BROKEN && here == at) return EIO;
    if (kind == FORBIDDEN && here >= at && (of & NAME)) return EACCES;
    if ((kind == SHORT || kind == KILLED_HALFWAY) && here == at && (of & DATA)) return -1;
    return 0;
}

#define REAL(type, name, ...) static type (*real)(__VA_ARGS__); if (!real) real = dlsym(RTLD_NEXT, name)
#define STRUCK(of) { int why = fate(of); if (why > 0) { errno = why; return -1; } }

static ssize_t half(int fd, ssize_t done) {
    (void)fd;
    if (kind == KILLED_HALFWAY) kill(getpid(), SIGKILL);
    return done;
}

ssize_t write(int fd, const void *data, size_t n) {
    REAL(ssize_t, "write", int, const void *, size_t);
    if (fd_below(fd)) {
        int why = fate(SPACE | DATA);
        if (why > 0) { errno = why; return -1; }
        if (why < 0 && n > 1) return half(fd, real(fd, data, n / 2));
    }
    return real(fd, data, n);
}

ssize_t pwrite64(int fd, const void *data, size_t n, off64_t place) {
    REAL(ssize_t, "pwrite64", int, const void *, size_t, off64_t);
    if (fd_below(fd)) {
        int why = fate(SPACE | DATA);
        if (why > 0) { errno = why; return -1; }
        if (why < 0 && n > 1) return half(fd, real(fd, data, n / 2, place));
    }
    return real(fd, data, n, place);
}

ssize_t pwrite(int fd, const void *data, size_t n, off_t place) { return pwrite64(fd, data, n, place); }

ssize_t writev(int fd, const struct iovec *parts, int n) {
    REAL(ssize_t, "writev", int, const struct iovec *, int);
    if (fd_below(fd)) STRUCK(SPACE | DATA)
    return real(fd, parts, n);
}

static int opened(const char *name, int dir, const char *path, int flags, mode_t mode) {
    int (*real)(int, const char *, int, mode_t) = dlsym(RTLD_NEXT, name);
    if ((flags & (O_CREAT | O_TRUNC)) && name_below(dir, path)) STRUCK(SPACE | NAME)
    return real(dir, path, flags, mode);
}

#define MODE mode_t mode = 0; if (flags & (O_CREAT | __O_TMPFILE)) { va_list more; va_start(more, flags); mode = va_arg(more, mode_t); va_end(more); }
int open(const char *path, int flags, ...) { MODE return opened("openat", AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE return opened("openat64", AT_FDCWD, path, flags, mode); }
int openat(int dir, const char *path, int flags, ...) { MODE return opened("openat", dir, path, flags, mode); }
int openat64(int dir, const char *path, int flags, ...) { MODE return opened("openat64", dir, path, flags, mode); }

int mkdir(const char *path, mode_t mode) {
    REAL(int, "mkdir", const char *, mode_t);
    if (name_below(AT_FDCWD, path)) STRUCK(SPACE | NAME)
    return real(path, mode);
}

int rename(const char *from, const char *to) {
    REAL(int, "rename", const char *, const char *);
    if (name_below(AT_FDCWD, to) || name_below(AT_FDCWD, from)) STRUCK(NAME)
    return real(from, to);
}

int renameat(int a, const char *from, int b, const char *to) {
    REAL(int, "renameat", int, const char *, int, const char *);
    if (name_below(b, to) || name_below(a, from)) STRUCK(NAME)
    return real(a, from, b, to);
}

int unlink(const char *path) {
    REAL(int, "unlink", const char *);
    if (name_below(AT_FDCWD, path)) STRUCK(NAME)
    return real(path);
}

int unlinkat(int dir, const char *path, int flags) {
    REAL(int, "unlinkat", int, const char *, int);
    if (name_below(dir, path)) STRUCK(NAME)
    return real(dir, path, flags);
}

int rmdir(const char *path) {
    REAL(int, "rmdir", const char *);
    if (name_below(AT_FDCWD, path)) STRUCK(NAME)
    return real(path);
}

int fsync(int fd) {
    REAL(int, "fsync", int);
    if (fd_below(fd)) STRUCK(SYNC)
    return real(fd);
}

int ftruncate64(int fd, off64_t size) {
    REAL(int, "ftruncate64", int, off64_t);
    if (fd_below(fd)) STRUCK(SYNC)
    return real(fd, size);
}

int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }
