
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "conf/oauthcc_conf.h"
#include "core/oauthcc_text.h"
#include "cache/oauthcc_cache.h"
#include "conf/oauthcc_client_certificates.h"
#include "conf/oauthcc_page_cache_key.h"
#include "core/oauthcc_provider_find.h"
#include "upstream/oauthcc_gate.h"
#include "core/oauthcc_redact_url.h"
#include "conf/oauthcc_nginx_directive.h"
#include "upstream/oauthcc_placement.h"
#include "conf/oauthcc_location_key.h"
#include "conf/oauthcc_upstream_modules.h"
#include "cache/oauthcc_slab_chunks.h"
#include "cache/oauthcc_stats.h"


#define OAUTHCC_CONF_ZONE  (1024 * 1024)


#define oauthcc_conf_gate(upstream)                                           \
    oauthcc_gates[(upstream) - oauthcc_conf_upstreams]


extern ngx_module_t  ngx_http_oauthcc_module;


/*
 * A module that passes requests to an upstream with their headers: its
 * directives, and the content handler that the first of them installs, which
 * is found out by calling it.
 */

typedef struct {
    char                *pass;
    char                *set_header;
    char                *pass_headers;
    ngx_module_t        *module;
    ngx_http_handler_pt  handler;
    ngx_uint_t           set_header_offset;
    ngx_uint_t           pass_headers_offset;
} oauthcc_conf_upstream_t;


static ngx_int_t oauthcc_conf_learn(ngx_conf_t *cf,
    oauthcc_conf_upstream_t *upstream);
static oauthcc_conf_upstream_t *oauthcc_conf_upstream(
    ngx_http_handler_pt handler);
static void oauthcc_conf_warn(ngx_conf_t *cf,
    ngx_http_oauthcc_loc_conf_t *olcf, oauthcc_conf_upstream_t *upstream);
static ngx_uint_t oauthcc_conf_ours(ngx_http_oauthcc_loc_conf_t *olcf,
    ngx_str_t *name);
static ngx_int_t oauthcc_conf_add_zone(ngx_conf_t *cf,
    ngx_http_oauthcc_main_conf_t *omcf);
static ngx_int_t oauthcc_conf_init_zone(ngx_shm_zone_t *shm_zone, void *data);


/* in the order of gates; the first is proxy: its request has a line of text */

static oauthcc_conf_upstream_t  oauthcc_conf_upstreams[] = {
    { "proxy_pass", "proxy_set_header", "proxy_pass_request_headers",
      NULL, NULL, 0, 0 },
    { "grpc_pass", "grpc_set_header", NULL, NULL, NULL, 0, 0 },
    { "fastcgi_pass", NULL, "fastcgi_pass_request_headers",
      NULL, NULL, 0, 0 },
    { "uwsgi_pass", NULL, "uwsgi_pass_request_headers", NULL, NULL, 0, 0 },
    { "scgi_pass", NULL, "scgi_pass_request_headers", NULL, NULL, 0, 0 },
    { NULL, NULL, NULL, NULL, NULL, 0, 0 }
};


/* what "oauthcc_replay" is by default */

static ngx_uint_t   oauthcc_conf_statuses[] = {
    NGX_HTTP_UNAUTHORIZED
};

static ngx_array_t  oauthcc_conf_unauthorized = {
    oauthcc_conf_statuses, 1, sizeof(ngx_uint_t), 1, NULL
};


void *
oauthcc_conf_create_main(ngx_conf_t *cf)
{
    ngx_http_oauthcc_main_conf_t  *omcf;

    omcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_oauthcc_main_conf_t));
    if (omcf == NULL) {
        return NULL;
    }

    /*
     * set by ngx_pcalloc():
     *
     *     omcf->cache = NULL;
     *     omcf->zone_size = 0;
     *     omcf->phase_handler = 0;
     *     omcf->passing = { NULL };
     *     omcf->shown = { NULL };
     *     omcf->arguments = { NULL };
     *     omcf->derived = { NULL };
     *     omcf->locations = { NULL };
     *     omcf->merged = 0;
     *     omcf->recall = 0;
     */

    if (ngx_array_init(&omcf->providers, cf->pool, 4,
                       sizeof(oauthcc_provider_t *))
        != NGX_OK)
    {
        return NULL;
    }

    if (ngx_array_init(&omcf->uses, cf->pool, 4, sizeof(oauthcc_binding_t *))
        != NGX_OK)
    {
        return NULL;
    }

    if (ngx_array_init(&omcf->placed, cf->pool, 4, sizeof(ngx_str_t))
        != NGX_OK)
    {
        return NULL;
    }

    ngx_rbtree_init(&omcf->names, &omcf->sentinel,
                    ngx_str_rbtree_insert_value);

    return omcf;
}


