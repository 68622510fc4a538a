
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "conf/oauthcc_location_ready.h"
#include "core/oauthcc_redact_url.h"
#include "status/oauthcc_ready.h"
#include "upstream/oauthcc_context.h"


/* a directive, until all providers are known */

typedef struct {
    ngx_str_t                    *names;
    ngx_uint_t                    nnames;
    ngx_http_oauthcc_loc_conf_t  *conf;
    ngx_str_t                     file;
    ngx_uint_t                    line;
} oauthcc_location_ready_t;


extern ngx_module_t  ngx_http_oauthcc_module;


static ngx_int_t oauthcc_location_ready_handler(ngx_http_request_t *r);
static ngx_int_t oauthcc_location_ready_names(ngx_conf_t *cf,
    ngx_http_oauthcc_main_conf_t *omcf, oauthcc_location_ready_t *ready);
static ngx_int_t oauthcc_location_ready_warm(ngx_conf_t *cf,
    ngx_http_oauthcc_main_conf_t *omcf, oauthcc_location_ready_t *ready);
static ngx_int_t oauthcc_location_ready_add(ngx_array_t *providers,
    oauthcc_provider_t *provider);


char *
oauthcc_location_ready(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_oauthcc_loc_conf_t *olcf = conf;

    ngx_str_t                     *value;
    ngx_http_core_loc_conf_t      *clcf;
    oauthcc_location_ready_t      *ready;
    ngx_http_oauthcc_main_conf_t  *omcf;

    if (olcf->ready) {
        return "is duplicate";
    }

    olcf->ready = ngx_array_create(cf->pool, 4, sizeof(oauthcc_provider_t *));
    if (olcf->ready == NULL) {
        return NGX_CONF_ERROR;
    }

    omcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_oauthcc_module);

    if (omcf->readies.elts == NULL
        && ngx_array_init(&omcf->readies, cf->pool, 1,
                          sizeof(oauthcc_location_ready_t))
           != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    ready = ngx_array_push(&omcf->readies);
    if (ready == NULL) {
        return NGX_CONF_ERROR;
    }

    value = cf->args->elts;

    ready->nnames = cf->args->nelts - 1;
    ready->names = ngx_palloc(cf->pool, ready->nnames * sizeof(ngx_str_t) + 1);
    if (ready->names == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memcpy(ready->names, &value[1], ready->nnames * sizeof(ngx_str_t));

    ready->conf = olcf;
    ready->file = cf->conf_file->file.name;
    ready->line = cf->conf_file->line;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = oauthcc_location_ready_handler;

    return NGX_CONF_OK;
}


ngx_int_t
oauthcc_location_ready_find(ngx_conf_t *cf, ngx_http_oauthcc_main_conf_t *omcf)
{
    ngx_int_t                  rc;
    ngx_uint_t                 i;
    oauthcc_location_ready_t  *ready;

    ready = omcf->readies.elts;

    for (i = 0; i < omcf->readies.nelts; i++) {

        rc = ready[i].nnames
             ? oauthcc_location_ready_names(cf, omcf, &ready[i])
             : oauthcc_location_ready_warm(cf, omcf, &ready[i]);

        if (rc != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
oauthcc_location_ready_handler(ngx_http_request_t *r)
{
    ngx_http_oauthcc_loc_conf_t  *olcf;

    olcf = ngx_http_get_module_loc_conf(r, ngx_http_oauthcc_module);

    return oauthcc_ready_answer(r, olcf->ready);
}


static ngx_int_t
oauthcc_location_ready_names(ngx_conf_t *cf,
    ngx_http_oauthcc_main_conf_t *omcf, oauthcc_location_ready_t *ready)
{
    ngx_uint_t           i;
    oauthcc_provider_t  *provider;

    for (i = 0; i < ready->nnames; i++) {
        provider = oauthcc_main_conf_provider(omcf, &ready->names[i]);

        if (provider == NULL) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "unknown oauthcc provider \"%V\" of "
                          "\"oauthcc_ready\" in %V:%ui",
                          oauthcc_redact_url_text(cf->pool, &ready->names[i]),
                          &ready->file, ready->line);
            return NGX_ERROR;
        }

        if (oauthcc_location_ready_add(ready->conf->ready, provider)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* Those that are to have a token before anybody asks for it. */

static ngx_int_t
oauthcc_location_ready_warm(ngx_conf_t *cf,
    ngx_http_oauthcc_main_conf_t *omcf, oauthcc_location_ready_t *ready)
{
    ngx_uint_t            i;
    oauthcc_provider_t  **provider;

    provider = omcf->providers.elts;

    for (i = 0; i < omcf->providers.nelts; i++) {

        if (provider[i]->lifetime.keep_warm
            && oauthcc_location_ready_add(ready->conf->ready, provider[i])
               != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    if (ready->conf->ready->nelts == 0) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"oauthcc_ready\" in %V:%ui names no provider, and "
                      "none has \"keep_warm\"", &ready->file, ready->line);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
oauthcc_location_ready_add(ngx_array_t *providers,
    oauthcc_provider_t *provider)
{
    oauthcc_provider_t  **p;

    p = ngx_array_push(providers);
    if (p == NULL) {
        return NGX_ERROR;
    }

    *p = provider;

    return NGX_OK;
}
