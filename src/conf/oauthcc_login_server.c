
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "conf/oauthcc_login_server.h"
#include "upstream/oauthcc_context.h"
#include "conf/oauthcc_block.h"
#include "conf/oauthcc_block_refuse.h"
#include "conf/oauthcc_suggest.h"
#include "core/oauthcc_redact_url.h"
#include "core/oauthcc_text.h"
#include "conf/oauthcc_nginx_directive.h"
#include "conf/oauthcc_login_server_merge.h"
#include "conf/oauthcc_ca_bundle.h"


extern ngx_module_t  ngx_http_oauthcc_module;


typedef enum {
    OAUTHCC_LOGIN_SERVER_FIXED = 0,   /* a block must not change it */
    OAUTHCC_LOGIN_SERVER_DEFAULT      /* a block may change it */
} oauthcc_login_server_setting_e;


typedef struct {
    ngx_uint_t  type;
    char       *text[12];
} oauthcc_login_server_setting_t;


static void oauthcc_login_server_unknown(ngx_conf_t *cf, ngx_str_t *name);
static ngx_uint_t oauthcc_login_server_is_fixed(ngx_str_t *name);
static ngx_uint_t oauthcc_login_server_shapes_none(ngx_str_t *name);
static ngx_int_t oauthcc_login_server_record(oauthcc_login_server_t *server,
    ngx_array_t *args);
static char *oauthcc_login_server_headers(ngx_conf_t *cf,
    oauthcc_login_server_t *server);
static char *oauthcc_login_server_tls(ngx_conf_t *cf,
    oauthcc_login_server_t *server);
static char *oauthcc_login_server_verify(ngx_conf_t *cf,
    oauthcc_login_server_t *server);
static char *oauthcc_login_server_default(ngx_conf_t *cf,
    oauthcc_login_server_t *server, char *name, char *value);
static char *oauthcc_login_server_set(ngx_conf_t *cf, char *name, char *first,
    char *second);


/*
 * Directives that a login needs: those that a block must not change, and those
 * with other defaults than nginx's.  Nothing of this is inherited from http{}.
 */

static oauthcc_login_server_setting_t
    oauthcc_login_server_fixed[] = {

    { OAUTHCC_LOGIN_SERVER_FIXED,
      { "proxy_pass", "$oauthcc_token_endpoint", NULL } },

    { OAUTHCC_LOGIN_SERVER_FIXED,
      { "proxy_method", "$oauthcc_login_method", NULL } },

    { OAUTHCC_LOGIN_SERVER_FIXED,
      { "proxy_set_body", "$request_body", NULL } },

    { OAUTHCC_LOGIN_SERVER_FIXED,
      { "proxy_pass_request_headers", "on", NULL } },

    { OAUTHCC_LOGIN_SERVER_FIXED,
      { "proxy_pass_request_body", "on", NULL } },

    { OAUTHCC_LOGIN_SERVER_FIXED,
      { "proxy_buffering", "on", NULL } },

    { OAUTHCC_LOGIN_SERVER_FIXED,
      { "proxy_request_buffering", "on", NULL } },

    { OAUTHCC_LOGIN_SERVER_FIXED,
      { "proxy_intercept_errors", "off", NULL } },

    { OAUTHCC_LOGIN_SERVER_FIXED,
      { "proxy_ignore_client_abort", "on", NULL } },

    { OAUTHCC_LOGIN_SERVER_FIXED,
      { "proxy_cache", "off", NULL } },

    { OAUTHCC_LOGIN_SERVER_FIXED,
      { "proxy_store", "off", NULL } },

    { OAUTHCC_LOGIN_SERVER_FIXED,
      { "proxy_redirect", "off", NULL } },

    { OAUTHCC_LOGIN_SERVER_FIXED,
      { "proxy_max_temp_file_size", "0", NULL } },

    { OAUTHCC_LOGIN_SERVER_FIXED,
      { "proxy_ignore_headers", "X-Accel-Redirect", "X-Accel-Expires",
        "X-Accel-Limit-Rate", "X-Accel-Buffering", "X-Accel-Charset",
        "Expires", "Cache-Control", "Set-Cookie", "Vary", NULL } },

    { OAUTHCC_LOGIN_SERVER_DEFAULT,
      { "proxy_http_version", "1.1", NULL } },

    /*
     * a login may be repeated: RFC 6749 keeps no state of it, but a JWT is
     * used only once
     */

    { OAUTHCC_LOGIN_SERVER_DEFAULT,
      { "proxy_next_upstream", "error", "timeout", "non_idempotent",
        NULL } },

    /* otherwise nginx opens the file that it was built with */

    { OAUTHCC_LOGIN_SERVER_FIXED,
      { "access_log", "off", NULL } },

    { 0, { NULL } }
};


