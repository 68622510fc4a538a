
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _NGX_HTTP_OAUTHCC_OUTCOME_H_INCLUDED_
#define _NGX_HTTP_OAUTHCC_OUTCOME_H_INCLUDED_


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
typedef void (*ngx_http_oauthcc_outcome_own_pt)(void *data,
    ngx_http_oauthcc_credential_t *credential,
    ngx_http_oauthcc_failure_t *failure);


/* a login on its way; lives in the pool of its fetch */

typedef struct {
    ngx_http_oauthcc_copy_t            *copy;
    uint64_t                            lease;
    ngx_msec_t                          requested;
    uint64_t                            content;  /* of files, as it began */

    /* of a login of a request's own */
    ngx_http_oauthcc_outcome_own_pt     own;
    void                               *data;

    ngx_uint_t                          step;    /* of the discovery */
} ngx_http_oauthcc_outcome_t;


/*
 * Ends the lease of a login with what its response says: a credential, or a
 * failure and a line in the log.  fetch->data is its outcome.  All who wait
 * are told.
 */
void ngx_http_oauthcc_outcome_read(ngx_http_oauthcc_fetch_t *fetch,
    ngx_http_oauthcc_response_t *response);

/*
 * Ends it with a failure: min, retry_after, own, result and detail are the
 * caller's to set in *failed, the status is for the clients.
 */
void ngx_http_oauthcc_outcome_fail(ngx_http_oauthcc_outcome_t *login,
    ngx_http_oauthcc_cache_failed_t *failed, ngx_uint_t status,
    ngx_str_t *text);


#endif /* _NGX_HTTP_OAUTHCC_OUTCOME_H_INCLUDED_ */
