
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_clock.h"
#include "conf/oauthcc_provider.h"
#include "oauth/oauthcc_discovery.h"
#include "core/oauthcc_text.h"
#include "core/oauthcc_directive.h"
#include "core/oauthcc_provider_conf.h"
#include "core/oauthcc_provider_values.h"
#include "http/oauthcc_header_syntax.h"
#include "oauth/oauthcc_client_auth.h"
#include "token/oauthcc_worker.h"
#include "core/oauthcc_redact_url.h"
#include "token/oauthcc_cache_key.h"
#include "conf/oauthcc_nginx_directive.h"
#include "http/oauthcc_url.h"
#include "http/oauthcc_connection_isolation.h"
#include "conf/oauthcc_forward_proxy.h"
#include "conf/oauthcc_localhost.h"
#include "conf/oauthcc_login_server_merge.h"
#include "conf/oauthcc_login_server.h"
#include "conf/oauthcc_block.h"
#include "conf/oauthcc_block_refuse.h"
#include "conf/oauthcc_provider_auth.h"
#include "conf/oauthcc_provider_dpop.h"
#include "conf/oauthcc_provider_login_json.h"
#include "login_json/oauthcc_document_api.h"
#include "conf/oauthcc_ca_bundle.h"
#include "conf/oauthcc_client_thumbprint.h"
#include "conf/oauthcc_store_block.h"


static oauthcc_provider_t *oauthcc_provider_create(ngx_conf_t *cf,
    ngx_str_t *name);
static ngx_uint_t oauthcc_provider_valid(ngx_str_t *name);
static char *oauthcc_provider_once(ngx_conf_t *cf,
    oauthcc_provider_t *provider);
static ngx_int_t oauthcc_provider_resolve(ngx_conf_t *cf,
    ngx_array_t *providers);
static ngx_int_t oauthcc_provider_absent(ngx_conf_t *cf,
    ngx_http_oauthcc_main_conf_t *omcf, oauthcc_provider_t *provider);
static u_char *oauthcc_provider_log(ngx_log_t *log, u_char *buf, size_t len);
static char *oauthcc_provider_directive(ngx_conf_t *cf, ngx_command_t *dummy,
    void *conf);
static char *oauthcc_provider_check(ngx_conf_t *cf,
    oauthcc_provider_t *provider);
static ngx_int_t oauthcc_provider_alone(ngx_conf_t *cf,
    oauthcc_provider_t *provider);
static char *oauthcc_provider_certificate(ngx_conf_t *cf,
    oauthcc_provider_t *provider);


char *
oauthcc_provider_block(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_oauthcc_main_conf_t *omcf = conf;

    char                   *rv;
    ngx_log_t              *log;
    ngx_str_t              *value;
    ngx_conf_t              save;
    oauthcc_login_server_t  server;
    oauthcc_provider_t     *provider, **pp;

    value = cf->args->elts;

    provider = oauthcc_main_conf_provider(omcf, &value[1]);

    if (provider) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "duplicate oauthcc_provider \"%V\" in %V:%ui, the first "
                      "one begins in %V:%ui",
                      oauthcc_redact_url_text(cf->pool, &value[1]),
                      &cf->conf_file->file.name, cf->conf_file->line,
                      &provider->file, provider->line);
        return NGX_CONF_ERROR;
    }

    provider = oauthcc_provider_create(cf, &value[1]);
    if (provider == NULL) {
        return NGX_CONF_ERROR;
    }

    pp = ngx_array_push(&omcf->providers);
    if (pp == NULL) {
        return NGX_CONF_ERROR;
    }

    *pp = provider;

    ngx_rbtree_insert(&omcf->names, &provider->sn.node);

    if (oauthcc_login_server_create(cf, provider, &server) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    /* messages about the block name the provider */

    log = ngx_palloc(cf->pool, sizeof(ngx_log_t));
    if (log == NULL) {
        return NGX_CONF_ERROR;
    }

    *log = *cf->log;
    log->handler = oauthcc_provider_log;
    log->data = provider;

    provider->log = log;

    save = *cf;

    cf->log = log;
    cf->ctx = provider->endpoint.ctx;
    cf->cmd_type = NGX_HTTP_LOC_CONF;
    cf->handler = oauthcc_provider_directive;
    cf->handler_conf = (char *) &server;

    rv = ngx_conf_parse(cf, NULL);

    if (rv == NGX_CONF_OK) {
        rv = oauthcc_provider_check(cf, provider);
    }

    if (rv == NGX_CONF_OK) {
        rv = oauthcc_login_server_settings(cf, &server);
    }

    if (rv == NGX_CONF_OK) {
        rv = oauthcc_provider_once(cf, provider);
    }

    if (rv == NGX_CONF_OK
        && oauthcc_provider_absent(cf, omcf, provider) != NGX_OK)
    {
        rv = NGX_CONF_ERROR;
    }

    *cf = save;

    return rv;
}


