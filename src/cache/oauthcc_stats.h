
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _NGX_HTTP_OAUTHCC_TALLY_H_INCLUDED_
#define _NGX_HTTP_OAUTHCC_TALLY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_cache.h"


/*
 * What is counted of the providers, in the zone.  Nothing of it needs the
 * lock but the making of a tally and the counts of an entry.
 */

/*
 * The tally of the providers of this name, which is made if there is none.  It
 * lives as long as the zone.  NULL if the zone has no room.
 */
ngx_http_oauthcc_tally_t *ngx_http_oauthcc_tally_get(
    ngx_http_oauthcc_cache_t *cache, ngx_str_t *name);

/* Adds what a worker has counted, to the entry with this digest as well. */
void ngx_http_oauthcc_tally_add(ngx_http_oauthcc_cache_t *cache,
    ngx_http_oauthcc_tally_t *tally, u_char *digest,
    ngx_http_oauthcc_counts_t *counts);

/* Counts a login that has ended after so many milliseconds. */
void ngx_http_oauthcc_tally_login(ngx_http_oauthcc_tally_t *tally,
    ngx_http_oauthcc_report_result_e result, ngx_msec_t duration);


#endif /* _NGX_HTTP_OAUTHCC_TALLY_H_INCLUDED_ */
