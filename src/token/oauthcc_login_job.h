
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_LOGIN_JOB_H_INCLUDED_
#define _OAUTHCC_LOGIN_JOB_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_cache.h"
#include "http/oauthcc_client.h"
#include "store/oauthcc_store.h"
#include "token/oauthcc_caller.h"


typedef struct oauthcc_login_job_s    oauthcc_login_job_t;
typedef struct oauthcc_login_store_s  oauthcc_login_store_t;


/* at most so many token requests of a login reach a server */
#define OAUTHCC_LOGIN_JOB_REACHED  3


/* results of a step */

typedef enum {
    OAUTHCC_LOGIN_JOB_DONE = 0,  /* go on with the next step */
    OAUTHCC_LOGIN_JOB_AGAIN,     /* begin again with the first step */
    OAUTHCC_LOGIN_JOB_FAILED,    /* job->failed has the reason */
    OAUTHCC_LOGIN_JOB_UNSTARTED, /* it could not be started: failed */
    OAUTHCC_LOGIN_JOB_FOUND,     /* no login: job->imported has the token */
    OAUTHCC_LOGIN_JOB_ABORTED    /* no result: the login never took place */
} oauthcc_login_job_end_e;


/*
 * A step of a login.  It is started if it is due, and ends itself with
 * login_job_end(), once, at any time later or before start() returns; neither
 * it nor its caller may touch the job after that.  When a login begins again,
 * all steps are asked again whether they are due.  A step that waits for
 * anything but the response to a request sets job->cancel, which ends it as
 * ABORTED.
 */

typedef struct {
    ngx_uint_t  (*due)(oauthcc_login_job_t *job);
    void        (*start)(oauthcc_login_job_t *job);
} oauthcc_login_job_step_t;


/*
 * The response to a request of a step; it may be a failure, but is never
 * aborted.
 */
typedef void (*oauthcc_login_job_read_pt)(oauthcc_login_job_t *job,
    oauthcc_client_t *fetch, oauthcc_response_t *response);

typedef void (*oauthcc_login_job_end_pt)(oauthcc_login_job_t *job,
    oauthcc_login_job_end_e end);

/*
 * The handler of a login per request: called with a credential, whose only
 * reference is the handler's, with a failure, or, with neither, if the login
 * never took place.
 */
typedef void (*oauthcc_login_job_give_pt)(void *data,
    oauthcc_credential_t *credential, oauthcc_failure_t *failure);


/* a login in flight: its lease and its result; it has its own pool */

struct oauthcc_login_job_s {
    oauthcc_local_t           *local;      /* a reference */
    uint64_t                   lease;
    oauthcc_time_t             requested;  /* all within one timeout */
    oauthcc_content_t          content;    /* of files, as sent */
    uint64_t                   bound;      /* see proof_generation() */

    /* the local entry's parameters, and what the caller has of them */
    oauthcc_caller_t          *caller;     /* NULL: nothing is needed */
    oauthcc_pair_t            *parameters;

    /* of a per-request login */
    oauthcc_login_job_give_pt  give;
    void                      *data;

    ngx_pool_t                *pool;       /* NULL: no memory for a job */
    ngx_log_t                  log;        /* says whose login it is */

    ngx_uint_t                 step;       /* the present one */
    void                     **state;      /* of each, see below */
    oauthcc_login_job_end_pt   end;        /* of the present one */
    ngx_event_t                next;       /* posted to go on */

    /* while a step waits: how to abort it, for a response as a rule */
    void                     (*cancel)(oauthcc_login_job_t *job);
    oauthcc_client_t          *fetch;
    oauthcc_login_job_read_pt  read;

    ngx_uint_t                 repeats;
    ngx_uint_t                 reached;    /* servers, by token requests */
    ngx_uint_t                 renewed;    /* for files that changed */
    ngx_event_t                later;      /* the repeat of a transient one */
    ngx_uint_t                 unresolved; /* name servers, in a row */

    /* the result: of the token, or why there is none */
    ngx_uint_t                 status;     /* of the last response, or 0 */
    oauthcc_packed_t           packed;
    size_t                     scope;      /* bytes behind it, see there */
    ngx_msec_t                 life;
    ngx_str_t                  missing;    /* of the scope */
    ngx_uint_t                 known;      /* its error is a registered one */
    oauthcc_cache_failed_t     failed;
    ngx_str_t                  message;    /* of a failure, see there */

    /* of the store of several gateways, see login_store */
    oauthcc_login_store_t     *store;
    oauthcc_store_value_t     *imported;   /* NULL: a login of this gateway */
    uint64_t                   version;    /* of the token */
    uint64_t                   serial;     /* in the zone, 0: not stored */
};


/*
 * Creates a job with room for the state of n steps, and a copy of the caller,
 * which may be NULL.  NULL: out of memory.
 */
oauthcc_login_job_t *oauthcc_login_job_create(oauthcc_local_t *local,
    oauthcc_caller_t *caller, ngx_uint_t n);

/* Frees it, and wipes the token in it. */
void oauthcc_login_job_destroy(oauthcc_login_job_t *job);

/*
 * The memory of the present step, zeroed at first; it is kept when the login
 * begins again.  NULL: out of memory.
 */
void *oauthcc_login_job_state(oauthcc_login_job_t *job, size_t size);

/* The milliseconds until the deadline, at least 1. */
ngx_msec_t oauthcc_login_job_left(oauthcc_login_job_t *job);

/*
 * Whether the login may begin again because of its last response, for any
 * reason: before the deadline, and while fewer than OAUTHCC_LOGIN_JOB_REACHED
 * of its token requests have reached a server, the first one included.  Counts
 * the repeat.
 */
ngx_uint_t oauthcc_login_job_repeat(oauthcc_login_job_t *job);

/* Creates a request of a step, to be filled in, and sent or destroyed. */
oauthcc_client_t *oauthcc_login_job_request(oauthcc_login_job_t *job);

/*
 * Sends it, through the forward proxy if the provider has one: read() is
 * called before the deadline, or the job ends as ABORTED or UNSTARTED, perhaps
 * before this returns.  NGX_ERROR: not sent, the request is freed.
 */
ngx_int_t oauthcc_login_job_send(oauthcc_login_job_t *job,
    oauthcc_client_t *fetch, oauthcc_login_job_read_pt read);

/* Ends the present step. */
#define oauthcc_login_job_end(job, how)  (job)->end(job, how)

/* Aborts the login, in a step or between two. */
void oauthcc_login_job_abort(oauthcc_login_job_t *job);


#endif /* _OAUTHCC_LOGIN_JOB_H_INCLUDED_ */
