
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "conf/oauthcc_provider_directives.h"
#include "core/oauthcc_text.h"
#include "conf/oauthcc_slots.h"
#include "conf/oauthcc_provider_endpoint.h"
#include "conf/oauthcc_provider_login_json.h"
#include "core/oauthcc_types.h"
#include "http/oauthcc_header_syntax.h"


static char *oauthcc_provider_directives_resource(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);
static char *oauthcc_provider_directives_param(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);
static char *oauthcc_provider_directives_header(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);
static char *oauthcc_provider_directives_token_type(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);


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


static ngx_conf_enum_t  oauthcc_provider_directives_encodings[] = {
    { ngx_string("rfc6749"), 0 },
    { ngx_string("raw"), 1 },
    { ngx_null_string, 0 }
};


/* parameters that have directives of their own, or no choice */

static ngx_str_t  oauthcc_provider_directives_params[] = {
    ngx_string("grant_type"),
    ngx_string("client_id"),
    ngx_string("client_secret"),
    ngx_string("client_assertion"),
    ngx_string("client_assertion_type"),
    ngx_string("username"),
    ngx_string("password"),
    ngx_string("scope"),
    ngx_string("audience"),
    ngx_string("resource"),
    ngx_null_string
};


/* a token of these needs a proof that a bearer token has not */

static ngx_str_t  oauthcc_provider_directives_bound_types[] = {
    ngx_string("DPoP"),
    ngx_string("mac"),
    ngx_null_string
};


ngx_command_t  oauthcc_setters[] = {

    { ngx_string("token_endpoint"),
      NGX_CONF_TAKE1,
      oauthcc_provider_endpoint,
      0,
      0,
      NULL },

    { ngx_string("issuer"),
      NGX_CONF_TAKE1,
      oauthcc_provider_directives_issuer,
      0,
      0,
      NULL },

    { ngx_string("client_id"),
      NGX_CONF_TAKE1,
      oauthcc_provider_directives_value,
      0,
      offsetof(oauthcc_provider_t, client_id),
      NULL },

    { ngx_string("client_secret"),
      NGX_CONF_TAKE1,
      oauthcc_provider_directives_value,
      0,
      offsetof(oauthcc_provider_t, client_secret),
      NULL },

    { ngx_string("auth_method"),
      NGX_CONF_TAKE1,
      oauthcc_slots_enum,
      0,
      offsetof(oauthcc_provider_t, auth_method),
      &oauthcc_provider_directives_methods },

    { ngx_string("basic_encoding"),
      NGX_CONF_TAKE1,
      oauthcc_slots_enum,
      0,
      offsetof(oauthcc_provider_t, raw),
      &oauthcc_provider_directives_encodings },

    { ngx_string("scope"),
      NGX_CONF_TAKE1,
      oauthcc_provider_directives_string,
      0,
      offsetof(oauthcc_provider_t, scope),
      NULL },

    { ngx_string("audience"),
      NGX_CONF_TAKE1,
      oauthcc_provider_directives_value,
      0,
      offsetof(oauthcc_provider_t, audience),
      NULL },

    { ngx_string("resource"),
      NGX_CONF_TAKE1,
      oauthcc_provider_directives_resource,
      0,
      offsetof(oauthcc_provider_t, resources),
      NULL },

    { ngx_string("param"),
      NGX_CONF_TAKE2,
      oauthcc_provider_directives_param,
      0,
      offsetof(oauthcc_provider_t, params),
      NULL },

    { ngx_string("header"),
      NGX_CONF_TAKE2,
      oauthcc_provider_directives_header,
      0,
      offsetof(oauthcc_provider_t, headers),
      NULL },

    { ngx_string("login_json"),
      NGX_CONF_TAKE1,
      oauthcc_provider_login_json_file,
      0,
      0,
      NULL },

    { ngx_string("attr"),
      NGX_CONF_TAKE2,
      oauthcc_provider_login_json_attr,
      0,
      0,
      NULL },

    { ngx_string("token_type"),
      NGX_CONF_TAKE1,
      oauthcc_provider_directives_token_type,
      0,
      offsetof(oauthcc_provider_t, token_type),
      NULL },

    { ngx_string("default_expires"),
      NGX_CONF_TAKE1,
      oauthcc_slots_time,
      0,
      offsetof(oauthcc_provider_t, default_expires),
      NULL },

    { ngx_string("expiry_margin"),
      NGX_CONF_TAKE1,
      oauthcc_slots_time,
      0,
      offsetof(oauthcc_provider_t, expiry_margin),
      NULL },

    { ngx_string("refresh_before"),
      NGX_CONF_TAKE1,
      oauthcc_slots_time,
      0,
      offsetof(oauthcc_provider_t, refresh_before),
      NULL },

    { ngx_string("keep_warm"),
      NGX_CONF_FLAG,
      oauthcc_slots_flag,
      0,
      offsetof(oauthcc_provider_t, keep_warm),
      NULL },

    { ngx_string("replay_interval"),
      NGX_CONF_TAKE1,
      oauthcc_slots_time,
      0,
      offsetof(oauthcc_provider_t, replay_interval),
      NULL },

    { ngx_string("timeout"),
      NGX_CONF_TAKE1,
      oauthcc_slots_time,
      0,
      offsetof(oauthcc_provider_t, timeout),
      NULL },

    { ngx_string("wait_timeout"),
      NGX_CONF_TAKE1,
      oauthcc_slots_time,
      0,
      offsetof(oauthcc_provider_t, wait_timeout),
      NULL },

    { ngx_string("max_logins"),
      NGX_CONF_TAKE1,
      oauthcc_slots_number,
      0,
      offsetof(oauthcc_provider_t, max_logins),
      NULL },

    { ngx_string("max_waiters"),
      NGX_CONF_TAKE1,
      oauthcc_slots_number,
      0,
      offsetof(oauthcc_provider_t, max_waiters),
      NULL },

    { ngx_string("backoff"),
      NGX_CONF_TAKE2,
      oauthcc_slots_backoff,
      0,
      offsetof(oauthcc_provider_t, backoff_min),
      NULL },

    { ngx_string("max_response"),
      NGX_CONF_TAKE1,
      oauthcc_slots_size,
      0,
      offsetof(oauthcc_provider_t, max_response),
      NULL },

    { ngx_string("allow_http"),
      NGX_CONF_FLAG,
      oauthcc_slots_flag,
      0,
      offsetof(oauthcc_provider_t, allow_http),
      NULL },

    /* nginx's own, but what it means depends on the rest of the block */

    { ngx_string("proxy_ssl_verify"),
      NGX_CONF_FLAG,
      oauthcc_slots_flag,
      0,
      offsetof(oauthcc_provider_t, ssl_verify),
      NULL },

      ngx_null_command
};


