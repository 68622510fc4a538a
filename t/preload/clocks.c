
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 *
 * Loaded in front of the C library, it has the clocks of a machine jump: by so
 * many milliseconds as stand in a file that a test maps and writes, first that
 * of the machine, which counts while it is suspended, then the wall clock.
 */


#define _GNU_SOURCE

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>


static volatile int64_t  *ahead;


__attribute__((constructor)) static void
clocks_init(void)
{
    int          fd;
    void        *p;
    const char  *name;

    name = getenv("CLOCKS_AHEAD");
    fd = name ? open(name, O_RDONLY|O_CLOEXEC) : -1;

    if (fd == -1) {
        return;
    }

    p = mmap(NULL, 2 * sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0);

    close(fd);

    if (p != MAP_FAILED) {
        ahead = p;
    }
}


int
clock_gettime(clockid_t id, struct timespec *ts)
{
    int      rc;
    int64_t  n, msec;

    rc = syscall(SYS_clock_gettime, id, ts);

    if (rc == -1 || ahead == NULL) {
        return rc;
    }

    msec = (id == CLOCK_BOOTTIME) ? ahead[0]
           : (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE) ? ahead[1]
           : 0;

    n = ts->tv_nsec + msec % 1000 * 1000000;
    ts->tv_sec += msec / 1000 + n / 1000000000;
    ts->tv_nsec = n % 1000000000;

    return rc;
}


int
gettimeofday(struct timeval *tv, void *tz)
{
    struct timespec  ts;

    (void) tz;

    if (clock_gettime(CLOCK_REALTIME, &ts) == -1) {
        return -1;
    }

    tv->tv_sec = ts.tv_sec;
    tv->tv_usec = ts.tv_nsec / 1000;

    return 0;
}
