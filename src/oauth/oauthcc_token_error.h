
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_TOKEN_ERROR_H_INCLUDED_
#define _OAUTHCC_TOKEN_ERROR_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <jansson.h>


/* so many bytes of a body are kept: to be shown, and to find secrets in */
#define OAUTHCC_TOKEN_ERROR_BODY  256

/* claims that are longer are as if there were none */
#define OAUTHCC_TOKEN_ERROR_CLAIMS  2048


/* what a response without a token says; all of it lies in a pool */

typedef struct {
    /* RFC 6749 section 5.2; escaped to be shown, length bounded */
    ngx_str_t  error;
    ngx_str_t  description;

    /*
     * Without an error: of a response that is no success, the beginning of its
     * body, as it is; of one that is, the names of its members, escaped.
     */
    ngx_str_t  body;
    ngx_str_t  members;

    /* what is wanted of the user, as it is: "claims" of Entra ID, or empty */
    ngx_str_t  claims;
} oauthcc_token_error_t;


/*
 * Reads the error of a response; tokens that stand beside it are not repeated.
 * NGX_DECLINED: there is one.  NGX_ERROR: no memory.
 */
ngx_int_t oauthcc_token_error_read(ngx_pool_t *pool, json_t *root,
    oauthcc_token_error_t *error);

/*
 * Reads what else a response says, which has the body and, if that is JSON, is
 * this object.  root may be NULL.  NGX_ERROR: no memory.
 */
ngx_int_t oauthcc_token_error_rest(ngx_pool_t *pool, json_t *root,
    ngx_uint_t success, u_char *body, size_t len,
    oauthcc_token_error_t *error);


#endif /* _OAUTHCC_TOKEN_ERROR_H_INCLUDED_ */
