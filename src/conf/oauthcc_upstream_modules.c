
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "conf/oauthcc_upstream_modules.h"
#include "conf/oauthcc_nginx_directive.h"
#include "core/oauthcc_text.h"
#include "upstream/oauthcc_gate.h"


/*
 * A module that passes requests to an upstream with their headers: its
 * directives, and the content handler that the first of them installs, which
 * is found by calling it.
 */

typedef struct {
    char                *pass;
    char                *set_header;
    char                *pass_headers;
    char                *cache_valid;  /* in nginx's own part of it */
    ngx_module_t        *module;
    ngx_http_handler_pt  handler;
    ngx_uint_t           set_header_offset;
    ngx_uint_t           pass_headers_offset;
} oauthcc_upstream_module_t;


static ngx_int_t oauthcc_upstream_modules_handler(ngx_conf_t *cf,
    oauthcc_upstream_module_t *upstream);
static void oauthcc_upstream_modules_passing(ngx_conf_t *cf,
    oauthcc_upstream_module_t *upstream, oauthcc_upstream_modules_t *passing);
static ngx_uint_t oauthcc_upstream_modules_ours(
    ngx_http_oauthcc_loc_conf_t *olcf, ngx_str_t *name);


/* in the order of gates; the first is proxy, whose request is text */

static oauthcc_upstream_module_t  oauthcc_upstream_modules[] = {

    { "proxy_pass", "proxy_set_header", "proxy_pass_request_headers",
      "proxy_cache_valid", NULL, NULL, 0, 0 },

    { "grpc_pass", "grpc_set_header", NULL,
      NULL, NULL, NULL, 0, 0 },

    { "fastcgi_pass", NULL, "fastcgi_pass_request_headers",
      "fastcgi_cache_valid", NULL, NULL, 0, 0 },

    { "uwsgi_pass", NULL, "uwsgi_pass_request_headers",
      "uwsgi_cache_valid", NULL, NULL, 0, 0 },

    { "scgi_pass", NULL, "scgi_pass_request_headers",
      "scgi_cache_valid", NULL, NULL, 0, 0 },

    { NULL, NULL, NULL, NULL, NULL, NULL, 0, 0 }
};


ngx_int_t
oauthcc_upstream_modules_learn(ngx_conf_t *cf,
    ngx_http_oauthcc_main_conf_t *omcf)
{
    ngx_uint_t                  i;
    oauthcc_upstream_module_t  *upstream;

    for (i = 0; oauthcc_upstream_modules[i].pass; i++) {

        upstream = &oauthcc_upstream_modules[i];

        if (oauthcc_upstream_modules_handler(cf, upstream) != NGX_OK) {
            return NGX_ERROR;
        }

        oauthcc_upstream_modules_passing(cf, upstream, &omcf->passing[i]);
    }

    return NGX_OK;
}


/*
 * Content handlers of other modules are static functions.  Their *_pass
 * directives are called once, with a variable, on a scratch configuration,
 * only to obtain the handler.
 */

static ngx_int_t
oauthcc_upstream_modules_handler(ngx_conf_t *cf,
    oauthcc_upstream_module_t *upstream)
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


static void
oauthcc_upstream_modules_passing(ngx_conf_t *cf,
    oauthcc_upstream_module_t *upstream, oauthcc_upstream_modules_t *passing)
{
#if (NGX_HTTP_CACHE)
    ngx_module_t   *module;
    ngx_command_t  *cmd;
#endif

    passing->handler = upstream->handler;

#if (NGX_HTTP_CACHE)

    if (upstream->handler == NULL || upstream->cache_valid == NULL) {
        return;
    }

    cmd = oauthcc_nginx_directive_find(cf, upstream->cache_valid, &module);
    if (cmd == NULL) {
        return;
    }

    passing->index = module->ctx_index;
    passing->conf = cmd->offset - offsetof(ngx_http_upstream_conf_t,
                                           cache_valid);
    passing->caches = 1;

#endif
}


