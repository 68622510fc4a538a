
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 *
 * Loaded in front of the C library, it looks for secrets in memory that is
 * given back.  WIPED_FILE names a file: in it a number, how many pieces of
 * memory had one, then the beginnings of what was found.  WIPED_MARKS are what
 * secrets begin with, by commas.
 */


#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <malloc.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>


#define WIPED_MARKS  8
#define WIPED_FOUND  500
#define WIPED_LEN    40


extern void __libc_free(void *p);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);


typedef struct {
    int64_t  n;
    char     found[WIPED_FOUND][WIPED_LEN];
} wiped_t;


static wiped_t     *wiped;
static const char  *marks[WIPED_MARKS];
static size_t       lens[WIPED_MARKS];
static char         text[200];


__attribute__((constructor)) static void
wiped_init(void)
{
    int          fd, i;
    void        *p;
    char        *mark;
    const char  *name, *all;

    name = getenv("WIPED_FILE");
    all = getenv("WIPED_MARKS");

    if (name == NULL || all == NULL) {
        return;
    }

    strncpy(text, all, sizeof(text) - 1);

    for (i = 0, mark = strtok(text, ",");
         mark && i < WIPED_MARKS;
         mark = strtok(NULL, ","))
    {
        marks[i] = mark;
        lens[i++] = strlen(mark);
    }

    fd = open(name, O_RDWR|O_CLOEXEC);

    if (fd == -1) {
        return;
    }

    p = mmap(NULL, sizeof(wiped_t), PROT_READ|PROT_WRITE, MAP_SHARED, fd, 0);

    close(fd);

    if (p != MAP_FAILED) {
        wiped = p;
    }
}


static void
wiped_look(const char *p, size_t len)
{
    int          i;
    int64_t      n;
    size_t       left;
    const char  *found, *from;

    for (i = 0; i < WIPED_MARKS && marks[i]; i++) {

        for (from = p; /* void */ ; from = found + 1) {

            found = memmem(from, len - (from - p), marks[i], lens[i]);

            if (found == NULL) {
                break;
            }

            n = wiped->n++;

            if (n < WIPED_FOUND) {
                left = len - (found - p);
                memcpy(wiped->found[n], found,
                       left < WIPED_LEN ? left : WIPED_LEN);
            }
        }
    }
}


void
free(void *p)
{
    if (p && wiped) {
        wiped_look(p, malloc_usable_size(p));
    }

    __libc_free(p);
}


/* What is handed out is empty: what is found was put there by its user. */

void *
malloc(size_t size)
{
    return __libc_calloc(1, size);
}


void *
memalign(size_t alignment, size_t size)
{
    void  *p;

    p = __libc_memalign(alignment, size);

    return p ? memset(p, 0, malloc_usable_size(p)) : NULL;
}


int
posix_memalign(void **p, size_t alignment, size_t size)
{
    *p = memalign(alignment, size);

    return *p ? 0 : ENOMEM;
}


void *
realloc(void *p, size_t size)
{
    void    *new;
    size_t   len;

    /* moved, always: what is left behind is looked at */

    new = malloc(size);

    if (p && new) {
        len = malloc_usable_size(p);
        memcpy(new, p, len < size ? len : size);
        free(p);
    }

    return new;
}
