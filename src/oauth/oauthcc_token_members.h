
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_TOKEN_MEMBERS_H_INCLUDED_
#define _OAUTHCC_TOKEN_MEMBERS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* of a value that is kept, in bytes */
#define OAUTHCC_TOKEN_MEMBERS_MAX  1024


/*
 * The members of a response that have these names, ngx_str_t in lower case, as
 * pairs in the pool: strings, numbers, true and false, if they may stand in a
 * header and are no longer than that.  What has to be left out is logged.
 * NGX_ERROR: no memory.
 */
ngx_int_t oauthcc_token_members_read(ngx_pool_t *pool, ngx_array_t *names,
    u_char *body, size_t len, ngx_array_t *pairs);


#endif /* _OAUTHCC_TOKEN_MEMBERS_H_INCLUDED_ */
