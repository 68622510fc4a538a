
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_TOKEN_TYPES_H_INCLUDED_
#define _OAUTHCC_TOKEN_TYPES_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "cache/oauthcc_cache_types.h"
#include "cache/oauthcc_credential.h"
#include "cache/oauthcc_waiter_count.h"
#include "core/oauthcc_pair.h"
#include "token/oauthcc_caller.h"
#include "http/oauthcc_url.h"


/* what a worker has counted and the zone does not know yet */

typedef struct {
    ngx_queue_t       queue;
    ngx_uint_t        queued;
    oauthcc_counts_t  counts;
} oauthcc_local_stats_t;


/*
 * A worker's local entry, a copy of one in the zone, and who waits for it
 * there.  Private to the worker since the fork.  The provider's own lives as
 * long as the provider; one of a request's parameters until it is idle and its
 * entry gone, or others need the room.
 */

struct oauthcc_local_s {
    ngx_str_node_t         sn;          /* by parameters */
    ngx_queue_t            queue;       /* least recent last */
    ngx_uint_t             refs;        /* requests, a login */

    oauthcc_provider_t    *provider;
    u_char                 digest[OAUTHCC_DIGEST_LEN];

    /* of variables in token_endpoint; NULL: the provider's own */
    ngx_pool_t            *pool;
    oauthcc_url_t         *endpoint;
    ngx_str_t              url;         /* what is passed to */

    /* what a request has set in place of the provider's */
    oauthcc_pair_t        *parameters;
    ngx_uint_t             nparameters;
    ngx_uint_t             nlarge;      /* that only the caller has */

    /* of a caller's token: a part of its digest, 0: of none */
    uint32_t               subject;
    ngx_uint_t             ends;        /* that token does, at */
    oauthcc_time_t         until;

    /* good while the word is of this generation and attention not reached */
    oauthcc_version_t     *version;
    uint64_t               generation;
    ngx_msec_t             attention;
    oauthcc_credential_t  *credential;

    oauthcc_local_stats_t  stats;

    ngx_queue_t            waiters;
    ngx_uint_t             nwaiters;
    oauthcc_waiter_count_t counted;     /* of them, in the zone */
    ngx_queue_t            waiting;     /* while there are any */

    /* they wait for a login of this worker, until then */
    uint64_t               lease;
    ngx_pid_t              leader;
    oauthcc_time_t         deadline;

    /* it waits for one of max_logins, see login_queue */
    ngx_uint_t             queued;
    ngx_queue_t            place;
    oauthcc_turn_e         class;
    oauthcc_time_t         since;

    /* among those of its client's address, see caller_queue */
    uint64_t               address;
    void                  *caller_queue;  /* NULL: in none */
    ngx_uint_t             behind;        /* and not in that of its class */
    ngx_queue_t            next;

    ngx_event_t            warm;        /* keep_warm */
};


/* a parameter of the login that a request sets: "scope=" and so on */

typedef struct {
    ngx_str_t                 name;  /* of the parameter */
    ngx_http_complex_value_t  value;
} oauthcc_parameter_t;


typedef void (*oauthcc_resume_pt)(void *data);


/* a suspended request's place in the queue; lives in the request's pool */

typedef struct {
    ngx_queue_t        queue;
    oauthcc_local_t   *local;
    oauthcc_resume_pt  resume;
    void              *data;
    ngx_event_t        timer;  /* wait_timeout */
    ngx_event_t        wake;   /* posted to resume */
    oauthcc_time_t     since;
    uint64_t           lease;  /* it waits for this one */
    unsigned           queued:1;
    unsigned           timed_out:1;
    unsigned           patient:1; /* the timer is before wait_timeout */
} oauthcc_waiter_t;


typedef struct oauthcc_per_request_s  oauthcc_per_request_t;


/* a request's credential, or why it has none; lives in its context */

typedef struct {
    oauthcc_credential_t   *credential; /* a reference */
    oauthcc_waiter_t       *waiter;       /* NULL: never waited */
    oauthcc_per_request_t  *per_request;  /* its own login */
    oauthcc_caller_t       *caller;       /* NULL: nothing is needed */

    /* the upstream refused the credential with this serial (0: none did) */
    uint64_t                refused;
    uint64_t                awaited;      /* the lease so given */

    oauthcc_failure_t      *failure;
    ngx_uint_t              slow;         /* it took too long */
    ngx_msec_t              retry_after;
    oauthcc_cache_status_e  status;
} oauthcc_acquire_t;


#endif /* _OAUTHCC_TOKEN_TYPES_H_INCLUDED_ */
