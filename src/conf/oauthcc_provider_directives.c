
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "conf/oauthcc_provider_directives.h"
#include "conf/oauthcc_forward_proxy.h"
#include "conf/oauthcc_provider_assertion.h"
#include "conf/oauthcc_provider_endpoint.h"
#include "conf/oauthcc_provider_login_json.h"
#include "conf/oauthcc_provider_setters.h"
#include "conf/oauthcc_slots.h"
#include "core/oauthcc_directive.h"
#include "core/oauthcc_provider_conf.h"
#include "oauth/oauthcc_client_auth.h"


#define oauthcc_provider_directives_bit(name)                                 \
    ((ngx_uint_t) 1 << OAUTHCC_CLIENT_AUTH_##name)

#define OAUTHCC_PROVIDER_DIRECTIVES_SECRET                                    \
    (oauthcc_provider_directives_bit(BASIC)                                   \
     |oauthcc_provider_directives_bit(POST)                                   \
     |oauthcc_provider_directives_bit(SECRET_JWT))

#define OAUTHCC_PROVIDER_DIRECTIVES_KEY                                       \
    (oauthcc_provider_directives_bit(KEY_JWT)                                 \
     |OAUTHCC_PROVIDER_DIRECTIVES_OWN)

#define OAUTHCC_PROVIDER_DIRECTIVES_JWT                                       \
    (OAUTHCC_PROVIDER_DIRECTIVES_KEY                                          \
     |oauthcc_provider_directives_bit(SECRET_JWT))


ngx_conf_enum_t  oauthcc_provider_directives_methods[] = {
    { ngx_string("client_secret_basic"), OAUTHCC_CLIENT_AUTH_BASIC },
    { ngx_string("client_secret_post"), OAUTHCC_CLIENT_AUTH_POST },
    { ngx_string("client_secret_jwt"), OAUTHCC_CLIENT_AUTH_SECRET_JWT },
    { ngx_string("private_key_jwt"), OAUTHCC_CLIENT_AUTH_KEY_JWT },
    { ngx_string("tls_client_auth"), OAUTHCC_CLIENT_AUTH_TLS },
    { ngx_string("self_signed_tls_client_auth"),
      OAUTHCC_CLIENT_AUTH_SELF_SIGNED_TLS },
    { ngx_string("none"), OAUTHCC_CLIENT_AUTH_NONE },
    { ngx_null_string, 0 }
};


static ngx_conf_enum_t  oauthcc_provider_directives_uses[] = {
    { ngx_string("client"), OAUTHCC_CLIENT_AUTH_USE_CLIENT },
    { ngx_string("grant"), OAUTHCC_CLIENT_AUTH_USE_GRANT },
    { ngx_string("token"), OAUTHCC_CLIENT_AUTH_USE_TOKEN },
    { ngx_null_string, 0 }
};


static ngx_conf_enum_t  oauthcc_provider_directives_encodings[] = {
    { ngx_string("auto"), OAUTHCC_CLIENT_AUTH_AUTO },
    { ngx_string("rfc6749"), OAUTHCC_CLIENT_AUTH_RFC6749 },
    { ngx_string("raw"), OAUTHCC_CLIENT_AUTH_RAW },
    { ngx_null_string, 0 }
};


static oauthcc_provider_directives_rule_t  oauthcc_provider_directives_id = {
    ~(oauthcc_provider_directives_bit(ASSERTION)
      |OAUTHCC_PROVIDER_DIRECTIVES_OWN),
    ~(ngx_uint_t) 0, NULL
};

static oauthcc_provider_directives_rule_t
    oauthcc_provider_directives_secret =
{
    OAUTHCC_PROVIDER_DIRECTIVES_SECRET, OAUTHCC_PROVIDER_DIRECTIVES_SECRET,
    "a method with client_secret in its name"
};

static oauthcc_provider_directives_rule_t  oauthcc_provider_directives_key = {
    OAUTHCC_PROVIDER_DIRECTIVES_KEY, OAUTHCC_PROVIDER_DIRECTIVES_KEY,
    "private_key_jwt"
};

static oauthcc_provider_directives_rule_t
    oauthcc_provider_directives_with_key =
{
    0, OAUTHCC_PROVIDER_DIRECTIVES_KEY, "private_key_jwt"
};

static oauthcc_provider_directives_rule_t
    oauthcc_provider_directives_with_jwt =
{
    0, OAUTHCC_PROVIDER_DIRECTIVES_JWT, "private_key_jwt or client_secret_jwt"
};


/*
 * In the order of docs/directives.md.  A row is all there is to say of its
 * directive: conf/block and provider_auth do the rest.
 */

oauthcc_provider_directives_row_t  oauthcc_provider_directives[] = {

    { { ngx_string("token_endpoint"), NGX_CONF_TAKE1,
        oauthcc_provider_endpoint, 0, 0, NULL },
      OAUTHCC_FIELD_OTHER, OAUTHCC_DIRECTIVE_OAUTH,
      { NULL, NULL }, NULL },

    { { ngx_string("issuer"), NGX_CONF_TAKE1,
        oauthcc_provider_endpoint_issuer, 0, 0, NULL },
      OAUTHCC_FIELD_OTHER, OAUTHCC_DIRECTIVE_OAUTH,
      { NULL, NULL }, NULL },

    { { ngx_string("client_id"), NGX_CONF_TAKE1,
        oauthcc_provider_setters_value, 0,
        offsetof(oauthcc_provider_t, client.id), NULL },
      OAUTHCC_FIELD_VALUE, OAUTHCC_DIRECTIVE_OAUTH|OAUTHCC_DIRECTIVE_PUBLIC
                           |OAUTHCC_DIRECTIVE_JWT,
      { NULL, NULL }, &oauthcc_provider_directives_id },

    { { ngx_string("client_secret"), NGX_CONF_TAKE1,
        oauthcc_provider_setters_value, 0,
        offsetof(oauthcc_provider_t, client.secret), OAUTHCC_SLOTS_EMPTY },
      OAUTHCC_FIELD_VALUE, OAUTHCC_DIRECTIVE_OAUTH,
      { NULL, NULL }, &oauthcc_provider_directives_secret },

    { { ngx_string("auth_method"), NGX_CONF_TAKE1,
        oauthcc_slots_enum, 0,
        offsetof(oauthcc_provider_t, client.method),
        &oauthcc_provider_directives_methods },
      OAUTHCC_FIELD_NUMBER, OAUTHCC_DIRECTIVE_OAUTH,
      { NULL, NULL }, NULL },

    { { ngx_string("assertion_key"), NGX_CONF_TAKE1,
        oauthcc_provider_setters_file, 0,
        offsetof(oauthcc_provider_t, client.key_file), NULL },
      OAUTHCC_FIELD_VALUE, OAUTHCC_DIRECTIVE_OAUTH|OAUTHCC_DIRECTIVE_SIGNING
                           |OAUTHCC_DIRECTIVE_JWT,
      { NULL, NULL }, &oauthcc_provider_directives_key },

    { { ngx_string("assertion_key_password"), NGX_CONF_TAKE1,
        oauthcc_provider_setters_value, 0,
        offsetof(oauthcc_provider_t, client.key_password), NULL },
      OAUTHCC_FIELD_VALUE, OAUTHCC_DIRECTIVE_OAUTH|OAUTHCC_DIRECTIVE_SIGNING
                           |OAUTHCC_DIRECTIVE_JWT,
      { NULL, NULL }, &oauthcc_provider_directives_with_key },

    { { ngx_string("assertion_alg"), NGX_CONF_TAKE1,
        oauthcc_provider_setters_word, 0,
        offsetof(oauthcc_provider_t, client.alg), NULL },
      OAUTHCC_FIELD_STRING, OAUTHCC_DIRECTIVE_OAUTH
                           |OAUTHCC_DIRECTIVE_JWT,
      { NULL, NULL }, &oauthcc_provider_directives_with_jwt },

    { { ngx_string("assertion_kid"), NGX_CONF_TAKE1,
        oauthcc_provider_setters_word, 0,
        offsetof(oauthcc_provider_t, client.kid), NULL },
      OAUTHCC_FIELD_STRING, OAUTHCC_DIRECTIVE_OAUTH
                           |OAUTHCC_DIRECTIVE_JWT,
      { NULL, NULL }, &oauthcc_provider_directives_with_jwt },

    { { ngx_string("assertion_certificate"), NGX_CONF_TAKE1,
        oauthcc_provider_setters_file, 0,
        offsetof(oauthcc_provider_t, client.certificate), NULL },
      OAUTHCC_FIELD_VALUE, OAUTHCC_DIRECTIVE_OAUTH|OAUTHCC_DIRECTIVE_SIGNING
                           |OAUTHCC_DIRECTIVE_JWT,
      { NULL, NULL }, &oauthcc_provider_directives_with_key },

    { { ngx_string("assertion_audience"), NGX_CONF_TAKE1,
        oauthcc_provider_setters_word, 0,
        offsetof(oauthcc_provider_t, client.assertion_audience), NULL },
      OAUTHCC_FIELD_STRING, OAUTHCC_DIRECTIVE_OAUTH
                           |OAUTHCC_DIRECTIVE_JWT,
      { NULL, NULL }, &oauthcc_provider_directives_with_jwt },

    { { ngx_string("assertion_lifetime"), NGX_CONF_TAKE1,
        oauthcc_provider_assertion_lifetime, 0,
        offsetof(oauthcc_provider_t, client.assertion_lifetime), NULL },
      OAUTHCC_FIELD_NUMBER, OAUTHCC_DIRECTIVE_OAUTH
                           |OAUTHCC_DIRECTIVE_JWT,
      { "60s", NULL }, &oauthcc_provider_directives_with_jwt },

    { { ngx_string("assertion_use"), NGX_CONF_TAKE1,
        oauthcc_slots_enum, 0,
        offsetof(oauthcc_provider_t, client.assertion_use),
        &oauthcc_provider_directives_uses },
      OAUTHCC_FIELD_NUMBER, OAUTHCC_DIRECTIVE_OAUTH|OAUTHCC_DIRECTIVE_JWT,
      { "client", NULL }, NULL },

    { { ngx_string("assertion_issuer"), NGX_CONF_TAKE1,
        oauthcc_provider_setters_value, 0,
        offsetof(oauthcc_provider_t, client.assertion_issuer), NULL },
      OAUTHCC_FIELD_VALUE, OAUTHCC_DIRECTIVE_OAUTH|OAUTHCC_DIRECTIVE_PUBLIC
                           |OAUTHCC_DIRECTIVE_JWT,
      { NULL, NULL }, &oauthcc_provider_directives_with_jwt },

    { { ngx_string("assertion_subject"), NGX_CONF_TAKE1,
        oauthcc_provider_setters_value, 0,
        offsetof(oauthcc_provider_t, client.assertion_subject), NULL },
      OAUTHCC_FIELD_VALUE, OAUTHCC_DIRECTIVE_OAUTH|OAUTHCC_DIRECTIVE_PUBLIC
                           |OAUTHCC_DIRECTIVE_JWT,
      { NULL, NULL }, &oauthcc_provider_directives_with_jwt },

    { { ngx_string("assertion_claim"), NGX_CONF_TAKE23,
        oauthcc_provider_assertion_claim, 0,
        offsetof(oauthcc_provider_t, client.assertion_claims), NULL },
      OAUTHCC_FIELD_CLAIMS, OAUTHCC_DIRECTIVE_OAUTH|OAUTHCC_DIRECTIVE_PUBLIC
                            |OAUTHCC_DIRECTIVE_JWT,
      { NULL, NULL }, &oauthcc_provider_directives_with_jwt },

    { { ngx_string("client_assertion"), NGX_CONF_TAKE1,
        oauthcc_provider_setters_assertion, 0,
        offsetof(oauthcc_provider_t, client.assertion), NULL },
      OAUTHCC_FIELD_VALUE, OAUTHCC_DIRECTIVE_OAUTH|OAUTHCC_DIRECTIVE_FRESH,
      { NULL, NULL }, NULL },

    { { ngx_string("client_assertion_type"), NGX_CONF_TAKE1,
        oauthcc_provider_setters_word, 0,
        offsetof(oauthcc_provider_t, client.assertion_type), NULL },
      OAUTHCC_FIELD_STRING, OAUTHCC_DIRECTIVE_OAUTH,
      { NULL, NULL }, NULL },

    { { ngx_string("grant_type"), NGX_CONF_TAKE1,
        oauthcc_provider_setters_word, 0,
        offsetof(oauthcc_provider_t, grant.type), NULL },
      OAUTHCC_FIELD_STRING, OAUTHCC_DIRECTIVE_OAUTH,
      { "client_credentials", NULL }, NULL },

    { { ngx_string("subject_token_type"), NGX_CONF_TAKE1,
        oauthcc_provider_setters_word, 0,
        offsetof(oauthcc_provider_t, grant.subject_token_type), NULL },
      OAUTHCC_FIELD_STRING, OAUTHCC_DIRECTIVE_OAUTH,
      { "urn:ietf:params:oauth:token-type:access_token", NULL }, NULL },

    { { ngx_string("subject_token_lifetime"), NGX_CONF_TAKE1,
        oauthcc_slots_time, 0,
        offsetof(oauthcc_provider_t, grant.subject_token_lifetime), NULL },
      OAUTHCC_FIELD_NUMBER, OAUTHCC_DIRECTIVE_OAUTH|OAUTHCC_DIRECTIVE_LOCAL,
      { NULL, NULL }, NULL },

    { { ngx_string("username"), NGX_CONF_TAKE1,
        oauthcc_provider_setters_value, 0,
        offsetof(oauthcc_provider_t, grant.username), NULL },
      OAUTHCC_FIELD_VALUE, OAUTHCC_DIRECTIVE_OAUTH|OAUTHCC_DIRECTIVE_PUBLIC,
      { NULL, NULL }, NULL },

    { { ngx_string("password"), NGX_CONF_TAKE1,
        oauthcc_provider_setters_value, 0,
        offsetof(oauthcc_provider_t, grant.password), NULL },
      OAUTHCC_FIELD_VALUE, OAUTHCC_DIRECTIVE_OAUTH,
      { NULL, NULL }, NULL },

    { { ngx_string("basic_encoding"), NGX_CONF_TAKE1,
        oauthcc_slots_enum, 0,
        offsetof(oauthcc_provider_t, client.basic_encoding),
        &oauthcc_provider_directives_encodings },
      OAUTHCC_FIELD_NUMBER, OAUTHCC_DIRECTIVE_OAUTH,
      { "auto", NULL }, NULL },

    { { ngx_string("scope"), NGX_CONF_TAKE1,
        oauthcc_provider_setters_scope, 0,
        offsetof(oauthcc_provider_t, grant.scope), OAUTHCC_SLOTS_EMPTY },
      OAUTHCC_FIELD_VALUE, OAUTHCC_DIRECTIVE_OAUTH|OAUTHCC_DIRECTIVE_PUBLIC,
      { NULL, NULL }, NULL },

    { { ngx_string("audience"), NGX_CONF_TAKE1,
        oauthcc_provider_setters_value, 0,
        offsetof(oauthcc_provider_t, grant.audience), OAUTHCC_SLOTS_EMPTY },
      OAUTHCC_FIELD_VALUE, OAUTHCC_DIRECTIVE_OAUTH|OAUTHCC_DIRECTIVE_PUBLIC,
      { NULL, NULL }, NULL },

    { { ngx_string("resource"), NGX_CONF_TAKE1,
        oauthcc_provider_setters_resource, 0,
        offsetof(oauthcc_provider_t, grant.resources), NULL },
      OAUTHCC_FIELD_STRINGS, OAUTHCC_DIRECTIVE_OAUTH,
      { NULL, NULL }, NULL },

    /* which of these are secret is decided by name, per request */

    { { ngx_string("param"), NGX_CONF_TAKE2,
        oauthcc_provider_setters_param, 0,
        offsetof(oauthcc_provider_t, grant.params), NULL },
      OAUTHCC_FIELD_NAMED, OAUTHCC_DIRECTIVE_OAUTH|OAUTHCC_DIRECTIVE_PUBLIC,
      { NULL, NULL }, NULL },

    { { ngx_string("header"), NGX_CONF_TAKE2,
        oauthcc_provider_setters_header, 0,
        offsetof(oauthcc_provider_t, grant.headers), NULL },
      OAUTHCC_FIELD_NAMED, OAUTHCC_DIRECTIVE_OAUTH|OAUTHCC_DIRECTIVE_PUBLIC,
      { NULL, NULL }, NULL },

    /* the key contains the content of the document, not its path */

    { { ngx_string("login_json"), NGX_CONF_TAKE1,
        oauthcc_provider_login_json_file, 0, 0, NULL },
      OAUTHCC_FIELD_OTHER, OAUTHCC_DIRECTIVE_LOCAL,
      { NULL, NULL }, NULL },

    { { ngx_string("attr"), NGX_CONF_TAKE2,
        oauthcc_provider_login_json_attr, 0,
        offsetof(oauthcc_provider_t, document.attrs), NULL },
      OAUTHCC_FIELD_ATTRS, OAUTHCC_DIRECTIVE_DOCUMENT,
      { NULL, NULL }, NULL },

    { { ngx_string("token_type"), NGX_CONF_TAKE1,
        oauthcc_provider_setters_token_type, 0,
        offsetof(oauthcc_provider_t, grant.token_type), NULL },
      OAUTHCC_FIELD_STRING, OAUTHCC_DIRECTIVE_OAUTH,
      { NULL, NULL }, NULL },

    { { ngx_string("dpop"), NGX_CONF_FLAG,
        oauthcc_slots_flag, 0,
        offsetof(oauthcc_provider_t, dpop.on), NULL },
      OAUTHCC_FIELD_NUMBER, OAUTHCC_DIRECTIVE_OAUTH,
      { "off", NULL }, NULL },

    { { ngx_string("dpop_key"), NGX_CONF_TAKE1,
        oauthcc_provider_setters_file, 0,
        offsetof(oauthcc_provider_t, dpop.key_file), NULL },
      OAUTHCC_FIELD_VALUE, OAUTHCC_DIRECTIVE_OAUTH|OAUTHCC_DIRECTIVE_SIGNING,
      { NULL, NULL }, NULL },

    { { ngx_string("dpop_key_password"), NGX_CONF_TAKE1,
        oauthcc_provider_setters_value, 0,
        offsetof(oauthcc_provider_t, dpop.key_password), NULL },
      OAUTHCC_FIELD_VALUE, OAUTHCC_DIRECTIVE_OAUTH|OAUTHCC_DIRECTIVE_SIGNING,
      { NULL, NULL }, NULL },

    { { ngx_string("dpop_alg"), NGX_CONF_TAKE1,
        oauthcc_provider_setters_word, 0,
        offsetof(oauthcc_provider_t, dpop.alg), NULL },
      OAUTHCC_FIELD_STRING, OAUTHCC_DIRECTIVE_OAUTH,
      { NULL, NULL }, NULL },

    { { ngx_string("dpop_uri"), NGX_CONF_TAKE1,
        oauthcc_provider_setters_word, 0,
        offsetof(oauthcc_provider_t, dpop.uri), NULL },
      OAUTHCC_FIELD_STRING, OAUTHCC_DIRECTIVE_OAUTH,
      { NULL, NULL }, NULL },

    { { ngx_string("default_expires"), NGX_CONF_TAKE1,
        oauthcc_slots_time, 0,
        offsetof(oauthcc_provider_t, lifetime.default_expires), NULL },
      OAUTHCC_FIELD_NUMBER, OAUTHCC_DIRECTIVE_LOCAL,
      { "5m", NULL }, NULL },

    { { ngx_string("expiry_margin"), NGX_CONF_TAKE1,
        oauthcc_slots_time, 0,
        offsetof(oauthcc_provider_t, lifetime.expiry_margin),
        OAUTHCC_SLOTS_EMPTY },
      OAUTHCC_FIELD_NUMBER, OAUTHCC_DIRECTIVE_LOCAL,
      { "5s", NULL }, NULL },

    { { ngx_string("refresh_before"), NGX_CONF_TAKE1,
        oauthcc_slots_time, 0,
        offsetof(oauthcc_provider_t, lifetime.refresh_before),
        OAUTHCC_SLOTS_EMPTY },
      OAUTHCC_FIELD_NUMBER, OAUTHCC_DIRECTIVE_LOCAL,
      { "60s", NULL }, NULL },

    { { ngx_string("keep_warm"), NGX_CONF_FLAG,
        oauthcc_slots_flag, 0,
        offsetof(oauthcc_provider_t, lifetime.keep_warm), NULL },
      OAUTHCC_FIELD_NUMBER, OAUTHCC_DIRECTIVE_LOCAL,
      { "off", NULL }, NULL },

    { { ngx_string("store"), NGX_CONF_FLAG,
        oauthcc_slots_flag, 0,
        offsetof(oauthcc_provider_t, use_store), NULL },
      OAUTHCC_FIELD_NUMBER, OAUTHCC_DIRECTIVE_LOCAL,
      { "on", NULL }, NULL },

    { { ngx_string("replay_interval"), NGX_CONF_TAKE1,
        oauthcc_slots_time, 0,
        offsetof(oauthcc_provider_t, limits.replay_interval), NULL },
      OAUTHCC_FIELD_NUMBER, OAUTHCC_DIRECTIVE_LOCAL,
      { "10s", NULL }, NULL },

    { { ngx_string("timeout"), NGX_CONF_TAKE1,
        oauthcc_slots_time, 0,
        offsetof(oauthcc_provider_t, limits.timeout), NULL },
      OAUTHCC_FIELD_NUMBER, OAUTHCC_DIRECTIVE_LOCAL,
      { "10s", NULL }, NULL },

    { { ngx_string("wait_timeout"), NGX_CONF_TAKE1,
        oauthcc_slots_time, 0,
        offsetof(oauthcc_provider_t, limits.wait_timeout), NULL },
      OAUTHCC_FIELD_NUMBER, OAUTHCC_DIRECTIVE_LOCAL,
      { NULL, NULL }, NULL },

    { { ngx_string("max_logins"), NGX_CONF_TAKE1,
        oauthcc_slots_number, 0,
        offsetof(oauthcc_provider_t, limits.max_logins), NULL },
      OAUTHCC_FIELD_NUMBER, OAUTHCC_DIRECTIVE_LOCAL,
      { "20", NULL }, NULL },

    { { ngx_string("max_waiters"), NGX_CONF_TAKE1,
        oauthcc_slots_number, 0,
        offsetof(oauthcc_provider_t, limits.max_waiters), NULL },
      OAUTHCC_FIELD_NUMBER, OAUTHCC_DIRECTIVE_LOCAL,
      { NULL, NULL }, NULL },

    { { ngx_string("backoff"), NGX_CONF_TAKE2,
        oauthcc_slots_backoff, 0,
        offsetof(oauthcc_provider_t, limits.backoff_min), NULL },
      OAUTHCC_FIELD_NUMBER, OAUTHCC_DIRECTIVE_LOCAL,
      { "500ms", "60s" }, NULL },

    { { ngx_string("retry_after_max"), NGX_CONF_TAKE1,
        oauthcc_slots_time, 0,
        offsetof(oauthcc_provider_t, limits.retry_after_max), NULL },
      OAUTHCC_FIELD_NUMBER, OAUTHCC_DIRECTIVE_LOCAL,
      { "15m", NULL }, NULL },

    { { ngx_string("max_response"), NGX_CONF_TAKE1,
        oauthcc_slots_size, 0,
        offsetof(oauthcc_provider_t, limits.max_response), NULL },
      OAUTHCC_FIELD_NUMBER, OAUTHCC_DIRECTIVE_LOCAL,
      { "64k", NULL }, NULL },

    { { ngx_string("allow_http"), NGX_CONF_FLAG,
        oauthcc_slots_flag, 0,
        offsetof(oauthcc_provider_t, endpoint.allow_http), NULL },
      OAUTHCC_FIELD_NUMBER, OAUTHCC_DIRECTIVE_LOCAL,
      { "off", NULL }, NULL },

    /* from which address to connect may decide who is logged in */

    { { ngx_string("forward_proxy"), NGX_CONF_TAKE1,
        oauthcc_forward_proxy, 0, 0, NULL },
      OAUTHCC_FIELD_OTHER, OAUTHCC_DIRECTIVE_ROUTE,
      { NULL, NULL }, NULL },

    { { ngx_string("forward_proxy_password"), NGX_CONF_TAKE1,
        oauthcc_provider_setters_value, 0,
        offsetof(oauthcc_provider_t, endpoint.forward_proxy.password), NULL },
      OAUTHCC_FIELD_VALUE, OAUTHCC_DIRECTIVE_ROUTE,
      { NULL, NULL }, NULL },

    /* directives of nginx whose meaning depends on the rest of the block */

    { { ngx_string("proxy_ssl_verify"), NGX_CONF_FLAG,
        oauthcc_slots_flag, 0,
        offsetof(oauthcc_provider_t, endpoint.ssl_verify), NULL },
      OAUTHCC_FIELD_NUMBER, OAUTHCC_DIRECTIVE_ROUTE,
      { "on", NULL }, NULL },

    { ngx_null_command, OAUTHCC_FIELD_OTHER, 0,
      { NULL, NULL }, NULL }
};
