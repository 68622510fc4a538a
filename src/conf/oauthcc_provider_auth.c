
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "conf/oauthcc_provider_auth.h"
#include "core/oauthcc_text.h"
#include "oauth/oauthcc_client_auth.h"
#include "conf/oauthcc_nginx_directive.h"
#include "oauth/oauthcc_signing_key.h"
#include "conf/oauthcc_provider_directives.h"


#define oauthcc_provider_auth_bit(name)                                       \
    ((ngx_uint_t) 1 << OAUTHCC_CLIENT_AUTH_##name)

#define OAUTHCC_PROVIDER_AUTH_SECRET                                          \
    (oauthcc_provider_auth_bit(BASIC)                                         \
     |oauthcc_provider_auth_bit(POST)                                         \
     |oauthcc_provider_auth_bit(SECRET_JWT))

#define OAUTHCC_PROVIDER_AUTH_KEY                                             \
    oauthcc_provider_auth_bit(KEY_JWT)

#define OAUTHCC_PROVIDER_AUTH_JWT                                             \
    (oauthcc_provider_auth_bit(KEY_JWT)                                       \
     |oauthcc_provider_auth_bit(SECRET_JWT))

#define OAUTHCC_PROVIDER_AUTH_TLS                                             \
    (oauthcc_provider_auth_bit(TLS)                                           \
     |oauthcc_provider_auth_bit(SELF_SIGNED_TLS))

#define OAUTHCC_PROVIDER_AUTH_FILE                                            \
    oauthcc_provider_auth_bit(ASSERTION)


/* a directive, and the methods that need it, and that have a use for it */

typedef struct {
    char       *name;
    size_t      offset;  /* of an ngx_str_t */
    ngx_uint_t  needed;
    ngx_uint_t  allowed;
    char       *hint;    /* who has a use for it */
} oauthcc_provider_auth_rule_t;


static char *oauthcc_provider_auth_file(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *oauthcc_provider_auth_string(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *oauthcc_provider_auth_assertion(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);
static char *oauthcc_provider_auth_method(ngx_conf_t *cf,
    oauthcc_provider_t *provider);
static char *oauthcc_provider_auth_rules(ngx_conf_t *cf,
    oauthcc_provider_t *provider);
static char *oauthcc_provider_auth_grant(ngx_conf_t *cf,
    oauthcc_provider_t *provider);
static char *oauthcc_provider_auth_tls(ngx_conf_t *cf,
    oauthcc_provider_t *provider);
static char *oauthcc_provider_auth_key(ngx_conf_t *cf,
    oauthcc_provider_t *provider);
static char *oauthcc_provider_auth_refuse(ngx_conf_t *cf,
    oauthcc_provider_t *provider, const char *fmt, ...);
static ngx_str_t *oauthcc_provider_auth_name(oauthcc_provider_t *provider);


ngx_command_t  oauthcc_client_auth_setters[] = {

    { ngx_string("assertion_key"),
      NGX_CONF_TAKE1,
      oauthcc_provider_auth_file,
      0,
      offsetof(oauthcc_provider_t, auth.key_file),
      NULL },

    { ngx_string("assertion_key_password"),
      NGX_CONF_TAKE1,
      oauthcc_provider_directives_value,
      0,
      offsetof(oauthcc_provider_t, auth.key_password),
      NULL },

    { ngx_string("assertion_alg"),
      NGX_CONF_TAKE1,
      oauthcc_provider_auth_string,
      0,
      offsetof(oauthcc_provider_t, auth.alg),
      NULL },

    { ngx_string("assertion_kid"),
      NGX_CONF_TAKE1,
      oauthcc_provider_auth_string,
      0,
      offsetof(oauthcc_provider_t, auth.kid),
      NULL },

    { ngx_string("assertion_certificate"),
      NGX_CONF_TAKE1,
      oauthcc_provider_auth_file,
      0,
      offsetof(oauthcc_provider_t, auth.certificate),
      NULL },

    { ngx_string("assertion_audience"),
      NGX_CONF_TAKE1,
      oauthcc_provider_auth_string,
      0,
      offsetof(oauthcc_provider_t, auth.audience),
      NULL },

    { ngx_string("client_assertion"),
      NGX_CONF_TAKE1,
      oauthcc_provider_auth_assertion,
      0,
      offsetof(oauthcc_provider_t, auth.assertion),
      NULL },

    { ngx_string("client_assertion_type"),
      NGX_CONF_TAKE1,
      oauthcc_provider_auth_string,
      0,
      offsetof(oauthcc_provider_t, auth.assertion_type),
      NULL },

    { ngx_string("grant_type"),
      NGX_CONF_TAKE1,
      oauthcc_provider_auth_string,
      0,
      offsetof(oauthcc_provider_t, auth.grant_type),
      NULL },

    { ngx_string("username"),
      NGX_CONF_TAKE1,
      oauthcc_provider_directives_value,
      0,
      offsetof(oauthcc_provider_t, auth.username),
      NULL },

    { ngx_string("password"),
      NGX_CONF_TAKE1,
      oauthcc_provider_directives_value,
      0,
      offsetof(oauthcc_provider_t, auth.password),
      NULL },

      ngx_null_command
};


static oauthcc_provider_auth_rule_t  oauthcc_provider_auth_table[] = {

    { "client_id",
      offsetof(oauthcc_provider_t, client_id.text),
      ~OAUTHCC_PROVIDER_AUTH_FILE, ~(ngx_uint_t) 0, NULL },

    { "client_secret",
      offsetof(oauthcc_provider_t, client_secret.text),
      OAUTHCC_PROVIDER_AUTH_SECRET,
      OAUTHCC_PROVIDER_AUTH_SECRET,
      "a method with client_secret in its name" },

    { "assertion_key",
      offsetof(oauthcc_provider_t, auth.key_file.text),
      OAUTHCC_PROVIDER_AUTH_KEY, OAUTHCC_PROVIDER_AUTH_KEY,
      "private_key_jwt" },

    { "assertion_key_password",
      offsetof(oauthcc_provider_t, auth.key_password.text),
      0, OAUTHCC_PROVIDER_AUTH_KEY,
      "private_key_jwt" },

    { "assertion_certificate",
      offsetof(oauthcc_provider_t, auth.certificate.text),
      0, OAUTHCC_PROVIDER_AUTH_KEY,
      "private_key_jwt" },

    { "assertion_alg",
      offsetof(oauthcc_provider_t, auth.alg),
      0, OAUTHCC_PROVIDER_AUTH_JWT,
      "private_key_jwt or client_secret_jwt" },

    { "assertion_kid",
      offsetof(oauthcc_provider_t, auth.kid),
      0, OAUTHCC_PROVIDER_AUTH_JWT,
      "private_key_jwt or client_secret_jwt" },

    { "assertion_audience",
      offsetof(oauthcc_provider_t, auth.audience),
      0, OAUTHCC_PROVIDER_AUTH_JWT,
      "private_key_jwt or client_secret_jwt" },

    { NULL, 0, 0, 0, NULL }
};


char *
oauthcc_provider_auth_check(ngx_conf_t *cf, oauthcc_provider_t *provider)
{
    if (oauthcc_provider_auth_method(cf, provider) != NGX_CONF_OK
        || oauthcc_provider_auth_rules(cf, provider) != NGX_CONF_OK
        || oauthcc_provider_auth_grant(cf, provider) != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    switch (provider->auth_method) {

    case OAUTHCC_CLIENT_AUTH_TLS:
    case OAUTHCC_CLIENT_AUTH_SELF_SIGNED_TLS:
        return oauthcc_provider_auth_tls(cf, provider);

    case OAUTHCC_CLIENT_AUTH_KEY_JWT:
    case OAUTHCC_CLIENT_AUTH_SECRET_JWT:
        return oauthcc_provider_auth_key(cf, provider);

    default:
        return NGX_CONF_OK;
    }
}


/* A path, and nothing else: a key does not stand in a configuration. */

static char *
oauthcc_provider_auth_file(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    u_char     *p;
    ngx_str_t  *value;

    value = cf->args->elts;

    if (value[1].len
        && ngx_strncmp(value[1].data, "file:", sizeof("file:") - 1) != 0)
    {
        p = ngx_pnalloc(cf->pool, sizeof("file:") + value[1].len);
        if (p == NULL) {
            return NGX_CONF_ERROR;
        }

        value[1].len = ngx_sprintf(p, "file:%V%Z", &value[1]) - p - 1;
        value[1].data = p;
    }

    return oauthcc_provider_directives_value(cf, cmd, conf);
}


static char *
oauthcc_provider_auth_string(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t  *value;

    value = cf->args->elts;

    if (value[1].len == 0) {
        return "has an empty value";
    }

    return oauthcc_provider_directives_string(cf, cmd, conf);
}


static char *
oauthcc_provider_auth_assertion(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t  *value;

    value = cf->args->elts;

    /* one in place would end, and nobody could give another one */

    if (ngx_strncmp(value[1].data, "file:", sizeof("file:") - 1) != 0) {
        return "needs a file that somebody keeps fresh: file:PATH";
    }

    return oauthcc_provider_directives_value(cf, cmd, conf);
}


static char *
oauthcc_provider_auth_method(ngx_conf_t *cf, oauthcc_provider_t *provider)
{
    oauthcc_client_auth_t  *auth;

    auth = &provider->auth;

    if (auth->assertion.text.len == 0) {

        if (auth->assertion_type.len) {
            return oauthcc_provider_auth_refuse(cf, provider,
                                    "\"client_assertion_type\" is of no use "
                                    "without \"client_assertion\"");
        }

        ngx_conf_init_uint_value(provider->auth_method,
                                 OAUTHCC_CLIENT_AUTH_BASIC);

    } else {

        if (provider->auth_method != NGX_CONF_UNSET_UINT) {
            return oauthcc_provider_auth_refuse(cf, provider,
                                    "\"client_assertion\" is a method of its "
                                    "own: \"auth_method %V\" cannot be used "
                                                "with it, remove one of both",
                                                oauthcc_provider_auth_name(
                                                                  provider));
        }

        provider->auth_method = OAUTHCC_CLIENT_AUTH_ASSERTION;
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
    ngx_str_t                     *text, *name;
    ngx_uint_t                     bit;
    oauthcc_provider_auth_rule_t  *rule;

    bit = (ngx_uint_t) 1 << provider->auth_method;
    name = oauthcc_provider_auth_name(provider);

    for (rule = oauthcc_provider_auth_table; rule->name; rule++) {

        text = (ngx_str_t *) ((u_char *) provider + rule->offset);

        if (text->len == 0) {

            if (rule->needed & bit) {
                return oauthcc_provider_auth_refuse(cf, provider,
                                    "no \"%s\", which \"auth_method %V\" "
                                                    "needs", rule->name, name);
            }

            continue;
        }

        if (rule->allowed & bit) {
            continue;
        }

        if (provider->auth_method == OAUTHCC_CLIENT_AUTH_ASSERTION) {
            return oauthcc_provider_auth_refuse(cf, provider,
                                                "\"%s\" is of no use with "
                                    "\"client_assertion\": remove one of both",
                                                rule->name);
        }

        return oauthcc_provider_auth_refuse(cf, provider,
                                    "\"%s\" is of no use with \"auth_method "
                                    "%V\": remove it, or set \"auth_method\" "
                                    "to %s", rule->name, name, rule->hint);
    }

    return NGX_CONF_OK;
}


static char *
oauthcc_provider_auth_grant(ngx_conf_t *cf, oauthcc_provider_t *provider)
{
    char                   *missing;
    oauthcc_client_auth_t  *auth;

    auth = &provider->auth;

    if (auth->grant_type.len == 0) {
        ngx_str_set(&auth->grant_type, "client_credentials");
    }

    if (oauthcc_text_is(&auth->grant_type, "password")) {
        missing = auth->username.text.len == 0 ? "username"
                  : auth->password.text.len == 0 ? "password" : NULL;

        if (missing) {
            return oauthcc_provider_auth_refuse(cf, provider,
                                    "no \"%s\", which \"grant_type password\" "
                                                "needs", missing);
        }

        return NGX_CONF_OK;
    }

    if (auth->username.text.len || auth->password.text.len) {
        return oauthcc_provider_auth_refuse(cf, provider,
                                            "\"%s\" is of no use without "
                                            "\"grant_type password\"",
                                           auth->username.text.len ? "username"
                                                            : "password");
    }

    return NGX_CONF_OK;
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

    if (!provider->endpoint.https && !provider->issuer) {
        return oauthcc_provider_auth_refuse(cf, provider,
                                            "\"auth_method %V\" needs a "
                                            "\"token_endpoint\" with https",
                                            oauthcc_provider_auth_name(
                                                                  provider));
    }

    for (name = names; *name; name++) {

        value = oauthcc_nginx_directive_value(cf, *name,
                                              provider->ctx->loc_conf);

        /* an empty one is how nginx is told to use none */

        if (value == NULL
            || *value == NULL
            || *value == NGX_CONF_UNSET_PTR
            || (*value)->value.len == 0)
        {
            return oauthcc_provider_auth_refuse(cf, provider,
                                    "no \"%s\", which \"auth_method %V\" "
                                    "needs in the block itself", *name,
                                                oauthcc_provider_auth_name(
                                                                  provider));
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

    auth = &provider->auth;

    /* the word is for what the server says its name is */

    if (oauthcc_text_is(&auth->audience, "issuer")) {
        if (!provider->issuer) {
            return oauthcc_provider_auth_refuse(cf, provider,
                                    "\"assertion_audience issuer\" needs "
                                    "the \"issuer\" directive, or write its "
                                                "URL");
        }

        auth->audience = provider->endpoint.url;
    }

    rc = oauthcc_client_auth_init(cf->pool, provider, &err);

    if (rc == NGX_DECLINED) {
        return oauthcc_provider_auth_refuse(cf, provider, "%V", &err);
    }

    if (rc != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    /* RFC 7518 section 3.2; some servers refuse it, and some made it */

    if (provider->auth_method == OAUTHCC_CLIENT_AUTH_SECRET_JWT
        && provider->client_secret.text.len < auth->key->alg->size)
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


static char *
oauthcc_provider_auth_refuse(ngx_conf_t *cf, oauthcc_provider_t *provider,
    const char *fmt, ...)
{
    u_char  *p, text[NGX_MAX_CONF_ERRSTR];
    va_list  args;

    va_start(args, fmt);
    p = ngx_vslprintf(text, text + sizeof(text), fmt, args);
    va_end(args);

    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "%*s, in the block that begins in %V:%ui",
                  (size_t) (p - text), text, &provider->file, provider->line);

    return NGX_CONF_ERROR;
}


static ngx_str_t *
oauthcc_provider_auth_name(oauthcc_provider_t *provider)
{
    ngx_conf_enum_t  *method;

    for (method = oauthcc_provider_directives_methods;
         method->name.len;
         method++)
    {
        if (method->value == provider->auth_method) {
            break;
        }
    }

    return &method->name;
}