char *
oauthcc_conf_init_main(ngx_conf_t *cf, void *conf)
{
    ngx_http_oauthcc_main_conf_t *omcf = conf;

    ngx_uint_t                i;
    oauthcc_binding_t       **use;
    oauthcc_conf_upstream_t  *upstream;

    oauthcc_page_cache_key_end(NULL);

    use = omcf->uses.elts;

    for (i = 0; i < omcf->uses.nelts; i++) {

        if (use[i]->variable) {
            continue;
        }

        use[i]->provider = oauthcc_provider_find(omcf,
                                                 &use[i]->name);
        if (use[i]->provider == NULL) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "unknown oauthcc provider \"%V\", "
                          "there is no oauthcc_provider block of this name "
                          "in %V:%ui",
                          oauthcc_redact_url_text(cf->pool, &use[i]->name),
                          &use[i]->file, use[i]->line);
            return NGX_CONF_ERROR;
        }
    }

    if (omcf->providers.nelts
        && oauthcc_conf_add_zone(cf, omcf) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (omcf->providers.nelts == 0 && omcf->uses.nelts == 0) {
        return NGX_CONF_OK;
    }

    for (upstream = oauthcc_conf_upstreams; upstream->pass; upstream++)
    {
        if (oauthcc_conf_learn(cf, upstream) != NGX_OK) {
            return NGX_CONF_ERROR;
        }

        i = upstream - oauthcc_conf_upstreams;
        oauthcc_upstream_modules_learn(cf, omcf, i, upstream->handler);
    }

    return NGX_CONF_OK;
}


void *
oauthcc_conf_create_loc(ngx_conf_t *cf)
{
    ngx_http_oauthcc_loc_conf_t  *olcf;

    olcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_oauthcc_loc_conf_t));
    if (olcf == NULL) {
        return NULL;
    }

    /*
     * set by ngx_pcalloc():
     *
     *     olcf->gate = NULL;
     *     olcf->handler = NULL;
     *     olcf->family = NULL;
     *     olcf->next = NULL;
     *     olcf->used = 0;
     *     olcf->control = 0;
     *     olcf->keys = { 0, NULL };
     *     olcf->token_keys = 0;
     */

    olcf->use = NGX_CONF_UNSET_PTR;
    olcf->replay = NGX_CONF_UNSET_PTR;
    olcf->placements = NGX_CONF_UNSET_PTR;

    return olcf;
}


char *
oauthcc_conf_merge_loc(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_oauthcc_loc_conf_t *prev = parent;
    ngx_http_oauthcc_loc_conf_t *conf = child;

    ngx_http_handler_pt        gate;
    ngx_http_core_loc_conf_t  *clcf;
    oauthcc_conf_upstream_t   *upstream;

    if (oauthcc_client_certificates_note(cf) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    conf->location = oauthcc_location_key(cf, prev->location);

    ngx_conf_merge_ptr_value(conf->use, prev->use, NULL);
    ngx_conf_merge_ptr_value(conf->replay, prev->replay,
                             &oauthcc_conf_unauthorized);
    ngx_conf_merge_ptr_value(conf->placements, prev->placements, NULL);

    if (conf->placements
        && oauthcc_placement_absent(cf->pool, conf->placements) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (clcf->noname) {
        conf->control = prev->control;
    }

    upstream = oauthcc_conf_upstream(clcf->handler);

    gate = upstream ? oauthcc_conf_gate(upstream) : NULL;

    oauthcc_upstream_modules_join(clcf, gate, prev, conf);
    oauthcc_page_cache_key_merge(prev, conf);

    upstream = oauthcc_conf_upstream(conf->gate);

    if (conf->use && upstream) {
        oauthcc_conf_warn(cf, conf, upstream);
        oauthcc_page_cache_key_warn(cf, prev, conf,
                                    upstream - oauthcc_conf_upstreams);
    }

    return NGX_CONF_OK;
}


char *
oauthcc_conf_zone(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_oauthcc_main_conf_t *omcf = conf;

    ssize_t     size;
    ngx_str_t  *value;

    if (omcf->zone_size) {
        return "is duplicate";
    }

    value = cf->args->elts;

    size = ngx_parse_size(&value[1]);

    if (size == NGX_ERROR
        || (uint64_t) size > OAUTHCC_SLAB_CHUNKS_POOL)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid size \"%V\" in \"oauthcc_zone\"",
                           oauthcc_redact_url_text(cf->pool,
                                                   &value[1]));
        return NGX_CONF_ERROR;
    }

    if (size < (ssize_t) (8 * ngx_pagesize)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"oauthcc_zone\" of %V is too small, "
                           "it needs at least %uzk",
                           &value[1], 8 * ngx_pagesize / 1024);
        return NGX_CONF_ERROR;
    }

    omcf->zone_size = size;

    return NGX_CONF_OK;
}


