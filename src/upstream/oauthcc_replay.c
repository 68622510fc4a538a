
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_replay.h"
#include "upstream/oauthcc_body_copy.h"
#include "upstream/oauthcc_body_wait.h"
#include "upstream/oauthcc_dpop.h"
#include "upstream/oauthcc_replay_rule.h"
#include "core/oauthcc_lifetime.h"
#include "core/oauthcc_text.h"
#include "token/oauthcc_acquire.h"
#include "http/oauthcc_challenge.h"
#include "token/oauthcc_local_stats.h"


/* at most one warning of a provider and worker in this time, milliseconds */
#define OAUTHCC_REPLAY_WARN  60000


extern ngx_module_t  ngx_http_oauthcc_module;


static oauthcc_challenge_e oauthcc_replay_says(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx, oauthcc_replay_rule_e *rule);
static oauthcc_challenge_e oauthcc_replay_challenge(ngx_http_request_t *r,
    ngx_uint_t dpop);
static ngx_uint_t oauthcc_replay_trouble(ngx_http_upstream_t *u);
static ngx_uint_t oauthcc_replay_scheme(ngx_http_oauthcc_ctx_t *ctx,
    char *scheme);
static void oauthcc_replay_warn(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx);
static ngx_uint_t oauthcc_replay_passed(ngx_http_request_t *r,
    ngx_http_upstream_t *u, ngx_uint_t status);
static ngx_int_t oauthcc_replay_possible(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx, oauthcc_replay_rule_e rule);
static ngx_int_t oauthcc_replay_state(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx);
static ngx_int_t oauthcc_replay_start(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx, ngx_int_t state, oauthcc_body_wait_pt again);
static void oauthcc_replay_again(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx);
static void oauthcc_replay_nonce(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx);
static void oauthcc_replay_leave(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx);


ngx_int_t
oauthcc_replay_judge(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx)
{
    ngx_int_t               rc;
    ngx_uint_t              status, learnt;
    ngx_http_upstream_t    *u;
    oauthcc_replay_rule_e   rule;

#if (NGX_HTTP_CACHE)

    /* a cached response says nothing about the credential */

    if (r->cached) {
        return NGX_OK;
    }

#endif

    u = r->upstream;
    status = u->headers_in.status_n;

    /* of any response, a 101 too */

    learnt = ctx->bound ? oauthcc_dpop_learn(r, ctx) : 0;

    if (status < NGX_HTTP_OK) {
        return NGX_OK;
    }

    if (ctx->bound) {

        if (status == NGX_HTTP_UNAUTHORIZED
            && oauthcc_replay_challenge(r, 1) == OAUTHCC_CHALLENGE_NONCE)
        {
            /* that is no refusal, whatever becomes of it */

            ctx->refused = 0;
            oauthcc_local_stats_challenge(ctx->local, OAUTHCC_NONCE_REQUEST);

            return oauthcc_replay_start(r, ctx,
                                        learnt && !ctx->challenged
                                        ? oauthcc_replay_state(r, ctx)
                                        : NGX_DECLINED,
                                        oauthcc_replay_nonce);
        }

        if (status < NGX_HTTP_BAD_REQUEST
            && !ctx->refused && !ctx->below_400
            && !ctx->acquire.credential->watched)
        {
            /* it was judged for its nonce alone */

            return NGX_OK;
        }
    }

    switch (oauthcc_replay_says(r, ctx, &rule)) {

    case OAUTHCC_CHALLENGE_TOKEN:

        if (oauthcc_replay_passed(r, u, status)) {
            ctx->refused = 1;
            return NGX_OK;
        }

        ctx->refused = 0;

        if (ctx->replayed) {
            oauthcc_replay_warn(r, ctx);
        }

        if (oauthcc_acquire_refuse(ctx->local, &ctx->acquire,
                                   ctx->conf->location)
            != NGX_OK)
        {
            oauthcc_local_stats_refusal(ctx->local);
            return NGX_OK;
        }

        rc = oauthcc_replay_possible(r, ctx, rule);

        if (rc == NGX_DECLINED) {
            oauthcc_local_stats_refusal(ctx->local);
        }

        return oauthcc_replay_start(r, ctx, rc, oauthcc_replay_again);

    case OAUTHCC_CHALLENGE_PROOF:

        /* a clock, or the URI: another token makes no difference */

        oauthcc_dpop_warn(r, ctx);

        ctx->refused = 0;
        return NGX_OK;

    case OAUTHCC_CHALLENGE_REQUEST:

        ctx->refused = 0;
        return NGX_OK;

    default:

        /* a server that is failing may not have checked the token */

        if (!oauthcc_replay_trouble(u)) {
            ctx->refused = 0;

            if (ctx->acquire.credential->watched) {
                oauthcc_acquire_taken(ctx->local, &ctx->acquire);
            }
        }

        return NGX_OK;
    }
}


