
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "conf/oauthcc_assertion_use.h"
#include "conf/oauthcc_conf.h"
#include "cache/oauthcc_lock.h"
#include "conf/oauthcc_client_certificates.h"
#include "conf/oauthcc_grant_parameters.h"
#include "conf/oauthcc_page_cache_key.h"
#include "conf/oauthcc_provider_dpop.h"
#include "core/oauthcc_provider_conf.h"
#include "upstream/oauthcc_gate.h"
#include "core/oauthcc_redact_url.h"
#include "upstream/oauthcc_placement.h"
#include "conf/oauthcc_location_key.h"
#include "conf/oauthcc_location_replay.h"
#include "token/oauthcc_local.h"
#include "conf/oauthcc_subject_use.h"
#include "conf/oauthcc_upstream_modules.h"
#include "conf/oauthcc_upstream_tls.h"
#include "cache/oauthcc_stats.h"


#define OAUTHCC_CONF_ZONE  (1024 * 1024)


extern ngx_module_t  ngx_http_oauthcc_module;


static ngx_int_t oauthcc_conf_add_zone(ngx_conf_t *cf,
    ngx_http_oauthcc_main_conf_t *omcf);
static ngx_int_t oauthcc_conf_init_zone(ngx_shm_zone_t *shm_zone, void *data);


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
     *     omcf->readies = { NULL };
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

    if (ngx_array_init(&omcf->bindings, cf->pool, 4,
                       sizeof(oauthcc_binding_t *))
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

    ngx_str_t           *useless;
    ngx_uint_t           i;
    oauthcc_binding_t  **binding;

    oauthcc_page_cache_key_end(NULL);
    oauthcc_upstream_tls_end(NULL);

    binding = omcf->bindings.elts;

    for (i = 0; i < omcf->bindings.nelts; i++) {

        if (binding[i]->variable) {
            continue;
        }

        binding[i]->provider = oauthcc_main_conf_provider(omcf,
                                                 &binding[i]->name);
        if (binding[i]->provider == NULL) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "unknown oauthcc provider \"%V\", "
                          "there is no oauthcc_provider block of this name "
                          "in %V:%ui",
                          oauthcc_redact_url_text(cf->pool, &binding[i]->name),
                          &binding[i]->file, binding[i]->line);
            return NGX_CONF_ERROR;
        }

        binding[i]->fixed = (binding[i]->subject == NULL
                             && oauthcc_local_fixed(binding[i]->provider,
                                                    binding[i]->parameters));

        useless = oauthcc_assertion_use_useless(binding[i]->provider,
                                                binding[i]->parameters);
        if (useless) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "parameter \"%V\" of the \"oauthcc\" directive has "
                          "no effect: oauthcc provider \"%V\" makes its "
                          "tokens itself, in %V:%ui", useless,
                          &binding[i]->provider->name, &binding[i]->file,
                          binding[i]->line);
            return NGX_CONF_ERROR;
        }
    }

    if (oauthcc_subject_use_check(cf, omcf) != NGX_OK
        || oauthcc_grant_parameters_check(cf, omcf) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    if ((omcf->providers.nelts || omcf->bindings.nelts)
        && oauthcc_conf_add_zone(cf, omcf) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (omcf->providers.nelts == 0 && omcf->bindings.nelts == 0) {
        return NGX_CONF_OK;
    }

    if (oauthcc_upstream_modules_learn(cf, omcf) != NGX_OK) {
        return NGX_CONF_ERROR;
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
     *     olcf->dpop_uri = NULL;
     *     olcf->ready = NULL;
     *     olcf->pass = { 0, NULL };
     *     olcf->pass_file = { 0, NULL };
     *     olcf->pass_line = 0;
     *     olcf->gate = NULL;
     *     olcf->handler = NULL;
     *     olcf->family = NULL;
     *     olcf->next = NULL;
     *     olcf->used = 0;
     *     olcf->keys = { 0, NULL };
     *     olcf->token_keys = 0;
     */

    olcf->binding = NGX_CONF_UNSET_PTR;
    olcf->replay = NGX_CONF_UNSET_PTR;
    olcf->placements = NGX_CONF_UNSET_PTR;
    olcf->insecure = NGX_CONF_UNSET_UINT;

    return olcf;
}


char *
oauthcc_conf_merge_loc(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_oauthcc_loc_conf_t *prev = parent;
    ngx_http_oauthcc_loc_conf_t *conf = child;

    ngx_int_t                  n;
    ngx_http_handler_pt        gate;
    ngx_http_core_loc_conf_t  *clcf;

    if (oauthcc_client_certificates_note(cf) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    conf->location = oauthcc_location_key(cf, prev->location);

    ngx_conf_merge_ptr_value(conf->binding, prev->binding, NULL);
    ngx_conf_merge_ptr_value(conf->replay, prev->replay,
                             &oauthcc_location_replay_default);
    ngx_conf_merge_ptr_value(conf->placements, prev->placements, NULL);

    if (conf->dpop_uri == NULL) {
        conf->dpop_uri = prev->dpop_uri;
    }
    ngx_conf_merge_uint_value(conf->insecure, prev->insecure,
                              OAUTHCC_UPSTREAM_TLS_WARN);

    if (conf->placements
        && oauthcc_placement_absent(cf->pool, conf->placements) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    n = oauthcc_upstream_modules_find(clcf->handler);

    gate = (n == NGX_DECLINED) ? NULL : oauthcc_gates[n];

    oauthcc_upstream_modules_join(clcf, gate, prev, conf);
    oauthcc_page_cache_key_merge(prev, conf);

    n = oauthcc_upstream_modules_find(conf->gate);

    if (conf->binding && n != NGX_DECLINED) {
        conf->binding->passes = 1;

        if (conf->pass.len == 0 && prev->binding == NULL) {

            /* a block in a location that has none */

            conf->pass = prev->pass;
            conf->pass_file = prev->pass_file;
            conf->pass_line = prev->pass_line;
        }

        if (oauthcc_upstream_tls_check(cf, conf, n) != NGX_OK
            || oauthcc_provider_dpop_location(cf, conf, n) != NGX_OK)
        {
            return NGX_CONF_ERROR;
        }

        oauthcc_upstream_modules_warn(cf, conf, n);

        if (oauthcc_page_cache_key_check(cf, prev, conf, n) != NGX_OK) {
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


void
oauthcc_conf_warn(ngx_conf_t *cf, ngx_http_oauthcc_main_conf_t *omcf)
{
    ngx_uint_t           i;
    oauthcc_binding_t  **binding;

    binding = omcf->bindings.elts;

    for (i = 0; i < omcf->bindings.nelts; i++) {

        if (!binding[i]->passes) {
            ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                          "the \"oauthcc\" directive in %V:%ui has no effect: "
                          "no location that has it has \"proxy_pass\", "
                          "\"grpc_pass\", \"fastcgi_pass\", \"uwsgi_pass\" or "
                          "\"scgi_pass\"",
                          &binding[i]->file, binding[i]->line);
        }
    }
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
        || (uint64_t) size > OAUTHCC_ZONE_MAX)
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
        provider[i]->runtime.cache = omcf->cache;
    }

    return NGX_OK;
}


static ngx_int_t
oauthcc_conf_init_zone(ngx_shm_zone_t *shm_zone, void *data)
{
    ngx_http_oauthcc_main_conf_t *omcf = shm_zone->data;

    ngx_uint_t            i;
    oauthcc_provider_t  **provider;

    if (oauthcc_lock_init(omcf->cache, shm_zone) != NGX_OK) {
        return NGX_ERROR;
    }

    provider = omcf->providers.elts;

    for (i = 0; i < omcf->providers.nelts; i++) {

        provider[i]->runtime.stats = oauthcc_stats_get(omcf->cache,
                                               &provider[i]->name);
        if (provider[i]->runtime.stats == NULL) {
            ngx_log_error(NGX_LOG_EMERG, shm_zone->shm.log, 0,
                          "oauthcc zone \"%V\" has no room for the counters "
                          "of %ui providers: increase \"oauthcc_zone\"",
                          &shm_zone->shm.name, omcf->providers.nelts);
            return NGX_ERROR;
        }
    }

    return omcf->init ? omcf->init(omcf->cycle) : NGX_OK;
}