/*
 * Directives of nginx that a block may contain and that do not shape the
 * login.  Others that begin with proxy_ are allowed too, and are part of the
 * cache key.
 */

static char  *oauthcc_login_server_local[] = {
    "error_log",
    "resolver",
    "resolver_timeout",
    "proxy_buffer_size",
    "proxy_buffers",
    "proxy_busy_buffers_size",
    "proxy_connect_timeout",
    "proxy_http_version",
    "proxy_next_upstream",
    "proxy_next_upstream_timeout",
    "proxy_next_upstream_tries",
    "proxy_read_timeout",
    "proxy_send_timeout",
    "proxy_socket_keepalive",
    NULL
};


/* A server{} without a listen socket that nginx does not know of. */

ngx_int_t
oauthcc_login_server_create(ngx_conf_t *cf, oauthcc_provider_t *provider,
    oauthcc_login_server_t *server)
{
    ngx_http_conf_ctx_t          *ctx;
    ngx_http_core_loc_conf_t     *clcf;
    ngx_http_core_srv_conf_t     *cscf;
    ngx_http_oauthcc_loc_conf_t  *olcf;

    ctx = oauthcc_login_server_merge_create(cf);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    cscf = ctx->srv_conf[ngx_http_core_module.ctx_index];
    cscf->ctx = ctx;

    clcf = ctx->loc_conf[ngx_http_core_module.ctx_index];
    clcf->loc_conf = ctx->loc_conf;

    /* a login needs no credential */

    olcf = ctx->loc_conf[ngx_http_oauthcc_module.ctx_index];
    olcf->binding = NULL;

    provider->endpoint.ctx = ctx;

    server->provider = provider;
    server->host = 0;
    server->connection = 0;

    return NGX_OK;
}


char *
oauthcc_login_server_directive(ngx_conf_t *cf, oauthcc_login_server_t *server)
{
    ngx_str_t                       *value;
    ngx_uint_t                       local;
    ngx_module_t                    *module;
    ngx_command_t                   *cmd;

    value = cf->args->elts;

    cmd = oauthcc_nginx_directive_find(cf, (char *) value[0].data,
                                       &module);

    if (cmd == NULL) {
        oauthcc_login_server_unknown(cf, &value[0]);
        return NGX_CONF_ERROR;
    }

    if (oauthcc_login_server_is_fixed(&value[0])) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" directive is not allowed here: "
                           "a login needs it as it is", &value[0]);
        return NGX_CONF_ERROR;
    }

    local = oauthcc_login_server_shapes_none(&value[0]);

    if (!local && !oauthcc_text_begins(&value[0], "proxy_")) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" directive is not allowed here",
                           &value[0]);
        return NGX_CONF_ERROR;
    }

    if (oauthcc_block_record(cf, server->provider, OAUTHCC_BLOCK_LAST,
                             local ? OAUTHCC_DIRECTIVE_LOCAL
                                   : OAUTHCC_DIRECTIVE_ROUTE)
           != NGX_OK
        || oauthcc_login_server_record(server, cf->args) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    return oauthcc_nginx_directive_run(cf, cmd, module);
}