void
oauthcc_replay_unanswered(ngx_http_oauthcc_ctx_t *ctx)
{
    if (ctx->acquire.credential) {
        (void) oauthcc_acquire_refuse(ctx->local, &ctx->acquire,
                                      ctx->conf->location);

        oauthcc_local_stats_refusal(ctx->local);
    }
}


/*
 * The only function that decides what a response says about the credential;
 * status and headers are in u->headers_in.
 */

static oauthcc_challenge_e
oauthcc_replay_says(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx,
    oauthcc_replay_rule_e *rule)
{
    *rule = oauthcc_replay_rule_match(r, ctx);

    if (*rule == OAUTHCC_REPLAY_RULE_NONE) {

        /* as if the token were accepted */

        return OAUTHCC_CHALLENGE_SCOPE;
    }

    if (oauthcc_replay_scheme(ctx, "Bearer ")) {
        return oauthcc_replay_challenge(r, 0);
    }

    return (ctx->bound && oauthcc_replay_scheme(ctx, "DPoP "))
           ? oauthcc_replay_challenge(r, 1) : OAUTHCC_CHALLENGE_TOKEN;
}


static oauthcc_challenge_e
oauthcc_replay_challenge(ngx_http_request_t *r, ngx_uint_t dpop)
{
    ngx_uint_t           i;
    ngx_table_elt_t     *header;
    oauthcc_challenge_t  challenge;

    ngx_memzero(&challenge, sizeof(oauthcc_challenge_t));

    challenge.dpop = dpop;

    for (i = 0; /* void */ ; i++) {
        header = oauthcc_text_header(&r->upstream->headers_in.headers,
                                     "WWW-Authenticate", i);
        if (header == NULL) {
            break;
        }

        oauthcc_challenge_read(&challenge, &header->value);
    }

    return oauthcc_challenge_says(&challenge);
}


/* Whether the response reports a failure of the server. */

static ngx_uint_t
oauthcc_replay_trouble(ngx_http_upstream_t *u)
{
    switch (oauthcc_replay_rule_grpc_status(&u->headers_in.headers)) {

    case 2:   /* UNKNOWN */
    case 4:   /* DEADLINE_EXCEEDED */
    case 8:   /* RESOURCE_EXHAUSTED */
    case 13:  /* INTERNAL */
    case 14:  /* UNAVAILABLE */
        return 1;

    default:
        return u->headers_in.status_n >= NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
}


/* Whether "Authorization: SCHEME ..." was sent, of any origin. */

static ngx_uint_t
oauthcc_replay_scheme(ngx_http_oauthcc_ctx_t *ctx, char *scheme)
{
    ngx_uint_t         i;
    ngx_table_elt_t   *header;
    oauthcc_fields_t  *fields;

    fields = ctx->conf->placements
             ? ctx->fields : &ctx->acquire.credential->fields;

    if (fields == NULL) {
        return 0;
    }

    header = fields->headers;

    for (i = 0; i < fields->added; i++) {

        if (oauthcc_text_iis(&header[i].key, "Authorization")
            && oauthcc_text_ibegins(&header[i].value, scheme))
        {
            return 1;
        }
    }

    return 0;
}


/* The new token was refused like the old one: another login does not help. */

static void
oauthcc_replay_warn(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx)
{
    oauthcc_runtime_t  *runtime;

    runtime = &ctx->provider->runtime;

    if (runtime->warned
        && !oauthcc_lifetime_reached(oauthcc_clock_msec(),
                                     runtime->warned_at
                                     + OAUTHCC_REPLAY_WARN))
    {
        return;
    }

    runtime->warned = 1;
    runtime->warned_at = oauthcc_clock_msec();

    ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                  "the upstream refused a new token too, with status %ui: "
                  "check \"scope\" and \"audience\", oauthcc provider: \"%V\"",
                  r->upstream->headers_in.status_n, &ctx->provider->name);
}


/*
 * Whether nginx sends the request to another server now, as
 * ngx_http_upstream_test_next() and ngx_http_upstream_next() decide.  The
 * answer of that server counts then.
 */

