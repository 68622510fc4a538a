
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_CALLER_CLAIMS_H_INCLUDED_
#define _OAUTHCC_CALLER_CLAIMS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "token/oauthcc_token_types.h"


/*
 * What a server wants of a user besides the caller's token: the "claims" of
 * its "interaction_required", as Entra ID sends them.
 */

/*
 * Copies them to the pool, if the request was refused for them.  NGX_DECLINED:
 * there are none.  NGX_ERROR: out of memory.
 */
ngx_int_t oauthcc_caller_claims_get(oauthcc_local_t *local,
    oauthcc_acquire_t *acquire, ngx_pool_t *pool, ngx_str_t *claims);

/* The URL of the token endpoint, or an empty text while it is not known. */
void oauthcc_caller_claims_endpoint(oauthcc_local_t *local, ngx_str_t *url);


#endif /* _OAUTHCC_CALLER_CLAIMS_H_INCLUDED_ */