/* It may be misspelt: of what may stand in a block there is one like it. */

static void
oauthcc_login_server_unknown(ngx_conf_t *cf, ngx_str_t *name)
{
    char                               **local;
    ngx_str_t                            text;
    ngx_uint_t                           i;
    ngx_command_t                       *cmd;
    oauthcc_suggest_t                    suggest;
    oauthcc_provider_directives_row_t   *row;

    ngx_memzero(&suggest, sizeof(oauthcc_suggest_t));

    suggest.name = *name;

    for (row = oauthcc_provider_directives; row->command.name.len; row++) {
        oauthcc_suggest_add(&suggest, &row->command.name);
    }

    for (local = oauthcc_login_server_local; *local; local++) {
        text.data = (u_char *) *local;
        text.len = ngx_strlen(*local);

        oauthcc_suggest_add(&suggest, &text);
    }

    for (i = 0; cf->cycle->modules[i]; i++) {

        if (cf->cycle->modules[i]->type != NGX_HTTP_MODULE) {
            continue;
        }

        cmd = cf->cycle->modules[i]->commands;

        for ( /* void */ ; cmd && cmd->name.len; cmd++) {

            if (oauthcc_text_begins(&cmd->name, "proxy_")
                && (cmd->type & NGX_HTTP_LOC_CONF)
                && !oauthcc_login_server_is_fixed(&cmd->name))
            {
                oauthcc_suggest_add(&suggest, &cmd->name);
            }
        }
    }

    if (suggest.best.len == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "unknown directive \"%V\"",
                           oauthcc_redact_url_text(cf->pool, name));
        return;
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "unknown directive \"%V\", did you mean \"%V\"?",
                       oauthcc_redact_url_text(cf->pool, name), &suggest.best);
}


static ngx_uint_t
oauthcc_login_server_is_fixed(ngx_str_t *name)
{
    oauthcc_login_server_setting_t  *setting;

    for (setting = oauthcc_login_server_fixed; setting->text[0]; setting++) {

        if (setting->type == OAUTHCC_LOGIN_SERVER_FIXED
            && ngx_strcmp(name->data, setting->text[0]) == 0)
        {
            return 1;
        }
    }

    return 0;
}


static ngx_uint_t
oauthcc_login_server_shapes_none(ngx_str_t *name)
{
    char  **local;

    for (local = oauthcc_login_server_local; *local; local++) {
        if (ngx_strcmp(name->data, *local) == 0) {
            return 1;
        }
    }

    return 0;
}


/* Headers of the login request. */

static ngx_int_t
oauthcc_login_server_record(oauthcc_login_server_t *server, ngx_array_t *args)
{
    ngx_str_t  *value, *recorded;
    ngx_uint_t  i;

    value = args->elts;

    if (ngx_strcmp(value[0].data, "proxy_set_header") == 0
        && args->nelts == 3)
    {
        if (ngx_strcasecmp(value[1].data, (u_char *) "Host") == 0) {
            server->host = 1;
        }

        if (ngx_strcasecmp(value[1].data, (u_char *) "Connection") == 0) {
            server->connection = 1;
        }

    } else if (!oauthcc_text_begins(&value[0], "proxy_ssl_")) {
        return NGX_OK;
    }

    for (i = 0; i < args->nelts; i++) {

        recorded = ngx_array_push(&server->provider->endpoint.transport);
        if (recorded == NULL) {
            return NGX_ERROR;
        }

        *recorded = value[i];
    }

    return NGX_OK;
}