static ngx_uint_t
oauthcc_replay_passed(ngx_http_request_t *r, ngx_http_upstream_t *u,
    ngx_uint_t status)
{
    ngx_uint_t  mask;
    ngx_msec_t  timeout;

    switch (status) {

    case NGX_HTTP_FORBIDDEN:
        mask = NGX_HTTP_UPSTREAM_FT_HTTP_403;
        break;

    case NGX_HTTP_NOT_FOUND:
        mask = NGX_HTTP_UPSTREAM_FT_HTTP_404;
        break;

    case NGX_HTTP_TOO_MANY_REQUESTS:
        mask = NGX_HTTP_UPSTREAM_FT_HTTP_429;
        break;

    case NGX_HTTP_INTERNAL_SERVER_ERROR:
        mask = NGX_HTTP_UPSTREAM_FT_HTTP_500;
        break;

    case NGX_HTTP_BAD_GATEWAY:
        mask = NGX_HTTP_UPSTREAM_FT_HTTP_502;
        break;

    case NGX_HTTP_SERVICE_UNAVAILABLE:
        mask = NGX_HTTP_UPSTREAM_FT_HTTP_503;
        break;

    case NGX_HTTP_GATEWAY_TIME_OUT:
        mask = NGX_HTTP_UPSTREAM_FT_HTTP_504;
        break;

    default:
        return 0;
    }

    if (u->request_sent
        && (r->method & (NGX_HTTP_POST|NGX_HTTP_LOCK|NGX_HTTP_PATCH)))
    {
        mask |= NGX_HTTP_UPSTREAM_FT_NON_IDEMPOTENT;
    }

    timeout = u->conf->next_upstream_timeout;

    return u->peer.tries > 1
           && (u->conf->next_upstream & mask) == mask
           && !(u->request_sent && r->request_body_no_buffering)
           && !(timeout && ngx_current_msec - u->peer.start_time >= timeout)
           && !r->connection->error;
}


/*
 * NGX_OK: the request can be replayed.  NGX_DECLINED: it cannot.  NGX_AGAIN:
 * that depends on the rest of its body.  A post_action always runs after a
 * header was sent, which does not matter.
 */

static ngx_int_t
oauthcc_replay_possible(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx,
    oauthcc_replay_rule_e rule)
{
    return (rule != OAUTHCC_REPLAY_RULE_REPEATABLE || ctx->replayed)
           ? NGX_DECLINED : oauthcc_replay_state(r, ctx);
}


static ngx_int_t
oauthcc_replay_state(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx)
{
    if ((r->header_sent && !r->post_action)
        || r->upstream->cleanup == NULL)
    {
        return NGX_DECLINED;
    }

    return oauthcc_body_copy_state(r, ctx);
}


/* Sends the request again, if that state allows it; what judge() returns. */

static ngx_int_t
oauthcc_replay_start(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx,
    ngx_int_t state, oauthcc_body_wait_pt again)
{
    switch (state) {

    case NGX_OK:

        /*
         * nginx called process_header(): after NGX_ERROR it finalizes the
         * request and finds the upstream gone; that takes a reference
         */

        r->main->count++;

        again(r, ctx);

        return NGX_ERROR;

    case NGX_AGAIN:
        return oauthcc_body_wait_start(r, ctx, again);

    default: /* NGX_DECLINED */
        return NGX_OK;
    }
}


static void
oauthcc_replay_again(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx)
{
    ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                  "the upstream refused the token with status %ui, "
                  "the request is replayed, oauthcc provider: \"%V\"",
                  r->upstream->headers_in.status_n, &ctx->provider->name);

    oauthcc_local_stats_replay(ctx->local);

    oauthcc_acquire_end(&ctx->acquire);

    ctx->acquire.status = OAUTHCC_CACHE_STATUS_NONE;
    ctx->replayed = 1;
    ctx->asked = 0;

    oauthcc_replay_leave(r, ctx);
}


/* RFC 9449 section 9: with the same token, and a proof that has the nonce. */

static void
oauthcc_replay_nonce(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx)
{
    ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                  "the upstream wants another nonce in the DPoP proof, the "
                  "request is sent once more, oauthcc provider: \"%V\"",
                  &ctx->provider->name);

    ctx->challenged = 1;

    oauthcc_replay_leave(r, ctx);
}


/*
 * Discards the response and enters the gate again.  No filter has
 * seen the response, and headers that others have set are kept.  The upstream
 * is finalized here, which takes a reference, since the request may be
 * suspended before it gets another one.
 */

static void
oauthcc_replay_leave(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx)
{
    ngx_http_upstream_t  *u;

    u = r->upstream;

    /* nginx sets it only for a header that it accepts */

    u->state->header_time = ngx_current_msec - u->start_time;

    r->main->count++;
    (*u->cleanup)(r);

    /* response headers like X-Accel-Limit-Rate may have changed these */

    r->limit_rate = ctx->limit_rate;
    r->limit_rate_set = ctx->limit_rate_set;
    r->headers_out.override_charset = ctx->charset;

    r->read_event_handler = ngx_http_block_reading;

    if (oauthcc_body_copy_replay(r, ctx) != NGX_OK) {
        ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return;
    }

    r->write_event_handler = ngx_http_core_run_phases;

    ngx_http_core_run_phases(r);
}
