
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_LOGIN_RESULT_H_INCLUDED_
#define _OAUTHCC_LOGIN_RESULT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_cache.h"
#include "http/oauthcc_client.h"
#include "core/oauthcc_types.h"


/*
 * How a login of a request's own has ended: with a credential, whose only
 * reference is the handler's, with a failure, or, with neither, as if it had
 * never been.
 */
typedef void (*oauthcc_login_result_own_pt)(void *data,
    oauthcc_credential_t *credential, oauthcc_failure_t *failure);


/* a login on its way; lives in the pool of its fetch */

typedef struct {
    oauthcc_local_t             *local;
    uint64_t                     lease;
    ngx_msec_t                   requested;
    uint64_t                     content;  /* of files, as it began */

    /* of a login of a request's own */
    oauthcc_login_result_own_pt  own;
    void                        *data;

    ngx_uint_t                   step;     /* of the discovery */

    /* logins that took the place of one that was lost, see again() */
    ngx_uint_t                   again;
    ngx_uint_t                   moved;    /* to another server */
} oauthcc_login_result_t;


/*
 * Ends the lease of a login with what its response says: a credential, or a
 * failure and a line in the log.  fetch->data is its outcome.  All who wait
 * are told.
 */
void oauthcc_login_result_read(oauthcc_client_t *fetch,
    oauthcc_response_t *response);

/*
 * What a failure means for the provider and its entries, into *failed: the
 * status and the "error" of the response, see verdict.h.  1: the name of the
 * error is a known one.
 */
ngx_uint_t oauthcc_login_result_judge(oauthcc_login_result_t *login,
    ngx_uint_t status, ngx_str_t *error, oauthcc_cache_failed_t *failed);

/* The same for one of our own, which says nothing of the server. */
void oauthcc_login_result_internal(oauthcc_login_result_t *login,
    oauthcc_cache_failed_t *failed, ngx_uint_t status);

/*
 * Ends it with a failure, which was judged; retry_after, result and detail
 * are the caller's to set in *failed.
 */
void oauthcc_login_result_fail(oauthcc_login_result_t *login,
    oauthcc_cache_failed_t *failed, ngx_str_t *text);


#endif /* _OAUTHCC_LOGIN_RESULT_H_INCLUDED_ */
