
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


/* counts of a worker that are not in the zone yet */

typedef struct {
    ngx_queue_t       queue;
    ngx_uint_t        queued;
    oauthcc_counts_t  counts;
} oauthcc_local_stats_t;


/*
 * A local entry: the worker's copy of an entry of the zone, with its waiters.
 * The one without parameters lives as long as its provider; others until they
 * are idle and their entry is gone, or room is needed for new ones.
 */

struct oauthcc_local_s {
    ngx_str_node_t         sn;          /* by parameters */
    ngx_queue_t            queue;       /* most recently used first */
    ngx_uint_t             refs;        /* of requests, and of a login */

    oauthcc_provider_t    *provider;
    u_char                 digest[OAUTHCC_DIGEST_LEN];

    /* with variables in token_endpoint; NULL: the provider's endpoint */
    ngx_pool_t            *pool;
    oauthcc_url_t         *endpoint;
    ngx_str_t              url;         /* for proxy_pass */

    /* parameters of the request, which replace those of the provider */
    oauthcc_pair_t        *parameters;
    ngx_uint_t             nparameters;
    ngx_uint_t             nlarge;      /* too large: in oauthcc_caller_t */

    /* the caller's token: a part of its digest, 0: there is none */
    uint32_t               subject;
    ngx_uint_t             ends;        /* it ends, */
    oauthcc_time_t         until;       /* at this point */

    /* valid while the version has this value, and before "attention" */
    oauthcc_version_t     *version;
    uint64_t               generation;
    ngx_msec_t             attention;
    oauthcc_credential_t  *credential;

    oauthcc_local_stats_t  stats;

    ngx_queue_t            waiters;
    ngx_uint_t             nwaiters;
    oauthcc_waiter_count_t counted;     /* waiters that the zone knows of */
    ngx_queue_t            waiting;     /* of local entries with waiters */

    /* the login that they wait for, and its worker */
    uint64_t               lease;
    ngx_pid_t              leader;
    oauthcc_time_t         deadline;

    /* it waits for one of max_logins, see login_queue */
    ngx_uint_t             queued;
    ngx_queue_t            place;
    oauthcc_turn_e         class;
    oauthcc_time_t         since;

    /* its place among those of a client address, see caller_queue */
    uint64_t               address;
    void                  *caller_queue;  /* NULL: it is in none */
    ngx_uint_t             behind;        /* not the first there: it is in no
                                             queue of a class */
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
    uint64_t           lease;  /* of the login that it waits for */
    unsigned           queued:1;
    unsigned           timed_out:1;
    unsigned           patient:1; /* its timer ends before wait_timeout */
} oauthcc_waiter_t;


typedef struct oauthcc_per_request_s  oauthcc_per_request_t;


/* a request's credential, or why it has none; lives in its context */

typedef struct {
    oauthcc_credential_t   *credential; /* a reference */
    oauthcc_waiter_t       *waiter;       /* NULL: never waited */
    oauthcc_per_request_t  *per_request;  /* its own login */
    oauthcc_caller_t       *caller;       /* NULL: nothing is needed */

    /* serial of the credential that the upstream has refused, or 0 */
    uint64_t                refused;
    uint64_t                awaited;      /* lease of the forced login */

    oauthcc_failure_t      *failure;
    ngx_uint_t              slow;         /* wait_timeout is over */
    ngx_msec_t              retry_after;
    oauthcc_cache_status_e  status;
} oauthcc_acquire_t;


#endif /* _OAUTHCC_TOKEN_TYPES_H_INCLUDED_ */
