
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "conf/oauthcc_provider_auth.h"
#include "core/oauthcc_text.h"
#include "http/oauthcc_url.h"
#include "oauth/oauthcc_client_auth.h"
#include "conf/oauthcc_nginx_directive.h"
#include "oauth/oauthcc_signing_key.h"
#include "conf/oauthcc_block.h"
#include "conf/oauthcc_block_refuse.h"
#include "conf/oauthcc_assertion_use.h"


static char *oauthcc_provider_auth_use(ngx_conf_t *cf,
    oauthcc_provider_t *provider);
static char *oauthcc_provider_auth_method(ngx_conf_t *cf,
    oauthcc_provider_t *provider);
static char *oauthcc_provider_auth_rules(ngx_conf_t *cf,
    oauthcc_provider_t *provider);
static ngx_uint_t oauthcc_provider_auth_empty(oauthcc_provider_t *provider,
    oauthcc_provider_directives_row_t *row);
static char *oauthcc_provider_auth_id(ngx_conf_t *cf,
    oauthcc_provider_t *provider);
static char *oauthcc_provider_auth_grant(ngx_conf_t *cf,
    oauthcc_provider_t *provider);
static char *oauthcc_provider_auth_tls(ngx_conf_t *cf,
    oauthcc_provider_t *provider);
static char *oauthcc_provider_auth_key(ngx_conf_t *cf,
    oauthcc_provider_t *provider);
static ngx_str_t *oauthcc_provider_auth_name(oauthcc_provider_t *provider);