ngx_uint_t
oauthcc_provider_directives_reserved(ngx_str_t *name)
{
    return oauthcc_text_iin(oauthcc_provider_directives_params, name);
}


char *
oauthcc_provider_directives_value(ngx_conf_t *cf, ngx_command_t *cmd,
                                  void *conf)
{
    oauthcc_provider_t *provider = conf;

    char             *p;
    ngx_str_t        *arg;
    oauthcc_value_t  *value;

    p = conf;
    value = (oauthcc_value_t *) (p + cmd->offset);

    if (value->text.data) {
        return "is duplicate";
    }

    arg = cf->args->elts;

    /* a parameter of the login is absent when it is empty */

    if (arg[1].len == 0 && value != &provider->audience) {
        return "has an empty value";
    }

    return oauthcc_slots_value(cf, &arg[1], &cmd->name, value);
}


char *
oauthcc_provider_directives_string(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    char *p = conf;

    ngx_str_t  *value, *field;

    field = (ngx_str_t *) (p + cmd->offset);

    if (field->data) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (oauthcc_text_control(&value[1])) {
        return "holds control characters";
    }

    *field = value[1];

    return NGX_CONF_OK;
}


static char *
oauthcc_provider_directives_resource(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    char *p = conf;

    ngx_str_t  *value, *resource;

    value = cf->args->elts;

    if (oauthcc_text_control(&value[1])) {
        return "holds control characters";
    }

    /* RFC 8707 section 2 */

    if (ngx_strlchr(value[1].data, value[1].data + value[1].len, '#')) {
        return "has a fragment, which a resource may not have";
    }

    resource = ngx_array_push((ngx_array_t *) (p + cmd->offset));
    if (resource == NULL) {
        return NGX_CONF_ERROR;
    }

    *resource = value[1];

    return NGX_CONF_OK;
}


static char *
oauthcc_provider_directives_param(ngx_conf_t *cf, ngx_command_t *cmd,
                                  void *conf)
{
    char *p = conf;

    ngx_str_t        *arg;
    oauthcc_named_t  *param;
    oauthcc_value_t   value;

    arg = cf->args->elts;

    if (arg[1].len == 0) {
        return "has an empty name";
    }

    if (oauthcc_provider_directives_reserved(&arg[1])) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V %V\" is not allowed, the parameter has a "
                           "directive of its own or is given",
                           &cmd->name, &arg[1]);
        return NGX_CONF_ERROR;
    }

    ngx_memzero(&value, sizeof(oauthcc_value_t));

    if (arg[2].len
        && oauthcc_slots_value(cf, &arg[2], &cmd->name, &value) != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    param = ngx_array_push((ngx_array_t *) (p + cmd->offset));
    if (param == NULL) {
        return NGX_CONF_ERROR;
    }

    param->name = arg[1];
    param->value = value;

    return NGX_CONF_OK;
}


static char *
oauthcc_provider_directives_header(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    char *p = conf;

    ngx_str_t        *arg;
    oauthcc_named_t  *header;
    oauthcc_value_t   value;

    arg = cf->args->elts;

    if (!oauthcc_header_syntax_name(&arg[1])) {
        return "has an invalid name";
    }

    if (oauthcc_header_syntax_reserved(&arg[1])) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V %V\" is not allowed, nginx sets it itself",
                           &cmd->name, &arg[1]);
        return NGX_CONF_ERROR;
    }

    ngx_memzero(&value, sizeof(oauthcc_value_t));

    if (arg[2].len
        && oauthcc_slots_value(cf, &arg[2], &cmd->name, &value) != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (oauthcc_text_control(&value.text)) {
        return "holds control characters";
    }

    value.line = 1;

    header = ngx_array_push((ngx_array_t *) (p + cmd->offset));
    if (header == NULL) {
        return NGX_CONF_ERROR;
    }

    header->name = arg[1];
    header->value = value;

    return NGX_CONF_OK;
}


static char *
oauthcc_provider_directives_token_type(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_str_t  *value;

    value = cf->args->elts;

    if (oauthcc_text_iin(oauthcc_provider_directives_bound_types, &value[1]))
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V %V\" is not allowed, such a token is "
                           "no bearer token", &cmd->name, &value[1]);
        return NGX_CONF_ERROR;
    }

    return oauthcc_provider_directives_string(cf, cmd, conf);
}
