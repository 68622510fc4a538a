
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_CLOCK_WATCH_H_INCLUDED_
#define _OAUTHCC_CLOCK_WATCH_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* Call it once in a worker, before any request to the zone. */
void oauthcc_clock_watch_start(ngx_array_t *providers);

/*
 * Compares the clocks of this worker, if that was not done for a second:
 * tokens that have expired during a jump are not used any more.  To be called
 * by each request, and by keep_warm.  There is no timer for it, which would
 * make every other timer of nginx dearer.
 */
#define oauthcc_clock_watch()                                                 \
    if ((ngx_msec_int_t) (ngx_current_msec - oauthcc_clock_watch_due) >= 0) { \
        oauthcc_clock_watch_look();                                           \
    }

void oauthcc_clock_watch_look(void);

extern ngx_msec_t  oauthcc_clock_watch_due;


#endif /* _OAUTHCC_CLOCK_WATCH_H_INCLUDED_ */
