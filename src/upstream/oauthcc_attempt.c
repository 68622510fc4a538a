
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_attempt.h"
#include "upstream/oauthcc_body_copy.h"
#include "upstream/oauthcc_dpop.h"
#include "upstream/oauthcc_replay.h"
#include "upstream/oauthcc_replay_rule.h"


extern ngx_module_t  ngx_http_oauthcc_module;


static ngx_int_t oauthcc_attempt_reinit(ngx_http_request_t *r);
static ngx_uint_t oauthcc_attempt_sends(ngx_http_upstream_t *u);
static ngx_int_t oauthcc_attempt_rebuild(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx);
static ngx_int_t oauthcc_attempt_header(ngx_http_request_t *r);


void
oauthcc_attempt_start(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx)
{
    ngx_http_upstream_t     *u;
    oauthcc_credential_t    *credential;
    oauthcc_replay_rules_t  *rules;

    credential = ctx->acquire.credential;

    if (credential == NULL || ctx->provider->document.per_request) {
        return;
    }

    rules = ctx->conf->replay;

    if (rules) {

        if (rules->below_400 & (ngx_uint_t) 1 << ctx->kind) {
            ctx->below_400 = 1;
        }

    } else if (!credential->packed.bound && !credential->watched) {

        /* with "oauthcc_replay off", no answer says anything of the token */

        return;
    }

    u = r->upstream;

    if (r->limit_rate_set) {
        ctx->limit_rate_set = 1;
        ctx->limit_rate = r->limit_rate;
    }

    ctx->charset = r->headers_out.override_charset;

    ctx->reinit_request = u->reinit_request;
    u->reinit_request = oauthcc_attempt_reinit;

    ctx->process_header = u->process_header;
    u->process_header = oauthcc_attempt_header;
}


/*
 * nginx calls this before the next attempt, and before it sends a cached
 * response.
 */

static ngx_int_t
oauthcc_attempt_reinit(ngx_http_request_t *r)
{
    ngx_int_t                rc;
    ngx_http_upstream_t     *u;
    ngx_http_oauthcc_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_oauthcc_module);

    if (ctx == NULL) {
        return NGX_ERROR;
    }

    u = r->upstream;

    if (u->process_header == oauthcc_attempt_header) {
        u->process_header = ctx->process_header;
    }

    rc = ctx->reinit_request(r);

    if (ctx->bound && rc == NGX_OK && oauthcc_attempt_sends(u)) {
        return oauthcc_attempt_rebuild(r, ctx);
    }

    ctx->process_header = u->process_header;
    u->process_header = oauthcc_attempt_header;

    return rc;
}


/*
 * Whether a request follows: on a connection that nothing was sent on yet.
 * Else nginx sends an expired page of its cache, which has not changed, or
 * since no server has a better answer.
 */

static ngx_uint_t
oauthcc_attempt_sends(ngx_http_upstream_t *u)
{
#if (NGX_HTTP_CACHE)

    if (u->cache_status == NGX_HTTP_CACHE_EXPIRED) {
        return u->peer.sockaddr && u->peer.connection
               && u->peer.connection->sent == 0;
    }

#endif

    return 1;
}


/*
 * RFC 9449 section 7.3: a proof is good for one attempt.  The request is built
 * anew, in the same way as for the first one.
 */

static ngx_int_t
oauthcc_attempt_rebuild(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx)
{
    size_t                limit_rate;
    ngx_int_t             rc;
    ngx_str_t            *charset;
    ngx_uint_t            limit_rate_set;
    ngx_http_upstream_t  *u;

    u = r->upstream;

    /* as they were before the first answer */

    charset = ctx->charset;
    limit_rate = ctx->limit_rate;
    limit_rate_set = ctx->limit_rate_set;

    u->reinit_request = ctx->reinit_request;
    u->request_bufs = r->request_body ? r->request_body->bufs : NULL;

    /*
     * A peer has been chosen: it is too late to wait for another token.  One
     * that has expired meanwhile goes there, as it does without a proof.
     */

    ctx->now = ngx_current_msec;

    rc = u->create_request(r);

    ctx->charset = charset;
    ctx->limit_rate = limit_rate;
    ctx->limit_rate_set = limit_rate_set;

    return rc;
}


/*
 * nginx calls this for each piece of a response header.  The process_header of
 * the upstream module may replace itself each time, so it is saved again.
 */

static ngx_int_t
oauthcc_attempt_header(ngx_http_request_t *r)
{
    ngx_int_t                rc;
    ngx_uint_t               status;
    ngx_http_upstream_t     *u;
    ngx_http_oauthcc_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_oauthcc_module);

    if (ctx == NULL) {
        return NGX_ERROR;
    }

    u = r->upstream;

    u->process_header = ctx->process_header;

    rc = u->process_header(r);

    if (rc == NGX_OK) {
        status = u->headers_in.status_n;

        if (status - NGX_HTTP_OK >= NGX_HTTP_BAD_REQUEST - NGX_HTTP_OK
            || ctx->refused || ctx->bound || ctx->below_400
            || ctx->acquire.credential->watched)
        {
            rc = oauthcc_replay_judge(r, ctx);

            if (rc != NGX_OK) {
                return rc;
            }
        }

        ctx->judged = 1;

        if (ctx->body) {
            oauthcc_body_copy_free(ctx);
        }

        return NGX_OK;
    }

    /* the header is not complete, or it was an interim response (103) */

#if (nginx_version >= 1029000)

    if (rc == NGX_HTTP_UPSTREAM_EARLY_HINTS && ctx->bound) {
        (void) oauthcc_dpop_learn(r, ctx);
    }

#endif

    ctx->process_header = u->process_header;
    u->process_header = oauthcc_attempt_header;

    return rc;
}
