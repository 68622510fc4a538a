
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_SNAPSHOT_H_INCLUDED_
#define _OAUTHCC_SNAPSHOT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_histogram.h"


/*
 * What an operator is shown, as plain data: made anew for each answer, and
 * good as long as the pool that it lies in.  Times are in milliseconds and
 * count from the moment of the report; so do "left", "in" and "ago".  Strings
 * may hold any bytes, there is no secret in them.
 */


typedef enum {
    OAUTHCC_SNAPSHOT_EMPTY = 0,   /* no token, and no login runs */
    OAUTHCC_SNAPSHOT_FRESH,
    OAUTHCC_SNAPSHOT_DUE,         /* to be refreshed by a request */
    OAUTHCC_SNAPSHOT_LOGIN,       /* the first one, or after the end */
    OAUTHCC_SNAPSHOT_REFRESH,     /* a login, the token is still good */
    OAUTHCC_SNAPSHOT_FAILING,     /* the last login has failed */
    OAUTHCC_SNAPSHOT_BACKOFF      /* and the next has to wait */
} oauthcc_snapshot_state_e;


/*
 * An entry.  The counts are those of the entry since it was created, the
 * state, the times and the waiters those of the moment.
 */

typedef struct {
    ngx_str_t                 id;          /* random, as text */
    ngx_str_t                 scope;       /* or empty, as are */
    ngx_str_t                 audience;
    ngx_str_t                 resource;
    oauthcc_snapshot_state_e  state;

    ngx_msec_t                life;        /* whole; 0: no token */
    ngx_msec_t                left;        /* of it, until its end */
    ngx_msec_t                login_ago;   /* good one, or NEVER */
    ngx_msec_t                login_time;  /* of that, or NEVER */
    ngx_msec_t                refresh_in;  /* 0: due; or NEVER */
    ngx_msec_t                backoff;     /* left; 0: none */

    uint64_t                  hits;        /* requests */
    uint64_t                  logins;      /* ended, well or not */
    uint64_t                  failures;    /* of these */
    uint64_t                  replays;
    ngx_uint_t                waiters;     /* in all workers */

    ngx_str_t                 error;       /* last; empty: none */
    ngx_msec_t                error_ago;   /* or NEVER: unknown */
} oauthcc_snapshot_entry_t;


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

    uint64_t                   logins[
                                          OAUTHCC_RESULTS];
    oauthcc_histogram_t durations;
    uint64_t    replays;
    uint64_t    evictions;

    /* of the moment */
    uint64_t    waiters;
    uint64_t    in_flight;  /* logins */
    ngx_msec_t  expiry;     /* soonest, or NEVER */
} oauthcc_snapshot_provider_t;


typedef struct {
    ngx_str_t   version;   /* of the module */
    time_t      time;      /* Unix time, now */

    size_t      size;      /* of the zone, bytes */
    size_t      used;
    size_t      free;

    uint64_t    entries;   /* in the zone */
    ngx_uint_t  limit;     /* to be listed */
    uint64_t    bypasses;  /* of no provider */

    oauthcc_snapshot_provider_t *providers;
    ngx_uint_t  nproviders;
} oauthcc_snapshot_t;


/* The bucket of a login that took so many milliseconds. */

/* The logins in all buckets up to this one, itself included. */

/* The first bucket with which at least so many of 100 logins are counted. */

/* The logins of all results, and those of them that have failed. */

uint64_t oauthcc_snapshot_logins(oauthcc_snapshot_provider_t *provider);
uint64_t oauthcc_snapshot_failures(oauthcc_snapshot_provider_t *provider);


#endif /* _OAUTHCC_SNAPSHOT_H_INCLUDED_ */
