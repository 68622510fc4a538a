
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "token/oauthcc_worker.h"
#include "conf/oauthcc_client_certificates.h"
#include "conf/oauthcc_page_cache_key.h"
#include "conf/oauthcc_conf.h"
#include "token/oauthcc_local_stats.h"
#include "upstream/oauthcc_body_copy.h"
#include "conf/oauthcc_provider.h"
#include "conf/oauthcc_provider_dpop.h"
#include "conf/oauthcc_store_block.h"
#include "upstream/oauthcc_variable_values.h"
#include "upstream/oauthcc_retry_after.h"
#include "conf/oauthcc_location.h"
#include "conf/oauthcc_location_ready.h"
#include "conf/oauthcc_location_replay.h"
#include "upstream/oauthcc_variables.h"
#include "conf/oauthcc_upstream_tls.h"
#include "core/oauthcc_notify.h"


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
      oauthcc_provider_dpop_uri,
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
    ngx_http_conf_ctx_t           *ctx;
    ngx_http_core_main_conf_t     *cmcf;
    ngx_http_oauthcc_main_conf_t  *omcf;

    ctx = (ngx_http_conf_ctx_t *) ngx_get_conf(cycle->conf_ctx,
                                               ngx_http_module);
    omcf = ctx->main_conf[ngx_http_oauthcc_module.ctx_index];
    cmcf = ctx->main_conf[ngx_http_core_module.ctx_index];

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