ngx_int_t
oauthcc_provider_finish(ngx_conf_t *cf, ngx_http_oauthcc_main_conf_t *omcf)
{
    X509_STORE                *store;
    ngx_uint_t                 i;
    ngx_http_core_loc_conf_t  *clcf;
    oauthcc_provider_t       **provider;

    if (oauthcc_store_block_finish(cf, omcf) != NGX_OK) {
        return NGX_ERROR;
    }

    if (omcf->providers.nelts == 0) {
        return NGX_OK;
    }

    if (oauthcc_login_server_merge_servers(cf, &omcf->providers) != NGX_OK
        || oauthcc_provider_resolve(cf, &omcf->providers) != NGX_OK)
    {
        return NGX_ERROR;
    }

    store = NULL;
    provider = omcf->providers.elts;

    for (i = 0; i < omcf->providers.nelts; i++) {

        clcf = provider[i]->endpoint.ctx
                   ->loc_conf[ngx_http_core_module.ctx_index];

        provider[i]->members = &omcf->members;

        clcf->subrequest_output_buffer_size = provider[i]->limits.max_response;

        if (provider[i]->endpoint.system_ca
            && oauthcc_ca_bundle_set(cf, provider[i], &store)
               != NGX_OK)
        {
            return NGX_ERROR;
        }

        if ((provider[i]->endpoint.url->https || provider[i]->endpoint.issuer)
            && provider[i]->endpoint.ssl_verify
            && oauthcc_ca_bundle_verify(cf, provider[i]) != NGX_OK)
        {
            return NGX_ERROR;
        }

        if (oauthcc_client_thumbprint_note(cf, provider[i]) != NGX_OK
            || oauthcc_cache_key_provider(provider[i],
                                          provider[i]->runtime.local->digest)
               != NGX_OK)
        {
            return NGX_ERROR;
        }

        provider[i]->dpop.account = provider[i]->runtime.local->digest;
        provider[i]->runtime.content.digest =
            oauthcc_cache_key_content(provider[i]);
        (void) oauthcc_clock_look(NULL);
        provider[i]->runtime.content.read_at = oauthcc_clock_msec();

        oauthcc_worker_init(provider[i]);
    }

    return NGX_OK;
}


/*
 * nginx tries the next server only if nothing was sent.  Repeating what was
 * sent is up to the login, which counts repeats and signs a new JWT.
 */

static char *
oauthcc_provider_once(ngx_conf_t *cf, oauthcc_provider_t *provider)
{
    ngx_uint_t  *next;

    next = oauthcc_nginx_directive_value(cf, "proxy_next_upstream",
                                         provider->endpoint.ctx->loc_conf);
    if (next == NULL) {
        return NGX_CONF_ERROR;
    }

    provider->endpoint.next_upstream = *next;
    *next &= ~(ngx_uint_t) NGX_HTTP_UPSTREAM_FT_NON_IDEMPOTENT;

    return NGX_CONF_OK;
}