/*
 * The content handlers of other modules are static functions.  Their *_pass
 * directives are called once, with a variable, on a configuration that
 * nobody uses, which leaves nothing behind but the handler.
 */

static ngx_int_t
oauthcc_conf_learn(ngx_conf_t *cf, oauthcc_conf_upstream_t *upstream)
{
    ngx_int_t                  rc;
    ngx_str_t                 *value;
    ngx_conf_t                 save;
    ngx_array_t               *args;
    ngx_module_t              *module;
    ngx_command_t             *cmd, *other;
    ngx_http_module_t         *core, *passing;
    ngx_http_conf_ctx_t       *ctx, *http_ctx;
    ngx_http_core_loc_conf_t  *clcf;

    upstream->handler = NULL;

    cmd = oauthcc_nginx_directive_find(cf, upstream->pass, &module);
    if (cmd == NULL) {
        return NGX_OK;
    }

    upstream->module = module;
    upstream->set_header_offset = 0;
    upstream->pass_headers_offset = 0;

    if (upstream->set_header) {
        other = oauthcc_nginx_directive_find(cf, upstream->set_header,
                                             &module);
        upstream->set_header_offset = other ? other->offset : 0;
    }

    if (upstream->pass_headers) {
        other = oauthcc_nginx_directive_find(cf, upstream->pass_headers,
                                             &module);
        upstream->pass_headers_offset = other ? other->offset : 0;
    }

    http_ctx = cf->ctx;

    ctx = ngx_pcalloc(cf->pool, sizeof(ngx_http_conf_ctx_t));
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    ctx->main_conf = http_ctx->main_conf;
    ctx->srv_conf = http_ctx->srv_conf;

    ctx->loc_conf = ngx_pcalloc(cf->pool,
                                sizeof(void *) * ngx_http_max_module);
    if (ctx->loc_conf == NULL) {
        return NGX_ERROR;
    }

    core = ngx_http_core_module.ctx;
    passing = module->ctx;

    clcf = core->create_loc_conf(cf);
    if (clcf == NULL) {
        return NGX_ERROR;
    }

    ctx->loc_conf[ngx_http_core_module.ctx_index] = clcf;

    ctx->loc_conf[module->ctx_index] = passing->create_loc_conf(cf);
    if (ctx->loc_conf[module->ctx_index] == NULL) {
        return NGX_ERROR;
    }

    args = ngx_array_create(cf->pool, 2, sizeof(ngx_str_t));
    if (args == NULL) {
        return NGX_ERROR;
    }

    value = ngx_array_push_n(args, 2);
    if (value == NULL) {
        return NGX_ERROR;
    }

    value[0] = cmd->name;
    ngx_str_set(&value[1], "$oauthcc_token_endpoint");

    save = *cf;

    cf->ctx = ctx;
    cf->args = args;

    rc = (cmd->set(cf, cmd, ctx->loc_conf[module->ctx_index]) == NGX_CONF_OK)
         ? NGX_OK : NGX_ERROR;

    *cf = save;

    upstream->handler = clcf->handler;

    return rc;
}


static oauthcc_conf_upstream_t *
oauthcc_conf_upstream(ngx_http_handler_pt handler)
{
    oauthcc_conf_upstream_t  *upstream;

    if (handler == NULL) {
        return NULL;
    }

    for (upstream = oauthcc_conf_upstreams; upstream->pass; upstream++)
    {
        if (upstream->handler == handler
            || oauthcc_conf_gate(upstream) == handler)
        {
            return upstream;
        }
    }

    return NULL;
}


