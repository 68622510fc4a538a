
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 *
 * Loaded in front of the C library, it kills the process that draws a random
 * number next while the file KILLED_FILE exists, and removes that.  The module
 * draws one under the lock of its zone, in the middle of making an entry.
 */


#define _GNU_SOURCE

#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>


long
random(void)
{
    long        (*next)(void);
    const char  *name;

    name = getenv("KILLED_FILE");

    if (name && unlink(name) == 0) {
        (void) raise(SIGKILL);
    }

    *(void **) &next = dlsym(RTLD_NEXT, "random");

    return next();
}
