
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_LOCAL_KEY_H_INCLUDED_
#define _OAUTHCC_LOCAL_KEY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "token/oauthcc_token_types.h"


/*
 * The key of a worker's local entry: the URL of a token endpoint with
 * variables, the parameters that a request sets, each with its value, and the
 * digest of the client's token.  It has a digest of a value above
 * OAUTHCC_LOCAL_KEY_LARGE bytes.
 */

#define OAUTHCC_LOCAL_KEY_LARGE  1024


/*
 * Makes the key for a request, in its pool.  *caller has the client's token,
 * or is NULL; values that the key does not have are put there, and it is made
 * if needed.  NGX_DECLINED: a value has control characters or is too long,
 * *name is its parameter.  NGX_ERROR: out of memory.
 */
ngx_int_t oauthcc_local_key_make(ngx_http_request_t *r,
    oauthcc_provider_t *provider, ngx_array_t *parameters,
    oauthcc_caller_t **caller, ngx_str_t *key, ngx_str_t *name);

/* Reads the URL, which is empty if the endpoint has no variables. */
void oauthcc_local_key_url(oauthcc_provider_t *provider, ngx_str_t *key,
    ngx_str_t *url);

/*
 * Reads the parameters into n pairs, whose bytes are those of the key: a large
 * value is replaced by a text that shows its digest.  Returns how many are
 * large.
 */
ngx_uint_t oauthcc_local_key_read(oauthcc_provider_t *provider,
    ngx_str_t *key, oauthcc_pair_t *pair, ngx_uint_t n);

/*
 * The parameters of a login in its pool: those of a local entry, with the
 * values that the caller has.  NULL: out of memory.
 */
oauthcc_pair_t *oauthcc_local_key_merge(ngx_pool_t *pool,
    oauthcc_local_t *local, oauthcc_caller_t *caller);


#endif /* _OAUTHCC_LOCAL_KEY_H_INCLUDED_ */
