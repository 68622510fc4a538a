
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_SUBJECT_H_INCLUDED_
#define _OAUTHCC_SUBJECT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_context.h"


/* The client's token, "subject_token=", and the variables around it. */


/*
 * Reads it into ctx->acquire.caller.  NGX_DECLINED: the request has none, or
 * one that is too long, and ctx->acquire.failure says so.  NGX_ERROR: out of
 * memory.
 */
ngx_int_t oauthcc_subject_get(ngx_http_request_t *r,
    oauthcc_binding_t *binding, ngx_http_oauthcc_ctx_t *ctx);

/*
 * The request has no usable token: sets ctx->acquire.failure, with a static
 * text, and logs it.  NGX_DECLINED, or NGX_ERROR: out of memory.
 */
ngx_int_t oauthcc_subject_fail(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx, char *text);

/*
 * $oauthcc_incoming_token: the token of the client's "Authorization: Bearer",
 * or an empty text; the bytes are the request's.
 */
void oauthcc_subject_incoming(ngx_http_request_t *r, ngx_str_t *token);

/*
 * $oauthcc_subject_id: a digest of the token in hexadecimal digits, or an
 * empty text if there is none; also before the login.  NGX_ERROR: out of
 * memory.
 */
ngx_int_t oauthcc_subject_id(ngx_http_request_t *r, ngx_str_t *id);


#endif /* _OAUTHCC_SUBJECT_H_INCLUDED_ */