char *
oauthcc_login_server_settings(ngx_conf_t *cf, oauthcc_login_server_t *server)
{
    oauthcc_login_server_setting_t  *setting;

    for (setting = oauthcc_login_server_fixed; setting->text[0]; setting++)
    {
        if (oauthcc_block_has(server->provider, setting->text[0])) {
            continue;
        }

        if (oauthcc_nginx_directive_set(cf, setting->text)
            != NGX_CONF_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    if (oauthcc_login_server_headers(cf, server) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    /* an issuer on this machine may have its token endpoint elsewhere */

    if (!server->provider->endpoint.url->https
        && !server->provider->endpoint.issuer) {
        return NGX_CONF_OK;
    }

    return oauthcc_login_server_tls(cf, server);
}


static char *
oauthcc_login_server_headers(ngx_conf_t *cf, oauthcc_login_server_t *server)
{
    if (!server->host
        && oauthcc_login_server_set(cf, "proxy_set_header", "Host",
                                    "$oauthcc_login_authority") != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (oauthcc_login_server_set(cf, "proxy_set_header", "Content-Length",
                                 "$oauthcc_login_length")
        != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (!server->connection
        && oauthcc_login_server_set(cf, "proxy_set_header", "Connection",
                                    "close")
           != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
oauthcc_login_server_tls(ngx_conf_t *cf, oauthcc_login_server_t *server)
{
    if (oauthcc_login_server_default(cf, server, "proxy_ssl_name",
                                     "$oauthcc_login_host")
           != NGX_CONF_OK
        || oauthcc_login_server_default(cf, server,
                                        "proxy_ssl_server_name", "on")
           != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    /* sessions are kept by address, which an API may have too */

    if (oauthcc_login_server_default(cf, server, "proxy_ssl_session_reuse",
                                     "off")
        != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    /* old versions of nginx leave out TLSv1.3 */

    if (!oauthcc_block_has(server->provider, "proxy_ssl_protocols")
        && oauthcc_login_server_set(cf, "proxy_ssl_protocols", "TLSv1.2",
                                    "TLSv1.3")
           != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    /* nginx's default of 1 is too low for the chains of public CAs */

    if (oauthcc_login_server_default(cf, server, "proxy_ssl_verify_depth", "4")
        != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (!server->provider->endpoint.ssl_verify) {
        return oauthcc_login_server_set(cf, "proxy_ssl_verify", "off", NULL);
    }

    return oauthcc_login_server_verify(cf, server);
}


static char *
oauthcc_login_server_verify(ngx_conf_t *cf, oauthcc_login_server_t *server)
{
    char                *bundle;
    oauthcc_provider_t  *provider;

    if (oauthcc_block_has(server->provider, "proxy_ssl_trusted_certificate")) {
        return oauthcc_login_server_set(cf, "proxy_ssl_verify", "on",
                                        NULL);
    }

    provider = server->provider;

    bundle = oauthcc_ca_bundle_bundle();

    if (bundle == NULL) {
        return oauthcc_block_refuse(cf, provider, "the system has no CA "
                                    "bundle to verify the token endpoint "
                                    "with: install the package "
                                    "ca-certificates, or set "
                                    "\"proxy_ssl_trusted_certificate\"");
    }

    if (!oauthcc_block_has(server->provider, "proxy_ssl_crl")) {

        /* one store for all, see oauthcc_ca_bundle_set() */

        provider->endpoint.system_ca = 1;

        return oauthcc_login_server_set(cf, "proxy_ssl_verify", "off", NULL);
    }

    if (oauthcc_login_server_set(cf, "proxy_ssl_trusted_certificate",
                                 bundle, NULL)
        != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    return oauthcc_login_server_set(cf, "proxy_ssl_verify", "on", NULL);
}


/* Unless the block sets it. */

static char *
oauthcc_login_server_default(ngx_conf_t *cf, oauthcc_login_server_t *server,
    char *name, char *value)
{
    if (oauthcc_block_has(server->provider, name)) {
        return NGX_CONF_OK;
    }

    return oauthcc_login_server_set(cf, name, value, NULL);
}


static char *
oauthcc_login_server_set(ngx_conf_t *cf, char *name, char *first, char *second)
{
    char  *text[4];

    text[0] = name;
    text[1] = first;
    text[2] = second;
    text[3] = NULL;

    return oauthcc_nginx_directive_set(cf, text);
}