ngx_int_t
oauthcc_upstream_modules_find(ngx_http_handler_pt handler)
{
    ngx_int_t  i;

    if (handler == NULL) {
        return NGX_DECLINED;
    }

    for (i = 0; oauthcc_upstream_modules[i].pass; i++) {
        if (oauthcc_upstream_modules[i].handler == handler
            || oauthcc_gates[i] == handler)
        {
            return i;
        }
    }

    return NGX_DECLINED;
}


void
oauthcc_upstream_modules_join(ngx_http_core_loc_conf_t *clcf,
    ngx_http_handler_pt gate, ngx_http_oauthcc_loc_conf_t *prev,
    ngx_http_oauthcc_loc_conf_t *conf)
{
    ngx_http_oauthcc_loc_conf_t  *family, *member;

    conf->gate = gate;
    conf->handler = gate ? &clcf->handler : NULL;
    conf->family = conf;

    if (clcf->noname) {
        conf->family = prev->family;
        conf->next = prev->family->next;
        prev->family->next = conf;

        if (clcf->handler == NULL) {

            /* an "if" or "limit_except" runs the handler of its location */

            conf->gate = prev->gate;
        }
    }

    family = conf->family;

    if (conf->binding) {
        family->used = 1;
    }

    if (!family->used) {
        return;
    }

    for (member = family; member; member = member->next) {
        if (member->handler) {
            *member->handler = member->gate;
        }
    }
}


void
oauthcc_upstream_modules_warn(ngx_conf_t *cf,
    ngx_http_oauthcc_loc_conf_t *olcf, ngx_uint_t gate)
{
    u_char                     *conf;
    ngx_flag_t                  flag;
    ngx_uint_t                  i;
    ngx_array_t                *headers;
    ngx_keyval_t               *kv;
    ngx_http_conf_ctx_t        *ctx;
    oauthcc_binding_t          *binding;
    oauthcc_upstream_module_t  *upstream;

    upstream = &oauthcc_upstream_modules[gate];

    binding = olcf->binding;
    ctx = cf->ctx;
    conf = ctx->loc_conf[upstream->module->ctx_index];

    if (upstream->pass_headers_offset) {
        flag = *(ngx_flag_t *) (conf + upstream->pass_headers_offset);

        if (flag == 0) {
            ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                          "\"%s off\" leaves out the header of the "
                          "\"oauthcc\" directive in %V:%ui",
                          upstream->pass_headers, &binding->file,
                          binding->line);
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

        if (binding->provider && binding->provider->dpop.on
            && oauthcc_text_iis(&kv[i].key, "DPoP") && kv[i].value.len)
        {
            ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                          "\"%s %V\" is a second DPoP header, which APIs "
                          "reject, beside that of the \"oauthcc\" directive "
                          "in %V:%ui: remove it", upstream->set_header,
                          &kv[i].key, &binding->file, binding->line);
            continue;
        }

        if (oauthcc_upstream_modules_ours(olcf, &kv[i].key)
            && ngx_strstr(kv[i].value.data, "oauthcc_access_token") == NULL)
        {
            ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                          "\"%s %V\" wins over the header of the "
                          "\"oauthcc\" directive in %V:%ui: remove it, or put "
                          "$oauthcc_access_token into it",
                          upstream->set_header, &kv[i].key, &binding->file,
                          binding->line);
        }
    }
}


/* Whether the credential of a location sets a header of this name. */

static ngx_uint_t
oauthcc_upstream_modules_ours(ngx_http_oauthcc_loc_conf_t *olcf,
    ngx_str_t *name)
{
    ngx_uint_t         i;
    oauthcc_fields_t  *fields;

    if (olcf->placements) {
        fields = &olcf->placements->stripped;

    } else if (olcf->binding->provider) {
        fields = &olcf->binding->provider->stripped;

    } else {
        return oauthcc_text_iis(name, "Authorization");
    }

    for (i = 0; i < fields->nheaders; i++) {
        if (oauthcc_text_ieq(&fields->headers[i].key, name)) {
            return 1;
        }
    }

    return 0;
}
