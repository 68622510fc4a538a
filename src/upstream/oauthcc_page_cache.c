
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_page_cache.h"


/* an attempt without a peer; allocated from the request's pool */

typedef struct {
    ngx_http_upstream_conf_t      conf;      /* replaces u->conf */
    ngx_http_upstream_srv_conf_t  upstream;  /* part of conf */
    ngx_http_request_t           *request;
    ngx_array_t                  *states;    /* state before this attempt */
    ngx_uint_t                    nstates;
    ngx_uint_t                    stale;     /* what is cached is sent */
} oauthcc_page_cache_t;


extern ngx_module_t  ngx_http_oauthcc_module;


static ngx_uint_t oauthcc_page_cache_cached(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx, ngx_int_t gate);
static ngx_uint_t oauthcc_page_cache_stale(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx);
static ngx_int_t oauthcc_page_cache_init(ngx_http_request_t *r,
    ngx_http_upstream_srv_conf_t *us);
static ngx_int_t oauthcc_page_cache_get(ngx_peer_connection_t *pc, void *data);
static void oauthcc_page_cache_leave(ngx_http_request_t *r,
    oauthcc_page_cache_t *late);
static void oauthcc_page_cache_restore(oauthcc_page_cache_t *late);
static void oauthcc_page_cache_uncount(ngx_http_request_t *r);


ngx_uint_t
oauthcc_page_cache_defer(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx,
    ngx_int_t gate)
{
    if (ctx->late != OAUTHCC_PAGE_CACHE_NOT
        || ctx->acquire.refused
        || !oauthcc_page_cache_cached(r, ctx, gate))
    {
        return 0;
    }

    ctx->late = OAUTHCC_PAGE_CACHE_DEFERRED;

    return 1;
}


ngx_uint_t
oauthcc_page_cache_fail(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx,
    ngx_int_t gate)
{
#if (NGX_HTTP_CACHE)
    ngx_http_upstream_t  *u;

    /* the upstream of the earlier pass */

    u = r->upstream;

    if (u && u->cache_status == NGX_HTTP_CACHE_EXPIRED
        && oauthcc_page_cache_cached(r, ctx, gate))
    {
        ctx->late = OAUTHCC_PAGE_CACHE_FAILED;
        return 1;
    }
#endif

    return 0;
}


/*
 * Whether the response may be in a cache that can be asked without a token.
 * Not if the cache key uses the token, or if the entry depends on variables of
 * the request.  An unbuffered body cannot wait.
 */

static ngx_uint_t
oauthcc_page_cache_cached(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx,
    ngx_int_t gate)
{
    ngx_http_upstream_conf_t      *ucf;
    ngx_http_oauthcc_main_conf_t  *omcf;

    if (gate < 0
        || (ctx->conf->token_keys & (1 << gate))
        || ctx->conf->binding->varies
        || ctx->provider->endpoint.value)
    {
        return 0;
    }

    omcf = ngx_http_get_module_main_conf(r, ngx_http_oauthcc_module);

    ucf = oauthcc_page_cache_conf(omcf, r->loc_conf, gate);

    if (ucf == NULL) {
        return 0;
    }

#if (NGX_HTTP_CACHE)
    if (!(r->method & ucf->cache_methods)) {
        return 0;
    }
#endif

    if (ucf->request_buffering) {
        return 1;
    }

    /* from HTTP/2 on an empty body, too, may end later than the header */

    if (r->headers_in.content_length_n == 0) {
        return r->http_version < NGX_HTTP_VERSION_20;
    }

    return r->headers_in.content_length_n < 0 && !r->headers_in.chunked;
}


/*
 * In create_request a request can neither wait nor fail with a status other
 * than 500.  Both are possible when nginx chooses a peer: an upstream
 * configuration of our own leads there.
 */

ngx_int_t
oauthcc_page_cache_create(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx)
{
    ngx_http_upstream_t   *u;
    oauthcc_page_cache_t  *late;

    if (r->request_body_no_buffering) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "the token expired before the upstream request was "
                      "built, oauthcc provider: \"%V\"", &ctx->provider->name);
        return NGX_ERROR;
    }

    late = ngx_pcalloc(r->pool, sizeof(oauthcc_page_cache_t));
    if (late == NULL) {
        return NGX_ERROR;
    }

    u = r->upstream;

    late->request = r;
    late->states = r->upstream_states;
    late->nstates = late->states ? late->states->nelts : 0;
    late->stale = oauthcc_page_cache_stale(r, ctx);

    late->conf = *u->conf;
    late->conf.upstream = &late->upstream;
    late->conf.local = NULL;

#if (NGX_HTTP_CACHE)
    late->conf.cache_valid = NULL;

    if (late->stale) {
        late->conf.cache_use_stale |= NGX_HTTP_UPSTREAM_FT_ERROR;
    }
