
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_SNAPSHOT_H_INCLUDED_
#define _OAUTHCC_SNAPSHOT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_main_conf.h"
#include "core/oauthcc_histogram.h"
#include "status/oauthcc_form_token.h"
#include "status/oauthcc_snapshot_entry.h"


/*
 * What an operator is shown, as plain data: made anew for each answer, and
 * good as long as the pool that it lies in.  Times are in milliseconds and
 * count from the moment of the report; so do "left", "in" and "ago".  Strings
 * may hold any bytes, there is no secret in them.
 */


/*
 * A provider.  The totals are those of the zone: over all workers, of all
 * entries that it has and had, and of the logins that have none.
 */

typedef struct {
    ngx_str_t                  name;
    ngx_str_t                  endpoint;  /* without a query */

    oauthcc_snapshot_entry_t  *entries;   /* those to be listed */
    ngx_uint_t                 nentries;
    uint64_t                   all;       /* entries there are */

    /* requests, as $oauthcc_cache_status has them */
    uint64_t                   hits;
    uint64_t                   misses;
    uint64_t                   waits;
    uint64_t                   refreshes;
    uint64_t                   errors;

    uint64_t                   logins[OAUTHCC_RESULTS];
    oauthcc_histogram_t        durations;
    uint64_t                   replays;
    uint64_t                   evictions;

    /* of the moment */
    uint64_t                   waiters;
    uint64_t                   in_flight;  /* logins */
    uint64_t                   unreadable; /* files */
    ngx_msec_t                 expiry;     /* soonest, or NEVER */

    uint64_t                   refusals;   /* without a replay */
    uint64_t                   last_success;   /* Unix time, or 0 */
    uint64_t                   last_failure;
    uint64_t                   failed_in_row;  /* logins */

    ngx_uint_t                 per_request;    /* nothing to refresh */
} oauthcc_snapshot_provider_t;


typedef struct {
    ngx_str_t                     version;   /* of the module */
    time_t                        time;      /* Unix time, now */

    uint64_t                      size;      /* of the zone, bytes */
    uint64_t                      used;
    uint64_t                      free;

    uint64_t                      entries;   /* in the zone */
    uint64_t                      limit;     /* to be listed */
    uint64_t                      bypasses;  /* of no provider */

    oauthcc_snapshot_provider_t  *providers;
    ngx_uint_t                    nproviders;

    oauthcc_form_token_t         *form;      /* NULL: there are no buttons */
} oauthcc_snapshot_t;


/*
 * Takes down how things are in the zone: the providers of this configuration,
 * with at most "limit" entries, the most recently used ones of each.  All of
 * it lies in the pool.  NGX_ERROR if memory runs out.
 */
ngx_int_t oauthcc_snapshot_take(ngx_pool_t *pool,
    ngx_http_oauthcc_main_conf_t *omcf, ngx_uint_t limit,
    oauthcc_snapshot_t *report);


#endif /* _OAUTHCC_SNAPSHOT_H_INCLUDED_ */
