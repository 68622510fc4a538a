
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PER_REQUEST_H_INCLUDED_
#define _OAUTHCC_PER_REQUEST_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "token/oauthcc_token_types.h"
#include "cache/oauthcc_cache.h"


/*
 * Acquires a credential by a login per request.  NGX_OK: it is in ask.
 * NGX_AGAIN: the login is in flight, resume(data) is called when it ends.
 * NGX_DECLINED: the result has the reason, WAIT means that there is no place
 * for another login now.  NGX_ERROR: out of memory.
 */
ngx_int_t oauthcc_per_request_get(oauthcc_local_t *local,
    oauthcc_acquire_t *acquire, ngx_pool_t *pool, oauthcc_resume_pt resume,
    void *data, oauthcc_cache_query_t *query, oauthcc_cache_result_t *result);

/* The request is gone: aborts the login, if it is in flight. */
void oauthcc_per_request_leave(oauthcc_acquire_t *acquire);


#endif /* _OAUTHCC_PER_REQUEST_H_INCLUDED_ */