#endif

    late->upstream.peer.init = oauthcc_page_cache_init;

    u->conf = &late->conf;
    u->resolved = NULL;
    u->peer.data = late;

    return NGX_OK;
}


/* Whether a stale response may be sent after a failed login. */

static ngx_uint_t
oauthcc_page_cache_stale(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx)
{
#if (NGX_HTTP_CACHE)
    ngx_uint_t            status, mask;
    ngx_http_upstream_t  *u;

    u = r->upstream;

    if (ctx->late != OAUTHCC_PAGE_CACHE_FAILED
        || u->cache_status != NGX_HTTP_CACHE_EXPIRED)
    {
        return 0;
    }

    if (r->cache->stale_error) {
        return 1;
    }

    status = ctx->acquire.failure->status;

    mask = (status == NGX_HTTP_GATEWAY_TIME_OUT || ctx->acquire.slow)
           ? NGX_HTTP_UPSTREAM_FT_TIMEOUT : NGX_HTTP_UPSTREAM_FT_ERROR;

    switch (status) {

    case NGX_HTTP_GATEWAY_TIME_OUT:
        mask |= NGX_HTTP_UPSTREAM_FT_HTTP_504;
        break;

    case NGX_HTTP_SERVICE_UNAVAILABLE:
        mask |= NGX_HTTP_UPSTREAM_FT_HTTP_503;
        break;

    default:
        mask |= NGX_HTTP_UPSTREAM_FT_HTTP_502;
    }

    return (u->conf->cache_use_stale & mask) != 0;
#else
    return 0;
#endif
}


static ngx_int_t
oauthcc_page_cache_init(ngx_http_request_t *r,
    ngx_http_upstream_srv_conf_t *us)
{
    ngx_http_upstream_t   *u;
    oauthcc_page_cache_t  *late;

    u = r->upstream;
    late = u->peer.data;

    if (late->stale) {
        u->peer.get = oauthcc_page_cache_get;
        return NGX_OK;
    }

    oauthcc_page_cache_leave(r, late);

    return NGX_ERROR;
}


/* No peer is available: nginx sends the stale response instead. */

static ngx_int_t
oauthcc_page_cache_get(ngx_peer_connection_t *pc, void *data)
{
    oauthcc_page_cache_t *late = data;

    oauthcc_page_cache_restore(late);

    return NGX_DECLINED;
}


/*
 * Enters the gate again.  The upstream is finalized first, since the
 * request may be suspended before it gets another one.  nginx, which has
 * called us to choose a peer, finalizes the request again and finds no
 * upstream to clean up.  Each of the two calls takes a reference.
 */

static void
oauthcc_page_cache_leave(ngx_http_request_t *r, oauthcc_page_cache_t *late)
{
    ngx_http_upstream_t     *u;
    ngx_http_oauthcc_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_oauthcc_module);

    ctx->late = (ctx->late == OAUTHCC_PAGE_CACHE_FAILED)
                ? OAUTHCC_PAGE_CACHE_REFUSE : OAUTHCC_PAGE_CACHE_ASK;
    ctx->asked = 0;

    u = r->upstream;

    oauthcc_page_cache_uncount(r);

    r->main->count++;

    r->main->count++;
    (*u->cleanup)(r);

    oauthcc_page_cache_restore(late);

    r->write_event_handler = ngx_http_core_run_phases;

    ngx_http_core_run_phases(r);
}


/* Hides this attempt from variables like $upstream_addr. */

static void
oauthcc_page_cache_restore(oauthcc_page_cache_t *late)
{
    late->request->upstream_states = late->states;

    if (late->states) {
        late->states->nelts = late->nstates;
    }
}


/* Undoes the count of this pass: a request counts once for min_uses. */

static void
oauthcc_page_cache_uncount(ngx_http_request_t *r)
{
#if (NGX_HTTP_CACHE)
    ngx_http_cache_t       *c;
    ngx_http_file_cache_t  *cache;

    c = r->cache;

    if (c == NULL || c->node == NULL || c->updated) {
        return;
    }

    cache = c->file_cache;

    ngx_shmtx_lock(&cache->shpool->mutex);

    if (c->node->uses) {
        c->node->uses--;
    }

    ngx_shmtx_unlock(&cache->shpool->mutex);
#endif
}


ngx_http_upstream_conf_t *
oauthcc_page_cache_conf(ngx_http_oauthcc_main_conf_t *omcf,
    void **loc_conf, ngx_uint_t gate)
{
#if (NGX_HTTP_CACHE)
    u_char                      *conf;
    ngx_http_upstream_conf_t    *ucf;
    oauthcc_upstream_modules_t  *passing;

    passing = &omcf->passing[gate];

    if (!passing->caches) {
        return NULL;
    }

    conf = loc_conf[passing->index];
    ucf = (ngx_http_upstream_conf_t *) (conf + passing->conf);

    return ucf->cache ? ucf : NULL;
#else
    return NULL;
#endif
}
