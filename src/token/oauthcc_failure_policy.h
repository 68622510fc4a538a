
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_FAILURE_POLICY_H_INCLUDED_
#define _OAUTHCC_FAILURE_POLICY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_lifetime.h"


/* results of a login without an HTTP status */

#define OAUTHCC_FAILURE_POLICY_NO_RESPONSE  0
#define OAUTHCC_FAILURE_POLICY_TIMED_OUT    1
#define OAUTHCC_FAILURE_POLICY_UNREACHED    2  /* no connection, no name */
#define OAUTHCC_FAILURE_POLICY_REFUSED      3  /* a connection was, at once */


/* the consequences of a failed login */

typedef struct {
    ngx_uint_t  entry_only;  /* not for the whole provider */
    ngx_uint_t  factor;      /* of the minimum of the backoff */
    ngx_uint_t  status;      /* for the client */
    ngx_uint_t  known;       /* the error, by its name */

    /* without a good token, when there is the next try */
    oauthcc_lifetime_outage_e  outage;

    ngx_uint_t  transient;  /* unless there is a Retry-After */
    ngx_uint_t  patient;    /* Retry-After counts up to retry_after_max */
    ngx_uint_t  broken;     /* of a caller's token: an error of the server */
} oauthcc_failure_policy_t;


/*
 * Decides whose a failure is.  It is the provider's, and so that of all its
 * entries, if it says that the server is down or rejects the client; otherwise
 * it is about the request: then it is the entry's own if the entry has
 * parameters of a request.  status is that of the response, even if
 * incomplete; error is its "error" (RFC 6749 section 5.2), or empty.
 */
void oauthcc_failure_policy(ngx_uint_t status, ngx_str_t *error,
    ngx_uint_t parameters, oauthcc_failure_policy_t *verdict);

/*
 * Called after that for a login with a caller's token: every response of the
 * server is about the token, unless it says that it is not.  claims: whether
 * the response says what else is wanted of the user.
 */
void oauthcc_failure_policy_subject(ngx_uint_t status, ngx_str_t *error,
    ngx_uint_t claims, oauthcc_failure_policy_t *verdict);


#endif /* _OAUTHCC_FAILURE_POLICY_H_INCLUDED_ */