/* What wins over us should be known to who wrote it. */

static void
oauthcc_conf_warn(ngx_conf_t *cf, ngx_http_oauthcc_loc_conf_t *olcf,
    oauthcc_conf_upstream_t *upstream)
{
    u_char               *conf;
    ngx_flag_t            flag;
    ngx_uint_t            i;
    ngx_array_t          *headers;
    ngx_keyval_t         *kv;
    ngx_http_conf_ctx_t  *ctx;
    oauthcc_binding_t    *use;

    use = olcf->use;
    ctx = cf->ctx;
    conf = ctx->loc_conf[upstream->module->ctx_index];

    if (upstream->pass_headers_offset) {
        flag = *(ngx_flag_t *) (conf + upstream->pass_headers_offset);

        if (flag == 0) {
            ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                          "\"%s off\" leaves out the header of the "
                          "\"oauthcc\" directive in %V:%ui",
                          upstream->pass_headers, &use->file, use->line);
        }
    }

    if (upstream->set_header_offset == 0) {
        return;
    }

    headers = *(ngx_array_t **) (conf + upstream->set_header_offset);

    if (headers == NULL || headers == NGX_CONF_UNSET_PTR) {
        return;
    }

    kv = headers->elts;

    for (i = 0; i < headers->nelts; i++) {

        if (oauthcc_conf_ours(olcf, &kv[i].key)) {
            ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                          "\"%s %V\" wins over the header of the "
                          "\"oauthcc\" directive in %V:%ui",
                          upstream->set_header, &kv[i].key, &use->file,
                          use->line);
        }
    }
}


/* Whether the credential of a location has a header of this name. */

static ngx_uint_t
oauthcc_conf_ours(ngx_http_oauthcc_loc_conf_t *olcf, ngx_str_t *name)
{
    ngx_uint_t         i;
    oauthcc_fields_t  *items;

    if (olcf->placements) {
        items = &olcf->placements->absent;

    } else if (olcf->use->provider) {
        items = &olcf->use->provider->absent;

    } else {
        return oauthcc_text_iis(name, "Authorization");
    }

    for (i = 0; i < items->nheaders; i++) {
        if (oauthcc_text_ieq(&items->headers[i].key, name)) {
            return 1;
        }
    }

    return 0;
}


static ngx_int_t
oauthcc_conf_add_zone(ngx_conf_t *cf, ngx_http_oauthcc_main_conf_t *omcf)
{
    ngx_str_t             name;
    ngx_uint_t            i;
    ngx_shm_zone_t       *shm_zone;
    oauthcc_provider_t  **provider;

    if (omcf->zone_size == 0) {
        omcf->zone_size = OAUTHCC_CONF_ZONE;
    }

    ngx_str_set(&name, "oauthcc");

    shm_zone = ngx_shared_memory_add(cf, &name, omcf->zone_size,
                                     &ngx_http_oauthcc_module);
    if (shm_zone == NULL) {
        return NGX_ERROR;
    }

    omcf->cache = ngx_pcalloc(cf->pool, sizeof(oauthcc_cache_t));
    if (omcf->cache == NULL) {
        return NGX_ERROR;
    }

    shm_zone->init = oauthcc_conf_init_zone;
    shm_zone->data = omcf;

    provider = omcf->providers.elts;

    for (i = 0; i < omcf->providers.nelts; i++) {
        provider[i]->cache = omcf->cache;
    }

    return NGX_OK;
}


static ngx_int_t
oauthcc_conf_init_zone(ngx_shm_zone_t *shm_zone, void *data)
{
    ngx_http_oauthcc_main_conf_t *omcf = shm_zone->data;

    ngx_uint_t            i;
    oauthcc_provider_t  **provider;

    if (oauthcc_cache_init(omcf->cache, shm_zone) != NGX_OK) {
        return NGX_ERROR;
    }

    provider = omcf->providers.elts;

    for (i = 0; i < omcf->providers.nelts; i++) {

        provider[i]->tally = oauthcc_stats_get(omcf->cache,
                                               &provider[i]->name);
        if (provider[i]->tally == NULL) {
            ngx_log_error(NGX_LOG_EMERG, shm_zone->shm.log, 0,
                          "oauthcc zone \"%V\" has no room for the counters "
                          "of %ui providers: increase \"oauthcc_zone\"",
                          &shm_zone->shm.name, omcf->providers.nelts);
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}
