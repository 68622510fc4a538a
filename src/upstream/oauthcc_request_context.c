
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_request_context.h"
#include "token/oauthcc_acquire.h"
#include "token/oauthcc_local.h"
#include "token/oauthcc_local_stats.h"
#include "upstream/oauthcc_body_copy.h"
#include "upstream/oauthcc_replay.h"


extern ngx_module_t  ngx_http_oauthcc_module;


static void oauthcc_request_context_cleanup(void *data);


ngx_http_oauthcc_ctx_t *
oauthcc_request_context_create(ngx_http_request_t *r)
{
    ngx_http_oauthcc_ctx_t  *ctx;

    ctx = ngx_palloc(r->pool, sizeof(ngx_http_oauthcc_ctx_t));
    if (ctx == NULL) {
        return NULL;
    }

    /* two short pieces, for which compilers need no loop */

    ngx_memzero(&ctx->acquire, sizeof(oauthcc_acquire_t));
    ngx_memzero(&ctx->provider, offsetof(ngx_http_oauthcc_ctx_t, request)
                                - offsetof(ngx_http_oauthcc_ctx_t, provider));

    ctx->request = r;

    /* what ngx_pool_cleanup_add() does, in the same memory */

    ctx->pool_cleanup.handler = oauthcc_request_context_cleanup;
    ctx->pool_cleanup.data = ctx;
    ctx->pool_cleanup.next = r->pool->cleanup;

    r->pool->cleanup = &ctx->pool_cleanup;

    ngx_http_set_ctx(r, ctx, ngx_http_oauthcc_module);

    return ctx;
}


/*
 * A request and its subrequests share a pool; the newest context comes first.
 */

ngx_http_oauthcc_ctx_t *
oauthcc_request_context_former(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t      *cln;
    ngx_http_oauthcc_ctx_t  *ctx;

    if (!r->internal) {
        return NULL;
    }

    for (cln = r->pool->cleanup; cln; cln = cln->next) {

        if (cln->handler == oauthcc_request_context_cleanup) {
            ctx = cln->data;

            if (ctx->request == r) {
                return ctx;
            }
        }
    }

    return NULL;
}


static void
oauthcc_request_context_cleanup(void *data)
{
    ngx_http_oauthcc_ctx_t *ctx = data;

    if (ctx->refused) {
        oauthcc_replay_unanswered(ctx);
    }

    if (ctx->acquire.credential) {
        oauthcc_credential_release(ctx->acquire.credential);
    }

    if (ctx->body) {
        oauthcc_body_copy_free(ctx);
    }

    if (ctx->local) {
        oauthcc_local_stats_request(ctx->local, ctx->acquire.status);
        oauthcc_local_release(ctx->local);

    } else if (ctx->acquire.status == OAUTHCC_CACHE_STATUS_BYPASS) {
        oauthcc_local_stats_bypass();
    }
}