char *
oauthcc_provider_auth_check(ngx_conf_t *cf, oauthcc_provider_t *provider)
{
    if (oauthcc_provider_auth_use(cf, provider) != NGX_CONF_OK
        || oauthcc_provider_auth_method(cf, provider) != NGX_CONF_OK
        || oauthcc_provider_auth_rules(cf, provider) != NGX_CONF_OK
        || oauthcc_provider_auth_id(cf, provider) != NGX_CONF_OK
        || oauthcc_provider_auth_grant(cf, provider) != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    provider->client.method_name = *oauthcc_provider_auth_name(provider);

    if (provider->client.method == OAUTHCC_CLIENT_AUTH_ASSERTION) {
        ngx_str_set(&provider->client.method_name, "client_assertion");
    }

    switch (provider->client.method) {

    case OAUTHCC_CLIENT_AUTH_TLS:
    case OAUTHCC_CLIENT_AUTH_SELF_SIGNED_TLS:

        if (oauthcc_provider_auth_tls(cf, provider) != NGX_CONF_OK) {
            return NGX_CONF_ERROR;
        }

        break;

    case OAUTHCC_CLIENT_AUTH_KEY_JWT:
    case OAUTHCC_CLIENT_AUTH_SECRET_JWT:
        return oauthcc_provider_auth_key(cf, provider);

    default:
        break;
    }

    return provider->client.assertion_use == OAUTHCC_CLIENT_AUTH_USE_CLIENT
           ? NGX_CONF_OK : oauthcc_provider_auth_key(cf, provider);
}


static char *
oauthcc_provider_auth_use(ngx_conf_t *cf, oauthcc_provider_t *provider)
{
    char       *err;
    ngx_str_t  *name;

    err = oauthcc_assertion_use_check(provider, &name);

    if (err == NULL) {
        return NGX_CONF_OK;
    }

    if (name) {
        return oauthcc_block_refuse(cf, provider, "\"%V\" %s", name, err);
    }

    return oauthcc_block_refuse(cf, provider, "%s", err);
}


static char *
oauthcc_provider_auth_method(ngx_conf_t *cf, oauthcc_provider_t *provider)
{
    oauthcc_client_auth_t  *auth;

    auth = &provider->client;

    if (auth->assertion.text.len == 0) {

        if (auth->assertion_type.len) {
            return oauthcc_block_refuse(cf, provider,
                                        "\"client_assertion_type\" has no "
                                        "effect without \"client_assertion\"");
        }

        ngx_conf_init_uint_value(provider->client.method,
                                 OAUTHCC_CLIENT_AUTH_BASIC);

    } else {

        if (provider->client.method != NGX_CONF_UNSET_UINT) {
            return oauthcc_block_refuse(cf, provider, "\"client_assertion\" "
                                        "is a method of its own: "
                                        "\"auth_method %V\" cannot be used "
                                        "with it, remove one of both",
                                        oauthcc_provider_auth_name(provider));
        }

        provider->client.method = OAUTHCC_CLIENT_AUTH_ASSERTION;
    }

    if (auth->assertion_type.len == 0) {
        ngx_str_set(&auth->assertion_type, "urn:ietf:params:oauth:"
                                           "client-assertion-type:jwt-bearer");
    }

    return NGX_CONF_OK;
}


static char *
oauthcc_provider_auth_rules(ngx_conf_t *cf, oauthcc_provider_t *provider)
{
    ngx_str_t                           *name, *method;
    ngx_uint_t                           bit;
    oauthcc_provider_directives_row_t   *row;
    oauthcc_provider_directives_rule_t  *rule;

    bit = (ngx_uint_t) 1 << provider->client.method;

    if (provider->client.assertion_use != OAUTHCC_CLIENT_AUTH_USE_CLIENT) {

        /* "none" is then no method that needs an id */

        bit = OAUTHCC_PROVIDER_DIRECTIVES_OWN
              | (provider->client.method == OAUTHCC_CLIENT_AUTH_NONE
                 ? 0 : bit);
    }

    method = oauthcc_provider_auth_name(provider);

    for (row = oauthcc_provider_directives; row->command.name.len; row++) {

        name = &row->command.name;
        rule = row->rule;

        if (rule == NULL) {
            continue;
        }

        if (oauthcc_provider_auth_empty(provider, row)) {

            if (rule->needed & bit) {
                return oauthcc_block_refuse(cf, provider, "no \"%V\", which "
                                            "\"auth_method %V\" needs", name,
                                            method);
            }

            continue;
        }

        if (rule->allowed & bit) {
            continue;
        }

        if (provider->client.method == OAUTHCC_CLIENT_AUTH_ASSERTION) {
            return oauthcc_block_refuse(cf, provider, "\"%V\" has no effect "
                                        "with \"client_assertion\": remove "
                                        "one of both", name);
        }

        return oauthcc_block_refuse(cf, provider, "\"%V\" has no effect with "
                                    "\"auth_method %V\": remove it, or set "
                                    "\"auth_method\" to %s", name, method,
                                    rule->hint);
    }

    return NGX_CONF_OK;
}


static ngx_uint_t
oauthcc_provider_auth_empty(oauthcc_provider_t *provider,
    oauthcc_provider_directives_row_t *row)
{
    void  *field;

    field = (u_char *) provider + row->command.offset;

    switch (row->field) {

    case OAUTHCC_FIELD_VALUE:
        return ((oauthcc_value_t *) field)->text.data == NULL;

    case OAUTHCC_FIELD_STRING:
        return ((ngx_str_t *) field)->len == 0;

    default:
        return !oauthcc_block_has(provider, (char *) row->command.name.data);
    }
}


/* No parameter may be sent twice (RFC 6749 section 3.2). */

static char *
oauthcc_provider_auth_id(ngx_conf_t *cf, oauthcc_provider_t *provider)
{
    ngx_str_t        *id;
    static ngx_str_t  name = ngx_string("client_id");

    if (provider->client.method == OAUTHCC_CLIENT_AUTH_BASIC) {

        id = &provider->client.id.text;

        /* RFC 7617 section 2 */

        if (provider->client.basic_encoding == OAUTHCC_CLIENT_AUTH_RAW
            && ngx_strlchr(id->data, id->data + id->len, ':'))
        {
            ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                          "\"client_id\" has a colon, where it ends for a "
                          "server with \"basic_encoding raw\", in the block "
                          "that begins in %V:%ui", &provider->file,
                          provider->line);
        }

        return NGX_CONF_OK;
    }

    return oauthcc_block_param(provider, &name)
           ? oauthcc_block_refuse(cf, provider, "\"param client_id\" is for "
                                  "\"auth_method client_secret_basic\" only: "
                                  "the other methods send \"client_id\"")
           : NGX_CONF_OK;
}


