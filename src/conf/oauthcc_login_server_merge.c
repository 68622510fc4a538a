
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "conf/oauthcc_login_server_merge.h"
#include "core/oauthcc_provider_conf.h"
#include "conf/oauthcc_block.h"
#include "conf/oauthcc_nginx_directive.h"


/*
 * nginx would merge a hidden server with http{}, whose directives of all
 * modules are meant for others: parts of a server's TLS, buffers that each
 * server{} completes, filters.  So it is not in nginx's list of servers, and
 * is merged here with an http{} that is almost empty.
 */


static ngx_http_conf_ctx_t *oauthcc_login_server_merge_parent(ngx_conf_t *cf);
static char *oauthcc_login_server_merge_server(ngx_conf_t *cf,
    ngx_http_conf_ctx_t *parent, ngx_http_conf_ctx_t *server);
static void oauthcc_login_server_merge_parts(ngx_conf_t *cf,
    oauthcc_provider_t *provider);
static ngx_int_t oauthcc_login_server_merge_nowhere(ngx_conf_t *cf,
    ngx_http_conf_ctx_t *parent);


/* of a login: so that another address or name server has its turn */
#define OAUTHCC_LOGIN_SERVER_MERGE_PARTS  4


static char  *oauthcc_login_server_merge_timeouts[] = {
    "proxy_connect_timeout",
    "proxy_send_timeout",
    "proxy_read_timeout",
    NULL
};


ngx_http_conf_ctx_t *
oauthcc_login_server_merge_create(ngx_conf_t *cf)
{
    void                 *conf;
    ngx_uint_t            i, index;
    ngx_http_module_t    *module;
    ngx_http_conf_ctx_t  *ctx, *http_ctx;

    ctx = ngx_pcalloc(cf->pool, sizeof(ngx_http_conf_ctx_t));
    if (ctx == NULL) {
        return NULL;
    }

    http_ctx = cf->ctx;
    ctx->main_conf = http_ctx->main_conf;

    ctx->srv_conf = ngx_pcalloc(cf->pool,
                                sizeof(void *) * ngx_http_max_module);
    if (ctx->srv_conf == NULL) {
        return NULL;
    }

    ctx->loc_conf = ngx_pcalloc(cf->pool,
                                sizeof(void *) * ngx_http_max_module);
    if (ctx->loc_conf == NULL) {
        return NULL;
    }

    for (i = 0; cf->cycle->modules[i]; i++) {

        if (cf->cycle->modules[i]->type != NGX_HTTP_MODULE) {
            continue;
        }

        module = cf->cycle->modules[i]->ctx;
        index = cf->cycle->modules[i]->ctx_index;

        if (module->create_srv_conf) {
            conf = module->create_srv_conf(cf);
            if (conf == NULL) {
                return NULL;
            }

            ctx->srv_conf[index] = conf;
        }

        if (module->create_loc_conf) {
            conf = module->create_loc_conf(cf);
            if (conf == NULL) {
                return NULL;
            }

            ctx->loc_conf[index] = conf;
        }
    }

    return ctx;
}


ngx_int_t
oauthcc_login_server_merge_servers(ngx_conf_t *cf, ngx_array_t *providers)
{
    char                 *rv;
    ngx_uint_t            i;
    ngx_conf_t            save;
    ngx_http_conf_ctx_t  *parent;
    oauthcc_provider_t  **provider;

    parent = oauthcc_login_server_merge_parent(cf);
    if (parent == NULL) {
        return NGX_ERROR;
    }

    save = *cf;
    rv = NGX_CONF_OK;
    provider = providers->elts;

    for (i = 0; rv == NGX_CONF_OK && i < providers->nelts; i++) {

        cf->log = provider[i]->log;
        cf->ctx = provider[i]->endpoint.ctx;

        rv = oauthcc_login_server_merge_server(cf, parent,
                                               provider[i]->endpoint.ctx);

        if (rv == NGX_CONF_OK) {
            oauthcc_login_server_merge_parts(cf, provider[i]);
        }

        /* most modules log an error, others return it */

        if (rv != NGX_CONF_OK && rv != NGX_CONF_ERROR) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "the block that begins in %V:%ui %s",
                          &provider[i]->file, provider[i]->line, rv);
        }
    }

    *cf = save;

    return (rv == NGX_CONF_OK) ? NGX_OK : NGX_ERROR;
}


/* The http{} of the hidden servers. */

