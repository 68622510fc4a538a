
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_CACHE_QUERY_H_INCLUDED_
#define _OAUTHCC_CACHE_QUERY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_cache_types.h"
#include "cache/oauthcc_credential.h"
#include "cache/oauthcc_turn.h"
#include "cache/oauthcc_zone.h"
#include "core/oauthcc_lifetime.h"


typedef enum {
    OAUTHCC_CACHE_HIT = 0,     /* there is a usable credential */
    OAUTHCC_CACHE_LEAD,        /* there is none: the caller logs in */
    OAUTHCC_CACHE_WAIT,        /* there is none yet: wait, and ask again */
    OAUTHCC_CACHE_FAILED,      /* the login that was waited for has failed */
    OAUTHCC_CACHE_BACKOFF,     /* there is none, and no login for now */
    OAUTHCC_CACHE_FULL,        /* no room in the zone */
    OAUTHCC_CACHE_ERROR        /* no memory in the worker */
} oauthcc_cache_state_e;


/* the answer to a query; durations are in milliseconds */

typedef struct {
    oauthcc_cache_state_e  state;

    oauthcc_version_t     *version;
    uint64_t               generation;  /* the value of the version */

    /* not 0: the caller holds this lease; with HIT it refreshes the token */
    uint64_t               lease;

    /* HIT: a reference for the caller, NULL if it has this serial already */
    oauthcc_credential_t  *credential;

    /* HIT: the latest time to ask the zone again */
    ngx_msec_t             attention;

    /* WAIT, FAILED: the lease of the login in question */
    uint64_t               waited;
    ngx_pid_t              leader;      /* WAIT: its worker */
    oauthcc_time_t         deadline;    /* WAIT: its end */

    /* WAIT, HIT: all max_logins are in use, this class waits for a place */
    ngx_uint_t             place;
    oauthcc_turn_e         class;

    /* notify all workers: another waiter may take a place now */
    ngx_uint_t             notify;

    /* WAIT: the longest time until the caller asks again, 0: no limit */
    ngx_msec_t             patience;

    /* BACKOFF, and WAIT during a backoff: the time until the next try */
    ngx_msec_t             retry_after;

    oauthcc_failure_t      failure;

    /* not 0: the caller logs that no login is tried for this time */
    ngx_msec_t             told;
} oauthcc_cache_result_t;


/* a request for a credential; durations are in milliseconds */

typedef struct {
    uint64_t               known;       /* serial of the caller's credential */

    /* that credential and its version, to restore the entry after a reset */
    oauthcc_credential_t  *copy;
    oauthcc_version_t     *version;
    uint64_t               generation;

    uint64_t               refused;     /* serial of a refused credential */
    uint64_t               waited;      /* the lease it has waited for */
    ngx_msec_t             lease;       /* duration of a new lease */
    ngx_msec_t             timeout;     /* of waiting, from turn.since on;
                                           0: it does not wait */
    oauthcc_origin_t       origin;
    oauthcc_content_t      content;     /* of the caller's secret files */
    ngx_uint_t             outdated;    /* set by the zone: another worker has
                                           newer files */
    ngx_uint_t             max_logins;
    ngx_uint_t             per_request; /* see token/per_request */
    oauthcc_turn_ask_t     turn;
} oauthcc_cache_query_t;


/* a login that has failed; durations are in milliseconds */

typedef struct {
    oauthcc_failure_t          failure;
    oauthcc_content_t          content;     /* of the files that it used */
    ngx_msec_t                 min;         /* limits of the backoff */
    ngx_msec_t                 max;
    ngx_msec_t                 retry_after; /* as the server asks, or 0 */
    oauthcc_lifetime_outage_e  outage;
    ngx_uint_t                 transient;
    ngx_uint_t                 entry_only;  /* not for the whole provider */
    ngx_uint_t                 shares;      /* retries share one place */
    ngx_str_t                  detail;      /* more than the text says */
    ngx_str_t                  claims;      /* that the server requires */
    uint32_t                   broken;      /* hash of the caller's token that
                                               caused a server error, or 0 */
    oauthcc_result_e           result;
    ngx_uint_t                 status;      /* of the HTTP response, or 0 */
    ngx_msec_t                 took;

    ngx_msec_t                 wait;        /* set by the zone: the backoff */
} oauthcc_cache_failed_t;


#endif /* _OAUTHCC_CACHE_QUERY_H_INCLUDED_ */
