
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 *
 * Loaded in front of the C library, it makes allocations fail when a test says
 * so, by two numbers in a file that it maps: after how many (0: never), and
 * whether only that one fails (0) or all that follow (1).
 */


#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>


extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);


typedef struct {
    long  after;
    long  all;
} memory_control_t;


static volatile memory_control_t  *control;


__attribute__((constructor)) static void
memory_init(void)
{
    int          fd;
    void        *p;
    const char  *name;

    name = getenv("MEMORY_CONTROL");

    if (name == NULL) {
        return;
    }

    fd = open(name, O_RDWR|O_CLOEXEC);

    if (fd == -1) {
        return;
    }

    p = mmap(NULL, sizeof(memory_control_t), PROT_READ|PROT_WRITE, MAP_SHARED,
             fd, 0);

    close(fd);

    if (p != MAP_FAILED) {
        control = p;
    }
}


static int
memory_fails(void)
{
    if (control == NULL || control->after == 0) {
        return 0;
    }

    if (control->after > 1) {
        control->after--;
        return 0;
    }

    if (!control->all) {
        control->after = 0;
    }

    errno = ENOMEM;

    return 1;
}


void *
malloc(size_t size)
{
    return memory_fails() ? NULL : __libc_malloc(size);
}


void *
calloc(size_t n, size_t size)
{
    return memory_fails() ? NULL : __libc_calloc(n, size);
}


void *
realloc(void *p, size_t size)
{
    return memory_fails() ? NULL : __libc_realloc(p, size);
}


void *
memalign(size_t alignment, size_t size)
{
    return memory_fails() ? NULL : __libc_memalign(alignment, size);
}


int
posix_memalign(void **p, size_t alignment, size_t size)
{
    if (memory_fails()) {
        return ENOMEM;
    }

    *p = __libc_memalign(alignment, size);

    return *p ? 0 : ENOMEM;
}
