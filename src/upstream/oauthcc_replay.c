
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_replay.h"
#include "token/oauthcc_acquire.h"
#include "token/oauthcc_local_stats.h"


extern ngx_module_t  ngx_http_oauthcc_module;


static ngx_int_t oauthcc_replay_header_filter(ngx_http_request_t *r);
static ngx_uint_t oauthcc_replay_refused(ngx_http_oauthcc_ctx_t *ctx,
    ngx_uint_t status);
static ngx_uint_t oauthcc_replay_judge(ngx_http_oauthcc_ctx_t *ctx,
    ngx_uint_t status);
static ngx_uint_t oauthcc_replay_possible(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx);
static ngx_int_t oauthcc_replay_again(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx);


static ngx_http_output_header_filter_pt  ngx_http_next_header_filter;


void
oauthcc_replay_init(void)
{
    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = oauthcc_replay_header_filter;
}


void
oauthcc_replay_hidden(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx)
{
    ngx_uint_t                  i;
    ngx_http_upstream_state_t  *state;

    if (ctx->judged || ctx->ask.credential == NULL || ctx->provider->each) {
        return;
    }

    state = r->upstream_states->elts;

    for (i = 0; i < r->upstream_states->nelts; i++) {

        if (oauthcc_replay_refused(ctx, state[i].status)) {
            (void) oauthcc_replay_judge(ctx, state[i].status);
            return;
        }
    }
}


static ngx_int_t
oauthcc_replay_header_filter(ngx_http_request_t *r)
{
    ngx_http_upstream_t     *u;
    ngx_http_oauthcc_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_oauthcc_module);

    if (ctx == NULL || ctx->ask.credential == NULL || ctx->judged
        || ctx->provider->each)
    {
        return ngx_http_next_header_filter(r);
    }

    u = r->upstream;

    /* an answer of the cache says nothing of the credential */

    if (u == NULL || u->headers_in.status_n == 0 || r->cached) {
        return ngx_http_next_header_filter(r);
    }

    if (!oauthcc_replay_judge(ctx, u->headers_in.status_n)
        || !oauthcc_replay_possible(r, ctx))
    {
        return ngx_http_next_header_filter(r);
    }

    return oauthcc_replay_again(r, ctx);
}


static ngx_uint_t
oauthcc_replay_refused(ngx_http_oauthcc_ctx_t *ctx, ngx_uint_t status)
{
    ngx_uint_t    i, *refused;
    ngx_array_t  *statuses;

    statuses = ctx->conf->replay;

    /* none that is not an error can be among them */

    if (status < NGX_HTTP_BAD_REQUEST || statuses == NULL) {
        return 0;
    }

    refused = statuses->elts;

    for (i = 0; i < statuses->nelts; i++) {
        if (refused[i] == status) {
            return 1;
        }
    }

    return 0;
}


/*
 * What the response says of the credential.  Returns 1 if it was refused and
 * there is, or will be, another one.
 */

static ngx_uint_t
oauthcc_replay_judge(ngx_http_oauthcc_ctx_t *ctx, ngx_uint_t status)
{
    oauthcc_credential_t  *credential;

    ctx->judged = 1;

    if (oauthcc_replay_refused(ctx, status)) {
        return oauthcc_acquire_refuse(ctx->local, &ctx->ask)
               == NGX_OK;
    }

    credential = ctx->ask.credential;

    /* a server that is in trouble may not have looked at it */

    if (credential->unproven && status < 500) {
        oauthcc_acquire_prove(ctx->local, credential);
    }

    return 0;
}


static ngx_uint_t
oauthcc_replay_possible(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx)
{
    ngx_http_upstream_t  *u;

    u = r->upstream;

    return !ctx->replayed
           && !r->request_body_no_buffering
           && !r->header_sent
           && !u->upgrade
           && u->cleanup != NULL
           && r->headers_out.status == u->headers_in.status_n;
}


/*
 * The response is thrown away and the request enters our phase handler once
 * more, as if it had never been there.  The upstream is finalized here since
 * the request may be suspended before it gets another one; nginx, which has
 * called this filter to send a header, finalizes it again on NGX_ERROR and
 * finds that it is done.  Each of the two takes a reference.
 */

static ngx_int_t
oauthcc_replay_again(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx)
{
    ngx_http_upstream_t           *u;
    ngx_http_oauthcc_main_conf_t  *omcf;

    ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                  "the upstream refused the token with status %ui, "
                  "the request is replayed, oauthcc provider: \"%V\"",
                  r->headers_out.status, &ctx->provider->name);

    omcf = ngx_http_get_module_main_conf(r, ngx_http_oauthcc_module);

    oauthcc_local_stats_replay(ctx->local);

    oauthcc_acquire_end(&ctx->ask);

    ctx->ask.status = OAUTHCC_CACHE_STATUS_NONE;
    ctx->replayed = 1;
    ctx->asked = 0;
    ctx->judged = 0;

    u = r->upstream;

    r->main->count++;

    r->main->count++;
    (*u->cleanup)(r);

    ngx_http_clean_header(r);

    r->read_event_handler = ngx_http_block_reading;
    r->write_event_handler = ngx_http_core_run_phases;
    r->phase_handler = omcf->phase_handler;

    ngx_http_core_run_phases(r);

    return NGX_ERROR;
}
