
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_SNAPSHOT_TYPES_H_INCLUDED_
#define _OAUTHCC_SNAPSHOT_TYPES_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_main_conf.h"
#include "core/oauthcc_histogram.h"
#include "status/oauthcc_form_token.h"
#include "status/oauthcc_snapshot_entry.h"
#include "status/oauthcc_snapshot_store.h"


/*
 * What an operator is shown, as plain data: made anew for each answer, and
 * good as long as the pool that it lies in.  Times are in milliseconds and
 * count from the moment of the report; so do "left", "in" and "ago".  Strings
 * may hold any bytes, there is no secret in them.
 */


/* what of it: the entries that are listed */

typedef struct {
    ngx_uint_t  limit;
    ngx_str_t   provider;  /* data NULL: of all */
    ngx_str_t   scope;     /* which has this in it; empty: any */
    ngx_uint_t  states;    /* a bit each */
} oauthcc_snapshot_filter_t;


/* a failed login */

typedef struct {
    ngx_uint_t  provider;  /* its place among them */
    ngx_str_t   entry;     /* id, or empty */
    time_t      time;      /* Unix time */
    ngx_msec_t  took;
    ngx_uint_t  status;    /* HTTP's, or 0 */
    ngx_uint_t  result;    /* result_e */
    ngx_str_t   error;
    ngx_uint_t  cut;       /* it may have been longer */
} oauthcc_snapshot_failure_t;


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

    ngx_str_t                  auth_method;
    ngx_str_t                  client_id;      /* or empty */
    ngx_msec_t                 backoff;        /* of all entries, 0: none */
    uint64_t                   states[OAUTHCC_SNAPSHOT_STATES]; /* entries */
    uint64_t                   matching;       /* the filter */
    ngx_uint_t                 hidden;         /* by it */

    ngx_uint_t                 dpop;           /* tokens are bound to a key */
    ngx_str_t                  dpop_alg;       /* or empty */
    ngx_str_t                  dpop_thumbprint;
    uint64_t                   challenges[OAUTHCC_NONCE_CHALLENGES];
} oauthcc_snapshot_provider_t;


typedef struct oauthcc_status_query_s  oauthcc_status_query_t;


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

    time_t                        since;     /* Unix time: counters were 0 */
    uint64_t                      states[OAUTHCC_SNAPSHOT_STATES];
    uint64_t                      matching;
    oauthcc_snapshot_failure_t   *failures;  /* the last one first */
    ngx_uint_t                    nfailures;
    oauthcc_status_query_t       *query;     /* of the page, or NULL */

    oauthcc_snapshot_store_t      store;
} oauthcc_snapshot_t;


#endif /* _OAUTHCC_SNAPSHOT_TYPES_H_INCLUDED_ */
