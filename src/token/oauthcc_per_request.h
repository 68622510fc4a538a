
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
 * A credential of a provider with a login for each request, by a login of the
 * request's own.  NGX_OK: it is in ask.  NGX_AGAIN: the login is on its way,
 * resume(data) is called when it ends.  NGX_DECLINED: the result says why
 * there is none, WAIT meaning that there is no room for another login now.
 * NGX_ERROR: no memory.
 */
ngx_int_t oauthcc_per_request_get(oauthcc_local_t *local,
    oauthcc_acquire_t *acquire, ngx_pool_t *pool, oauthcc_resume_pt resume,
    void *data, oauthcc_cache_query_t *query, oauthcc_cache_result_t *result);

/* Nobody waits for it any more: aborts the login, if it is on its way. */
void oauthcc_per_request_leave(oauthcc_acquire_t *acquire);


#endif /* _OAUTHCC_PER_REQUEST_H_INCLUDED_ */
