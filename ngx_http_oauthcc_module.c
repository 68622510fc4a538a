
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "token/oauthcc_acquire.h"
#include "token/oauthcc_worker.h"
#include "conf/oauthcc_client_certificates.h"
#include "conf/oauthcc_page_cache_key.h"
#include "core/oauthcc_clock.h"
#include "core/oauthcc_lifetime.h"
#include "conf/oauthcc_conf.h"
#include "token/oauthcc_local.h"
#include "token/oauthcc_clock_watch.h"
#include "token/oauthcc_local_stats.h"
#include "upstream/oauthcc_bearer_challenge.h"
#include "upstream/oauthcc_body_copy.h"
#include "upstream/oauthcc_gate.h"
#include "upstream/oauthcc_page_cache.h"
#include "conf/oauthcc_provider.h"
#include "conf/oauthcc_store_block.h"
#include "upstream/oauthcc_variable_values.h"
#include "upstream/oauthcc_request_context.h"
#include "upstream/oauthcc_retry_after.h"
#include "conf/oauthcc_location.h"
#include "conf/oauthcc_location_ready.h"
#include "conf/oauthcc_location_replay.h"
#include "upstream/oauthcc_variables.h"
#include "upstream/oauthcc_select.h"
#include "conf/oauthcc_upstream_tls.h"
#include "core/oauthcc_notify.h"


static ngx_int_t ngx_http_oauthcc_handler(ngx_http_request_t *r);
static ngx_int_t ngx_http_oauthcc_ask(ngx_http_request_t *r,
    ngx_http_oauthcc_loc_conf_t *olcf, ngx_http_oauthcc_ctx_t *ctx);
static ngx_int_t ngx_http_oauthcc_suspend(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx);
static void ngx_http_oauthcc_resume(void *data);
static ngx_int_t ngx_http_oauthcc_refuse(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx);
static void ngx_http_oauthcc_leave(void *data);
static ngx_int_t ngx_http_oauthcc_preconfiguration(ngx_conf_t *cf);
static ngx_int_t ngx_http_oauthcc_postconfiguration(ngx_conf_t *cf);
static ngx_int_t ngx_http_oauthcc_init(ngx_cycle_t *cycle);
static ngx_int_t ngx_http_oauthcc_init_process(ngx_cycle_t *cycle);
static void ngx_http_oauthcc_exit_process(ngx_cycle_t *cycle);
static ngx_http_oauthcc_main_conf_t *ngx_http_oauthcc_worker_conf(
    ngx_cycle_t *cycle);


