
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_DPOP_H_INCLUDED_
#define _OAUTHCC_DPOP_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_pair.h"
#include "upstream/oauthcc_context.h"


/*
 * DPoP at the upstream (RFC 9449 sections 7 and 9): a proof goes with each
 * attempt, whose server may want a nonce in it.
 */


/* the proof of the present attempt */

struct oauthcc_dpop_s {
    ngx_str_t  origin;
    ngx_str_t  nonce;
};


/* Whether a proof goes with the request: it has a token that is bound. */
#define oauthcc_dpop_wanted(ctx)                                              \
    ((ctx)->acquire.credential && (ctx)->acquire.credential->packed.bound)

/*
 * Makes the proof of a request that nginx's proxy has built, as a header.
 * NGX_DECLINED: the request cannot be read.  NGX_ERROR: there is no proof, and
 * the log says why, or no memory.
 */
ngx_int_t oauthcc_dpop_built(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx, oauthcc_pair_t *header);

/*
 * Makes that of a request that another module is about to build, and sets it
 * on the headers of r, behind ours.  NGX_ERROR: as above.
 */
ngx_int_t oauthcc_dpop_set(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx);

/*
 * Keeps the nonce of a response, and takes it off the response.  Returns
 * whether it is another one than the request was sent with.
 */
ngx_uint_t oauthcc_dpop_learn(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx);

/* Logs, once a minute, that the upstream has rejected a proof. */
void oauthcc_dpop_warn(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx);

/*
 * Names of headers that are removed where there is no token: those of others,
 * and DPoP.  NULL: out of memory.
 */
oauthcc_fields_t *oauthcc_dpop_stripped(ngx_http_request_t *r,
    oauthcc_fields_t *stripped);


#endif /* _OAUTHCC_DPOP_H_INCLUDED_ */