static char *
oauthcc_provider_auth_grant(ngx_conf_t *cf, oauthcc_provider_t *provider)
{
    char             *name;
    oauthcc_grant_t  *grant;

    grant = &provider->grant;

    if (oauthcc_text_is(&grant->type, "password")) {

        name = grant->username.text.len == 0 ? "username"
               : grant->password.text.len == 0 ? "password" : NULL;

        return name ? oauthcc_block_refuse(cf, provider, "no \"%s\", which "
                                           "\"grant_type password\" needs",
                                           name)
                    : NGX_CONF_OK;
    }

    name = grant->username.text.len ? "username"
           : grant->password.text.len ? "password" : NULL;

    return name ? oauthcc_block_refuse(cf, provider, "\"%s\" has no effect "
                                       "without \"grant_type password\"", name)
                : NGX_CONF_OK;
}


static char *
oauthcc_provider_auth_tls(ngx_conf_t *cf, oauthcc_provider_t *provider)
{
    char                      **name;
    ngx_http_complex_value_t  **value;

    static char  *names[] = {
        "proxy_ssl_certificate",
        "proxy_ssl_certificate_key",
        NULL
    };

    if (!provider->endpoint.url->https && !provider->endpoint.issuer) {
        return oauthcc_block_refuse(cf, provider, "\"auth_method %V\" needs a "
                                    "\"token_endpoint\" with https",
                                    oauthcc_provider_auth_name(provider));
    }

    for (name = names; *name; name++) {

        value = oauthcc_nginx_directive_value(cf, *name,
                                             provider->endpoint.ctx->loc_conf);

        /* an empty value switches the certificate off */

        if (value == NULL
            || *value == NULL
            || *value == NGX_CONF_UNSET_PTR
            || (*value)->value.len == 0)
        {
            return oauthcc_block_refuse(cf, provider, "no \"%s\", which "
                                        "\"auth_method %V\" needs in the "
                                        "block itself", *name,
                                        oauthcc_provider_auth_name(provider));
        }
    }

    return NGX_CONF_OK;
}


static char *
oauthcc_provider_auth_key(ngx_conf_t *cf, oauthcc_provider_t *provider)
{
    ngx_int_t               rc;
    ngx_str_t               err;
    oauthcc_client_auth_t  *auth;

    auth = &provider->client;

    if (provider->client.method == OAUTHCC_CLIENT_AUTH_SECRET_JWT
        && auth->secret.text.len == 0)
    {
        return oauthcc_block_refuse(cf, provider, "\"client_secret\" is "
                                    "empty, no JWT can be signed with it");
    }

    /* the message uses the server's name of the method */

    if (oauthcc_text_is(&auth->assertion_audience, "issuer")) {

        if (!provider->endpoint.issuer) {
            return oauthcc_block_refuse(cf, provider, "\"assertion_audience "
                                        "issuer\" needs the \"issuer\" "
                                        "directive, or write its URL");
        }

        auth->assertion_audience = provider->endpoint.url->url;
    }

    rc = oauthcc_client_auth_init(cf->pool, provider, &err);

    if (rc == NGX_DECLINED) {
        return oauthcc_block_refuse(cf, provider, "%V", &err);
    }

    if (rc != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    /*
     * RFC 7518 section 3.2; some servers reject shorter ones, others issue
     * them
     */

    if (provider->client.method == OAUTHCC_CLIENT_AUTH_SECRET_JWT
        && provider->client.secret.text.len < auth->key->alg->size)
    {
        ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                      "\"client_secret\" is shorter than the %uz bytes that "
                      "%V wants, in the block that begins in %V:%ui",
                      auth->key->alg->size, &auth->key->alg->name,
                      &provider->file, provider->line);
    }

    if (auth->key->expired) {
        ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                      "\"assertion_certificate\": the certificate in \"%V\" "
                      "has expired, in the block that begins in %V:%ui",
                      &auth->certificate.source, &provider->file,
                      provider->line);
    }

    return NGX_CONF_OK;
}


static ngx_str_t *
oauthcc_provider_auth_name(oauthcc_provider_t *provider)
{
    ngx_conf_enum_t  *method;

    for (method = oauthcc_provider_directives_methods;
         method->name.len;
         method++)
    {
        if (method->value == provider->client.method) {
            break;
        }
    }

    return &method->name;
}
