
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 *
 * Loaded in front of the C library, it counts who looks at files: how often
 * the state of each file of a folder is asked for, in numbers that a test maps
 * and reads.  The name of a file begins with a digit, the place of its number.
 */


#define _GNU_SOURCE

#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>


static volatile int64_t  *looks;

/* nginx writes its title over the environment */
static char               folder[4096];


__attribute__((constructor)) static void
looks_init(void)
{
    int          fd;
    void        *p;
    const char  *name, *path;

    name = getenv("LOOKS_COUNTS");
    path = getenv("LOOKS_FOLDER");

    if (name == NULL || path == NULL || strlen(path) >= sizeof(folder)) {
        return;
    }

    strcpy(folder, path);

    fd = open(name, O_RDWR|O_CLOEXEC);

    if (fd == -1) {
        return;
    }

    p = mmap(NULL, 10 * sizeof(int64_t), PROT_READ|PROT_WRITE, MAP_SHARED, fd,
             0);

    close(fd);

    if (p != MAP_FAILED) {
        looks = p;
    }
}


static void
looks_count(const char *path)
{
    char    digit;
    size_t  len;

    if (looks == NULL || path == NULL) {
        return;
    }

    len = strlen(folder);

    if (strncmp(path, folder, len) != 0) {
        return;
    }

    digit = path[len];

    if (digit >= '0' && digit <= '9') {
        __atomic_fetch_add(&looks[digit - '0'], 1, __ATOMIC_SEQ_CST);
    }
}


/* by whatever call: nginx has one of them, and may have another one day */

#define looks_wrap(name, args, pass)                                          \
                                                                              \
    int name args;                                                            \
                                                                              \
    int                                                                       \
    name args                                                                 \
    {                                                                         \
        static int (*next) args;                                              \
                                                                              \
        if (next == NULL) {                                                   \
            next = (int (*) args) dlsym(RTLD_NEXT, #name);                    \
        }                                                                     \
                                                                              \
        looks_count(path);                                                    \
                                                                              \
        return next pass;                                                     \
    }


looks_wrap(stat, (const char *path, struct stat *st), (path, st))
looks_wrap(lstat, (const char *path, struct stat *st), (path, st))
looks_wrap(stat64, (const char *path, struct stat64 *st), (path, st))
looks_wrap(lstat64, (const char *path, struct stat64 *st), (path, st))
looks_wrap(fstatat, (int fd, const char *path, struct stat *st, int flags),
           (fd, path, st, flags))
looks_wrap(fstatat64, (int fd, const char *path, struct stat64 *st, int flags),
           (fd, path, st, flags))
looks_wrap(statx, (int fd, const char *path, int flags, unsigned mask,
                   struct statx *st), (fd, path, flags, mask, st))