static ngx_http_conf_ctx_t *
oauthcc_login_server_merge_parent(ngx_conf_t *cf)
{
    char                     **name;
    ngx_msec_t                *timeout, *inherited;
    ngx_http_conf_ctx_t       *parent, *http_ctx;
    ngx_http_core_loc_conf_t  *clcf, *http_clcf;

    parent = oauthcc_login_server_merge_create(cf);
    if (parent == NULL) {
        return NULL;
    }

    http_ctx = cf->ctx;

    clcf = parent->loc_conf[ngx_http_core_module.ctx_index];
    http_clcf = http_ctx->loc_conf[ngx_http_core_module.ctx_index];

    clcf->error_log = http_clcf->error_log;
    clcf->resolver = http_clcf->resolver;
    clcf->resolver_timeout = http_clcf->resolver_timeout;

    for (name = oauthcc_login_server_merge_timeouts; *name; name++) {

        timeout = oauthcc_nginx_directive_value(cf, *name, http_ctx->loc_conf);
        inherited = oauthcc_nginx_directive_value(cf, *name, parent->loc_conf);

        if (timeout && inherited) {
            *inherited = *timeout;
        }
    }

    if (oauthcc_login_server_merge_nowhere(cf, parent) != NGX_OK) {
        return NULL;
    }

    return parent;
}


static char *
oauthcc_login_server_merge_server(ngx_conf_t *cf, ngx_http_conf_ctx_t *parent,
    ngx_http_conf_ctx_t *server)
{
    char               *rv;
    ngx_uint_t          i, index;
    ngx_http_module_t  *module;

    rv = NGX_CONF_OK;

    for (i = 0; rv == NGX_CONF_OK && cf->cycle->modules[i]; i++) {

        if (cf->cycle->modules[i]->type != NGX_HTTP_MODULE) {
            continue;
        }

        module = cf->cycle->modules[i]->ctx;
        index = cf->cycle->modules[i]->ctx_index;

        if (module->merge_srv_conf) {
            rv = module->merge_srv_conf(cf, parent->srv_conf[index],
                                        server->srv_conf[index]);
        }

        if (rv == NGX_CONF_OK && module->merge_loc_conf) {
            rv = module->merge_loc_conf(cf, parent->loc_conf[index],
                                        server->loc_conf[index]);
        }
    }

    return rv;
}


/*
 * What nginx may wait for one name server, and for one address.  What a block
 * says stands; http{} says it for APIs.
 */

static void
oauthcc_login_server_merge_parts(ngx_conf_t *cf, oauthcc_provider_t *provider)
{
    ngx_msec_t                 part, *timeout;
    ngx_http_core_loc_conf_t  *clcf;

    part = provider->limits.timeout / OAUTHCC_LOGIN_SERVER_MERGE_PARTS;
    part = ngx_max(part, 1);

    clcf = provider->endpoint.ctx->loc_conf[ngx_http_core_module.ctx_index];

    if (!oauthcc_block_has(provider, "resolver_timeout")) {
        clcf->resolver_timeout = ngx_min(clcf->resolver_timeout, part);
    }

    timeout = oauthcc_nginx_directive_value(cf, "proxy_connect_timeout",
                                            provider->endpoint.ctx->loc_conf);

    if (timeout && !oauthcc_block_has(provider, "proxy_connect_timeout")) {
        *timeout = ngx_min(*timeout, part);
    }
}


/*
 * A login writes no file.  The default folders of an empty http{} may be
 * impossible to create where each server{} has its own.
 */

static ngx_int_t
oauthcc_login_server_merge_nowhere(ngx_conf_t *cf, ngx_http_conf_ctx_t *parent)
{
    void           *conf;
    ngx_uint_t      i;
    ngx_path_t     *nowhere;
    ngx_module_t   *module;
    ngx_command_t  *cmd;

    nowhere = ngx_pcalloc(cf->pool, sizeof(ngx_path_t));
    if (nowhere == NULL) {
        return NGX_ERROR;
    }

    /* no folder: no file can be created in it */

    ngx_str_set(&nowhere->name, "/dev/null");

    for (i = 0; cf->cycle->modules[i]; i++) {

        module = cf->cycle->modules[i];

        if (module->type != NGX_HTTP_MODULE || module->commands == NULL) {
            continue;
        }

        for (cmd = module->commands; cmd->name.len; cmd++) {

            if (cmd->set != ngx_conf_set_path_slot) {
                continue;
            }

            conf = (cmd->conf == NGX_HTTP_LOC_CONF_OFFSET)
                   ? parent->loc_conf[module->ctx_index]
                   : (cmd->conf == NGX_HTTP_SRV_CONF_OFFSET)
                   ? parent->srv_conf[module->ctx_index]
                   : NULL;

            if (conf) {
                *(ngx_path_t **) ((u_char *) conf + cmd->offset) = nowhere;
            }
        }
    }

    return NGX_OK;
}
