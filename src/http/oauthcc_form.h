
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_FORM_H_INCLUDED_
#define _OAUTHCC_FORM_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_fields.h"
#include "core/oauthcc_pair.h"


/*
 * application/x-www-form-urlencoded (RFC 6749 appendix B): the pairs joined
 * as name=value&..., a space as %20, which every decoder of forms and of
 * URIs reads alike.  A pair with an empty value is left out.  *out lies in
 * the pool.  NGX_ERROR when memory runs out.
 */
ngx_int_t oauthcc_form_encode(ngx_pool_t *pool, oauthcc_pair_t *pairs,
    ngx_uint_t n, ngx_str_t *out);

/*
 * The value of an Authorization header, "Basic " included, for a client id
 * and secret: each form-encoded first (RFC 6749 section 2.3.1), or joined as
 * they are with raw.  *out lies in the pool.  NGX_ERROR when memory runs out.
 */
ngx_int_t oauthcc_form_basic(ngx_pool_t *pool, ngx_str_t *id,
    ngx_str_t *secret, ngx_uint_t raw, ngx_str_t *out);

/*
 * Whether both of these differ for this id and secret, and either may be what
 * a server wants: an id with a colon would end there (RFC 7617 section 2).
 */
ngx_uint_t oauthcc_form_forms(ngx_str_t *id, ngx_str_t *secret);

/*
 * "name=value" of an argument, encoded; the name is what clients' arguments
 * are compared with.  It lies in the pool.  NGX_ERROR if memory runs out.
 */
ngx_int_t oauthcc_form_argument(ngx_pool_t *pool, ngx_str_t *name,
    ngx_str_t *value, oauthcc_argument_t *argument);


#endif /* _OAUTHCC_FORM_H_INCLUDED_ */
