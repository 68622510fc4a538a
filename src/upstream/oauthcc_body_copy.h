
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_BODY_COPY_H_INCLUDED_
#define _OAUTHCC_BODY_COPY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_context.h"


/*
 * A body that nginx does not buffer, as with gRPC, is lost once it is sent. So
 * it is copied on the way, up to client_body_buffer_size, until the response
 * has been judged.
 */

struct oauthcc_body_copy_s {
    u_char      *data;
    size_t       len;
    size_t       size;
    ngx_uint_t   whole;  /* complete */
    ngx_uint_t   over;   /* too large */
};


/* Installs the filter, at configuration time. */
void oauthcc_body_copy_init(void);

/*
 * Whether the body of r can be sent again: NGX_OK: yes, NGX_AGAIN: perhaps,
 * when more of it has been received, NGX_DECLINED: no.
 */
ngx_int_t oauthcc_body_copy_state(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx);

/*
 * After NGX_OK of state(): gives r its body as if it had been buffered.
 * NGX_ERROR: out of memory.
 */
ngx_int_t oauthcc_body_copy_replay(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx);

/* Frees the copy, if there is one. */
void oauthcc_body_copy_free(ngx_http_oauthcc_ctx_t *ctx);


#endif /* _OAUTHCC_BODY_COPY_H_INCLUDED_ */