static ngx_command_t  ngx_http_oauthcc_commands[] = {

    { ngx_string("oauthcc_provider"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_BLOCK|NGX_CONF_TAKE1,
      oauthcc_provider_block,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("oauthcc_zone"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      oauthcc_conf_zone,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("oauthcc_store"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_BLOCK|NGX_CONF_NOARGS,
      oauthcc_store_block,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("oauthcc"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_HTTP_LIF_CONF
                        |NGX_CONF_1MORE,
      oauthcc_location_directive,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("oauthcc_replay"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_HTTP_LIF_CONF
                        |NGX_CONF_1MORE,
      oauthcc_location_replay,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("oauthcc_header"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_HTTP_LIF_CONF
                        |NGX_CONF_TAKE12,
      oauthcc_location_header,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("oauthcc_query"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_HTTP_LIF_CONF
                        |NGX_CONF_TAKE2,
      oauthcc_location_query,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("oauthcc_dpop_uri"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_HTTP_LIF_CONF
                        |NGX_CONF_TAKE1,
      ngx_http_set_complex_value_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_oauthcc_loc_conf_t, dpop_uri),
      NULL },

    { ngx_string("oauthcc_insecure_upstream"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      oauthcc_upstream_tls_directive,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("oauthcc_ready"),
      NGX_HTTP_LOC_CONF|NGX_CONF_ANY,
      oauthcc_location_ready,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("oauthcc_status"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS|NGX_CONF_TAKE1,
      oauthcc_location_status,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_oauthcc_module_ctx = {
    ngx_http_oauthcc_preconfiguration,     /* preconfiguration */
    ngx_http_oauthcc_postconfiguration,    /* postconfiguration */

    oauthcc_conf_create_main,     /* create main configuration */
    oauthcc_conf_init_main,       /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    oauthcc_conf_create_loc,      /* create location configuration */
    oauthcc_conf_merge_loc        /* merge location configuration */
};


ngx_module_t  ngx_http_oauthcc_module = {
    NGX_MODULE_V1,
    &ngx_http_oauthcc_module_ctx,          /* module context */
    ngx_http_oauthcc_commands,             /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    ngx_http_oauthcc_init_process,         /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    ngx_http_oauthcc_exit_process,         /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


/*
 * The last of the PRECONTENT phase: what needs no upstream, or is refused
 * before, costs no login.
 */

static ngx_int_t
ngx_http_oauthcc_handler(ngx_http_request_t *r)
{
    ngx_int_t                     rc;
    ngx_http_oauthcc_ctx_t       *ctx;
    ngx_http_oauthcc_loc_conf_t  *olcf;

    olcf = ngx_http_get_module_loc_conf(r, ngx_http_oauthcc_module);

    if (!oauthcc_gate_wanted(r, olcf)) {
        return NGX_DECLINED;
    }

    ctx = ngx_http_get_module_ctx(r, ngx_http_oauthcc_module);

    if (ctx == NULL) {

        oauthcc_clock_watch();

        ctx = oauthcc_request_context_create(r);
        if (ctx == NULL) {
            return NGX_ERROR;
        }

        ctx->conf = olcf;

        if (oauthcc_select_fixed(olcf->binding)) {
            ctx->provider = olcf->binding->provider;
            ctx->local = ctx->provider->runtime.local;
            oauthcc_local_hold(ctx->local);

        } else {
            rc = oauthcc_select_get(r, olcf->binding, ctx);

            if (rc == NGX_DECLINED) {
                return olcf->binding->optional
                       ? NGX_DECLINED : ngx_http_oauthcc_refuse(r, ctx);
            }

            if (rc != NGX_OK) {
                return rc;
            }
        }
    }

    if (ctx->local == NULL) {
        return NGX_DECLINED;
    }

    if (ctx->asked) {

        if (ctx->acquire.credential == NULL
            || !oauthcc_lifetime_reached(oauthcc_clock_msec(),
                                         ctx->acquire.credential->usable))
        {
            return NGX_DECLINED;
        }

        /* it ended while the body was read */

        oauthcc_acquire_end(&ctx->acquire);
        ctx->asked = 0;
    }

    return ngx_http_oauthcc_ask(r, olcf, ctx);
}


static ngx_int_t
ngx_http_oauthcc_ask(ngx_http_request_t *r, ngx_http_oauthcc_loc_conf_t *olcf,
    ngx_http_oauthcc_ctx_t *ctx)
{
    ngx_int_t  rc, gate;

    if (oauthcc_acquire_at_hand(ctx->local, &ctx->acquire)) {
        oauthcc_acquire_hit(ctx->local, &ctx->acquire);

        ctx->asked = 1;
        ctx->now = ngx_current_msec;
        return NGX_DECLINED;
    }

    if (ctx->acquire.waiter && ctx->acquire.waiter->queued) {

        /* an event of the client's, not the login's */

        return NGX_AGAIN;
    }

    gate = oauthcc_gate_find(r->content_handler);

    if (oauthcc_page_cache_defer(r, ctx, gate)) {
        ctx->asked = 1;
        return NGX_DECLINED;
    }

    if (ctx->late == OAUTHCC_PAGE_CACHE_REFUSE) {
        ctx->asked = 1;
        return ngx_http_oauthcc_refuse(r, ctx);
    }

    rc = oauthcc_acquire_get(ctx->local, &ctx->acquire, r->pool,
                             ngx_http_oauthcc_resume, ctx);

    switch (rc) {

    case NGX_OK:
        ctx->asked = 1;
        ctx->now = ngx_current_msec;
        return NGX_DECLINED;

    case NGX_AGAIN:
        return ngx_http_oauthcc_suspend(r, ctx);

    case NGX_DECLINED:
        ctx->asked = 1;

        if (olcf->binding->optional
            || oauthcc_page_cache_fail(r, ctx, gate))
        {
            return NGX_DECLINED;
        }

        return ngx_http_oauthcc_refuse(r, ctx);

    default: /* NGX_ERROR */
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
}


static ngx_int_t
ngx_http_oauthcc_suspend(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx)
{
    ngx_event_t         *rev;
    ngx_http_cleanup_t  *cln;

    if (!ctx->cleanup) {
        cln = ngx_http_cleanup_add(r, 0);
        if (cln == NULL) {
            ngx_http_oauthcc_leave(ctx);
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        cln->handler = ngx_http_oauthcc_leave;
        cln->data = ctx;

        ctx->cleanup = 1;
    }

    r->write_event_handler = ngx_http_request_empty_handler;

    if (r != r->main || r->post_action) {
        return NGX_AGAIN;
    }

    /* a client that leaves is noticed, unless it has its answer */

    rev = r->connection->read;

    if (rev->ready) {
        ngx_post_event(rev, &ngx_posted_events);

    } else if (ngx_handle_read_event(rev, 0) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->read_event_handler = ngx_http_test_reading;

    return NGX_AGAIN;
}


static void
ngx_http_oauthcc_resume(void *data)
{
    ngx_http_oauthcc_ctx_t *ctx = data;

    ngx_connection_t    *c;
    ngx_http_request_t  *r;

    r = ctx->request;
    c = r->connection;

    ngx_http_set_log_request(c->log, r);

    if (r == r->main) {
        r->read_event_handler = ngx_http_block_reading;
    }

    r->write_event_handler = ngx_http_core_run_phases;

    ngx_http_core_run_phases(r);

    ngx_http_run_posted_requests(c);
}


static ngx_int_t
ngx_http_oauthcc_refuse(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx)
{
    ngx_uint_t          status;
    oauthcc_acquire_t  *acquire;

    acquire = &ctx->acquire;
    status = acquire->failure->status;

    if (oauthcc_bearer_challenge_add(r, ctx, status) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (acquire->retry_after
        && oauthcc_retry_after_add(r, status, acquire->retry_after) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return status;
}


static void
ngx_http_oauthcc_leave(void *data)
{
    ngx_http_oauthcc_ctx_t *ctx = data;

    oauthcc_acquire_leave(&ctx->acquire);
}


static ngx_int_t
ngx_http_oauthcc_preconfiguration(ngx_conf_t *cf)
{
    if (oauthcc_variables_add(cf) != NGX_OK) {
        return NGX_ERROR;
    }

    if (oauthcc_upstream_tls_record(cf) != NGX_OK) {
        return NGX_ERROR;
    }

    return oauthcc_page_cache_key_record(cf);
}


static ngx_int_t
ngx_http_oauthcc_postconfiguration(ngx_conf_t *cf)
{
    ngx_array_t                   *handlers;
    ngx_http_handler_pt           *h;
    ngx_http_core_main_conf_t     *cmcf;
    ngx_http_oauthcc_main_conf_t  *omcf;

    omcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_oauthcc_module);

    if (oauthcc_variables_members(cf, omcf) != NGX_OK
        || oauthcc_provider_finish(cf, omcf) != NGX_OK
        || oauthcc_location_ready_find(cf, omcf) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (omcf->bindings.nelts == 0) {
        return NGX_OK;
    }

    oauthcc_conf_warn(cf, omcf);

    if (oauthcc_client_certificates_check(cf, omcf) != NGX_OK) {
        return NGX_ERROR;
    }

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    handlers = &cmcf->phases[NGX_HTTP_PRECONTENT_PHASE].handlers;

    if (ngx_array_push(handlers) == NULL) {
        return NGX_ERROR;
    }

    /* nginx runs them from the end: the first is the last, see mirror */

    h = handlers->elts;

    ngx_memmove(&h[1], &h[0],
                (handlers->nelts - 1) * sizeof(ngx_http_handler_pt));

    h[0] = ngx_http_oauthcc_handler;

    omcf->cycle = cf->cycle;
    omcf->init = ngx_http_oauthcc_init;

    oauthcc_retry_after_init();
    oauthcc_body_copy_init();

    return NGX_OK;
}


/*
 * Called when all of http{} is known.  The init_module handler would be called
 * then too, but what fails in it ends the master process: nginx exits.
 */

static ngx_int_t
ngx_http_oauthcc_init(ngx_cycle_t *cycle)
{
    ngx_int_t                      i;
    ngx_http_conf_ctx_t           *ctx;
    ngx_http_phase_handler_t      *ph;
    ngx_http_core_main_conf_t     *cmcf;
    ngx_http_oauthcc_main_conf_t  *omcf;

    ctx = (ngx_http_conf_ctx_t *) ngx_get_conf(cycle->conf_ctx,
                                               ngx_http_module);
    omcf = ctx->main_conf[ngx_http_oauthcc_module.ctx_index];
    cmcf = ctx->main_conf[ngx_http_core_module.ctx_index];

    ph = cmcf->phase_engine.handlers;

    for (i = 0; ph[i].handler != ngx_http_oauthcc_handler; i++) {
        if (ph[i].checker == NULL) {
            return NGX_ERROR;
        }
    }

    omcf->phase_handler = i;

    if (oauthcc_variable_values_init(cycle, omcf, &cmcf->variables)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ngx_test_config) {
        return NGX_OK;
    }

    return oauthcc_notify_init(cycle->log);
}


static ngx_int_t
ngx_http_oauthcc_init_process(ngx_cycle_t *cycle)
{
    ngx_http_oauthcc_main_conf_t  *omcf;

    omcf = ngx_http_oauthcc_worker_conf(cycle);

    if (omcf == NULL) {
        return NGX_OK;
    }

    oauthcc_local_stats_start(cycle, omcf->cache);

    return oauthcc_worker_start(cycle, &omcf->providers);
}


static void
ngx_http_oauthcc_exit_process(ngx_cycle_t *cycle)
{
    ngx_http_oauthcc_main_conf_t  *omcf;

    omcf = ngx_http_oauthcc_worker_conf(cycle);

    if (omcf) {
        while (oauthcc_local_stats_fold()) { /* void */ }

        oauthcc_worker_stop(&omcf->providers);
    }
}


/* NULL: this process serves no request of ours. */

static ngx_http_oauthcc_main_conf_t *
ngx_http_oauthcc_worker_conf(ngx_cycle_t *cycle)
{
    ngx_http_oauthcc_main_conf_t  *omcf;

    if (ngx_process != NGX_PROCESS_WORKER
        && ngx_process != NGX_PROCESS_SINGLE)
    {
        return NULL;
    }

    omcf = ngx_http_cycle_get_module_main_conf(cycle,
                                               ngx_http_oauthcc_module);

    return omcf && omcf->bindings.nelts ? omcf : NULL;
}
