
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "conf/oauthcc_provider_setters.h"
#include "core/oauthcc_provider_conf.h"
#include "conf/oauthcc_slots.h"
#include "core/oauthcc_text.h"
#include "http/oauthcc_header_syntax.h"


static char *oauthcc_provider_setters_string(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);
static oauthcc_named_t *oauthcc_provider_setters_named(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);


/* parameters with directives of their own, or with a fixed value */

static ngx_str_t  oauthcc_provider_setters_params[] = {
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


/* a token of these types needs a proof that a bearer token does not */

static ngx_str_t  oauthcc_provider_setters_bound_types[] = {
    ngx_string("DPoP"),
    ngx_string("mac"),
    ngx_null_string
};


char *
oauthcc_provider_setters_value(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    char *p = conf;

    ngx_str_t        *arg;
    oauthcc_value_t  *value;

    value = (oauthcc_value_t *) (p + cmd->offset);

    if (value->text.data) {
        return "is duplicate";
    }

    arg = cf->args->elts;

    if (arg[1].len == 0 && cmd->post != OAUTHCC_SLOTS_EMPTY) {
        return "has an empty value";
    }

    return oauthcc_slots_value(cf, &arg[1], &cmd->name, value);
}


/* Only a path is allowed: a key must not be in a configuration file. */

char *
oauthcc_provider_setters_file(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    u_char     *p;
    ngx_str_t  *value;

    value = cf->args->elts;

    if (value[1].len && !oauthcc_text_begins(&value[1], "file:")) {
        p = ngx_pnalloc(cf->pool, sizeof("file:") + value[1].len);
        if (p == NULL) {
            return NGX_CONF_ERROR;
        }

        value[1].len = ngx_sprintf(p, "file:%V%Z", &value[1]) - p - 1;
        value[1].data = p;
    }

    return oauthcc_provider_setters_value(cf, cmd, conf);
}


char *
oauthcc_provider_setters_assertion(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_str_t  *value;

    value = cf->args->elts;

    /* a token in the configuration could not be renewed */

    if (!oauthcc_text_begins(&value[1], "file:")) {
        return "needs a file that another program renews: file:PATH";
    }

    return oauthcc_provider_setters_value(cf, cmd, conf);
}


/* An ngx_str_t. */

static char *
oauthcc_provider_setters_string(ngx_conf_t *cf, ngx_command_t *cmd,
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


void
oauthcc_provider_setters_comma(ngx_conf_t *cf, ngx_str_t *scope)
{
    if (ngx_strlchr(scope->data, scope->data + scope->len, ',')) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "\"scope\" has a comma: scopes are separated by "
                           "spaces, as in \"read write\"");
    }
}


char *
oauthcc_provider_setters_word(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t  *value;

    value = cf->args->elts;

    if (value[1].len == 0) {
        return "has an empty value";
    }

    return oauthcc_provider_setters_string(cf, cmd, conf);
}


char *
oauthcc_provider_setters_scope(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    oauthcc_provider_t *provider = conf;

    char  *rv;

    rv = oauthcc_provider_setters_value(cf, cmd, conf);

    if (rv != NGX_CONF_OK) {
        return rv;
    }

    if (oauthcc_text_control(&provider->grant.scope.text)) {
        return "holds control characters";
    }

    provider->grant.scope.line = 1;

    oauthcc_provider_setters_comma(cf, &provider->grant.scope.text);

    return NGX_CONF_OK;
}


char *
oauthcc_provider_setters_resource(ngx_conf_t *cf, ngx_command_t *cmd,
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


char *
oauthcc_provider_setters_param(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_str_t  *arg;

    arg = cf->args->elts;

    if (arg[1].len == 0) {
        return "has an empty name";
    }

    /* the client id is allowed beside Basic, RFC 6749 section 3.2.1 */

    if (oauthcc_provider_setters_reserved(&arg[1])
        && !oauthcc_text_is(&arg[1], "client_id"))
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V %V\" is not allowed, the parameter has a "
                           "directive of its own or is given",
                           &cmd->name, &arg[1]);
        return NGX_CONF_ERROR;
    }

    if (oauthcc_provider_setters_named(cf, cmd, conf) == NULL) {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


char *
oauthcc_provider_setters_header(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_str_t        *arg;
    oauthcc_named_t  *header;

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

    header = oauthcc_provider_setters_named(cf, cmd, conf);
    if (header == NULL) {
        return NGX_CONF_ERROR;
    }

    if (oauthcc_text_control(&header->value.text)) {
        return "holds control characters";
    }

    header->value.line = 1;

    return NGX_CONF_OK;
}


char *
oauthcc_provider_setters_token_type(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_str_t  *value;

    value = cf->args->elts;

    if (oauthcc_text_iin(oauthcc_provider_setters_bound_types, &value[1])) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V %V\" is not allowed, such a token is "
                           "no bearer token%s", &cmd->name, &value[1],
                           oauthcc_text_iis(&value[1], "DPoP")
                           ? ": set \"dpop on\"" : "");
        return NGX_CONF_ERROR;
    }

    return oauthcc_provider_setters_string(cf, cmd, conf);
}


ngx_uint_t
oauthcc_provider_setters_reserved(ngx_str_t *name)
{
    return oauthcc_text_iin(oauthcc_provider_setters_params, name);
}


/* Appends a name and a value to an array of oauthcc_named_t. */

static oauthcc_named_t *
oauthcc_provider_setters_named(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char *p = conf;

    ngx_str_t        *arg;
    oauthcc_named_t  *named;

    arg = cf->args->elts;

    named = ngx_array_push((ngx_array_t *) (p + cmd->offset));
    if (named == NULL) {
        return NULL;
    }

    ngx_memzero(named, sizeof(oauthcc_named_t));

    named->name = arg[1];

    if (arg[2].len
        && oauthcc_slots_value(cf, &arg[2], &cmd->name, &named->value)
           != NGX_CONF_OK)
    {
        return NULL;
    }

    return named;
}