static ngx_int_t
oauthcc_provider_resolve(ngx_conf_t *cf, ngx_array_t *providers)
{
    ngx_uint_t            i;
    oauthcc_provider_t  **provider;

    if (oauthcc_localhost_add(cf) != NGX_OK
        || oauthcc_forward_proxy_add(cf) != NGX_OK)
    {
        return NGX_ERROR;
    }

    provider = providers->elts;

    for (i = 0; i < providers->nelts; i++) {

        /* one that makes its tokens itself has no server */

        if (provider[i]->endpoint.url->url.len == 0) {
            continue;
        }

        if (oauthcc_forward_proxy_resolve(cf, provider[i]) != NGX_OK
            || oauthcc_url_resolve(cf, provider[i], i) != NGX_OK
            || oauthcc_provider_alone(cf, provider[i])
               != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* Names of the headers and arguments that its credentials set. */

static ngx_int_t
oauthcc_provider_absent(ngx_conf_t *cf, ngx_http_oauthcc_main_conf_t *omcf,
    oauthcc_provider_t *provider)
{
    u_char     *lowcase;
    ngx_str_t   none, *placed;
    ngx_uint_t  i;

    static ngx_str_t  names[] = {
        ngx_string("Authorization"), ngx_string("DPoP")
    };

    if (provider->document.login_json) {

        if (oauthcc_document_api_absent(provider->document.login_json,
                                        cf->pool,
                                        &provider->stripped)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        goto placed;
    }

    ngx_str_null(&none);

    provider->stripped.headers = ngx_palloc(cf->pool,
                                            2 * sizeof(ngx_table_elt_t));
    if (provider->stripped.headers == NULL) {
        return NGX_ERROR;
    }

    provider->stripped.nheaders = provider->dpop.on ? 2 : 1;

    for (i = 0; i < provider->stripped.nheaders; i++) {

        lowcase = ngx_pnalloc(cf->pool, names[i].len);
        if (lowcase == NULL) {
            return NGX_ERROR;
        }

        oauthcc_header_syntax_make(&provider->stripped.headers[i], &names[i],
                                   lowcase, &none);
    }

placed:

    for (i = 0; i < provider->stripped.nheaders; i++) {

        placed = ngx_array_push(&omcf->placed);
        if (placed == NULL) {
            return NGX_ERROR;
        }

        *placed = provider->stripped.headers[i].key;
    }

    return NGX_OK;
}


static oauthcc_provider_t *
oauthcc_provider_create(ngx_conf_t *cf, ngx_str_t *name)
{
    oauthcc_provider_t  *provider;

    if (!oauthcc_provider_valid(name)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid name \"%V\" of an oauthcc_provider, "
                           "it may not be empty nor \"off\", and holds "
                           "neither variables nor control characters",
                           oauthcc_redact_url_text(cf->pool, name));
        return NULL;
    }

    provider = ngx_pcalloc(cf->pool, sizeof(oauthcc_provider_t));
    if (provider == NULL) {
        return NULL;
    }

    provider->endpoint.url = ngx_pcalloc(cf->pool, sizeof(oauthcc_url_t));
    provider->runtime.local = ngx_pcalloc(cf->pool, sizeof(oauthcc_local_t));
    provider->runtime.metadata = ngx_pcalloc(cf->pool,
                                             sizeof(oauthcc_metadata_t));

    if (provider->endpoint.url == NULL
        || provider->runtime.local == NULL
        || provider->runtime.metadata == NULL)
    {
        return NULL;
    }

    provider->name = *name;
    provider->file = cf->conf_file->file.name;
    provider->line = cf->conf_file->line;

    provider->sn.node.key = ngx_crc32_short(name->data, name->len);
    provider->sn.str = *name;

    if (oauthcc_block_init(cf, provider) != NGX_OK
        || ngx_array_init(&provider->directives, cf->pool, 8,
                          sizeof(oauthcc_directive_t))
           != NGX_OK
        || ngx_array_init(&provider->values, cf->pool, 8,
                          sizeof(oauthcc_provider_value_t))
           != NGX_OK
        || ngx_array_init(&provider->endpoint.transport, cf->pool, 4,
                          sizeof(ngx_str_t))
           != NGX_OK)
    {
        return NULL;
    }

    return provider;
}


/* The name is shown in logs, and compared with values of variables. */

static ngx_uint_t
oauthcc_provider_valid(ngx_str_t *name)
{
    return name->len && ngx_strcmp(name->data, "off") != 0
           && !oauthcc_text_control(name)
           && ngx_strlchr(name->data, name->data + name->len, '$') == NULL;
}


static u_char *
oauthcc_provider_log(ngx_log_t *log, u_char *buf, size_t len)
{
    oauthcc_provider_t  *provider;

    provider = log->data;

    return ngx_snprintf(buf, len, ", oauthcc_provider \"%V\"",
                        &provider->name);
}


static char *
oauthcc_provider_directive(ngx_conf_t *cf, ngx_command_t *dummy, void *conf)
{
    oauthcc_login_server_t *server = conf;

    ngx_str_t                          *value;
    oauthcc_provider_directives_row_t  *row;

    value = cf->args->elts;

    row = oauthcc_block_find(&value[0]);

    if (row) {
        return oauthcc_block_set(cf, row, server->provider);
    }

    if (ngx_strcmp(value[0].data, "include") == 0 && cf->args->nelts == 2) {
        return ngx_conf_include(cf, NULL, NULL);
    }

    return oauthcc_login_server_directive(cf, server);
}


static char *
oauthcc_provider_check(ngx_conf_t *cf, oauthcc_provider_t *provider)
{
    char  *err;

    if (oauthcc_block_document(cf, provider) != NGX_CONF_OK
        || oauthcc_provider_login_json_read(cf, provider) != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    provider->document.per_request =
        provider->document.login_json
        && provider->document.login_json->expires == OAUTHCC_DOCUMENT_EACH;

    if (provider->document.per_request && (provider->lifetime.keep_warm == 1
                                           || provider->lifetime.refresh_before
                                           != NGX_CONF_UNSET_MSEC))
    {
        return oauthcc_block_refuse(cf, provider, "\"keep_warm\" and "
                                    "\"refresh_before\" have no effect beside "
                                    "\"expires\" 0 of \"login_json\", which "
                                    "is a login for each request");
    }

    if (oauthcc_block_presets(cf, provider) != NGX_CONF_OK
        || oauthcc_block_values(provider) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (provider->endpoint.url->url.len == 0
        && provider->client.assertion_use != OAUTHCC_CLIENT_AUTH_USE_TOKEN)
    {
        return oauthcc_block_refuse(cf, provider, "neither "
                                    "\"token_endpoint\" nor \"issuer\"");
    }

    if (provider->endpoint.value && provider->lifetime.keep_warm) {
        return oauthcc_block_refuse(cf, provider, "\"keep_warm\" has no "
                                    "effect with variables in "
                                    "\"token_endpoint\": there is no request "
                                    "that they could be of");
    }

    if (oauthcc_provider_certificate(cf, provider) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    if (provider->document.login_json == NULL
        && (oauthcc_provider_auth_check(cf, provider) != NGX_CONF_OK
            || oauthcc_provider_dpop_check(cf, provider) != NGX_CONF_OK))
    {
        return NGX_CONF_ERROR;
    }

    if (provider->endpoint.url->url.len == 0) {
        return NGX_CONF_OK;
    }

    err = oauthcc_url_refused(provider, provider->endpoint.url);

    if (err) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"%s %V\" %s, in %V:%ui",
                      provider->endpoint.issuer ? "issuer" : "token_endpoint",
                      oauthcc_redact_url(cf->pool,
                                         &provider->endpoint.url->url),
                      err, &provider->endpoint.url->file,
                      provider->endpoint.url->line);
        return NGX_CONF_ERROR;
    }

    return oauthcc_forward_proxy_check(cf, provider);
}


/* Connections kept by an upstream{} are reused by any provider. */

static ngx_int_t
oauthcc_provider_alone(ngx_conf_t *cf, oauthcc_provider_t *provider)
{
    oauthcc_provider_t  *other;

    /* an endpoint with variables has no host yet */

    if (!provider->endpoint.certificate || provider->endpoint.url->varied) {
        return NGX_OK;
    }

    other =
        oauthcc_connection_isolation_other(provider, provider->endpoint.url);

    if (other == NULL) {
        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "upstream \"%V\" is the token endpoint of "
                  "oauthcc_provider \"%V\" too, and would share the "
                  "connections that are made with the certificate of "
                  "oauthcc_provider \"%V\": give each an upstream of its "
                 "own, in %V:%ui", &provider->endpoint.url->host, &other->name,
                  &provider->name, &provider->endpoint.url->file,
                  provider->endpoint.url->line);

    return NGX_ERROR;
}


/* Checks the client certificate, and what could keep it for others. */

static char *
oauthcc_provider_certificate(ngx_conf_t *cf, oauthcc_provider_t *provider)
{
    ngx_flag_t                 *reuse;
    ngx_http_complex_value_t  **value;

    value = oauthcc_nginx_directive_value(cf, "proxy_ssl_certificate",
                                          provider->endpoint.ctx->loc_conf);

    /* an empty value switches the certificate off */

    if (value == NULL
        || *value == NULL
        || *value == NGX_CONF_UNSET_PTR
        || (*value)->value.len == 0)
    {
        return NGX_CONF_OK;
    }

    provider->endpoint.certificate = 1;

    reuse = oauthcc_nginx_directive_value(cf, "proxy_ssl_session_reuse",
                                          provider->endpoint.ctx->loc_conf);

    /* nginx keeps sessions by address, for any proxy_pass to it */

    if (reuse && *reuse == 1) {
        return oauthcc_block_refuse(cf, provider,
                                    "\"proxy_ssl_session_reuse on\" conflicts "
                                    "with \"proxy_ssl_certificate\": the "
                                    "certificate would let in whoever resumes "
                                    "the session");
    }

    return NGX_CONF_OK;
}
