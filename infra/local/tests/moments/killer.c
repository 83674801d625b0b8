/* Loaded into a server of a test: ends it at the nth step with which it writes a file, counted over all
 * threads from the moment at which the file KILLER_ARMED appears. KILLER_NTH says which step,
 * KILLER_AFTER=1 that the step is done first. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long steps;

/* Counts a step; whether it is the one. */
static int is_it(void) {
    const char *armed = getenv("KILLER_ARMED"), *nth = getenv("KILLER_NTH");
    if (!armed || !nth || access(armed, F_OK) != 0) return 0;
    return atomic_fetch_add(&steps, 1) + 1 == atol(nth);
}

static void end(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

static int after(void) {
    const char *after = getenv("KILLER_AFTER");
    return after && *after == '1';
}

#define STEP(type, name, parameters, arguments)                                  \
    type name parameters {                                                       \
        type (*real) parameters = (type (*) parameters)dlsym(RTLD_NEXT, #name);  \
        int it = is_it();                                                        \
        if (it && !after()) end();                                               \
        type done = real arguments;                                              \
        if (it) end();                                                           \
        return done;                                                             \
    }

STEP(int, fsync, (int file), (file))
STEP(int, fdatasync, (int file), (file))
STEP(int, rename, (const char *from, const char *to), (from, to))
STEP(ssize_t, pwrite64, (int file, const void *bytes, size_t count, off64_t at), (file, bytes, count, at))

/* Only what makes a file is a step. */
int open64(const char *path, int flags, ...) {
    int (*real)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open64");
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    int it = flags & O_CREAT ? is_it() : 0;
    if (it && !after()) end();
    int done = real(path, flags, mode);
    if (it) end();
    return done;
}
