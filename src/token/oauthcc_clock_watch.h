
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_CLOCK_WATCH_H_INCLUDED_
#define _OAUTHCC_CLOCK_WATCH_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/*
 * Call it once in a worker, before any request to the zone: from then on its
 * clocks are compared once a second, and tokens that have expired during a
 * jump are not used.
 */
void oauthcc_clock_watch_start(ngx_cycle_t *cycle, ngx_array_t *providers);


#endif /* _OAUTHCC_CLOCK_WATCH_H_INCLUDED_ */
