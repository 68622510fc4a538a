
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "conf/oauthcc_slots.h"
#include "core/oauthcc_provider_conf.h"
#include "core/oauthcc_text.h"
#include "core/oauthcc_redact_url.h"
#include "core/oauthcc_value.h"
#include "oauth/oauthcc_token_response.h"


static ngx_int_t oauthcc_slots_msec(ngx_conf_t *cf, ngx_command_t *cmd,
    ngx_str_t *arg, ngx_msec_t *msec);
static char *oauthcc_slots_invalid(ngx_conf_t *cf, ngx_command_t *cmd,
    ngx_str_t *arg);


char *
oauthcc_slots_enum(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char *p = conf;

    u_char           *last, list[256];
    ngx_str_t        *value;
    ngx_uint_t       *np;
    ngx_conf_enum_t  *e;

    np = (ngx_uint_t *) (p + cmd->offset);

    if (*np != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    value = cf->args->elts;
    last = list;

    for (e = cmd->post; e->name.len; e++) {

        if (oauthcc_text_eq(&e->name, &value[1])) {
            *np = e->value;
            return NGX_CONF_OK;
        }

        last = ngx_slprintf(last, list + sizeof(list), "%s\"%V\"",
                            last == list ? "" : ", ", &e->name);
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid value \"%V\" in \"%V\" directive, "
                       "it must be one of %*s",
                       oauthcc_redact_url_text(cf->pool, &value[1]),
                       &cmd->name, (size_t) (last - list), list);

    return NGX_CONF_ERROR;
}


char *
oauthcc_slots_flag(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char *p = conf;

    ngx_str_t   *value;
    ngx_flag_t  *field;

    field = (ngx_flag_t *) (p + cmd->offset);

    if (*field != NGX_CONF_UNSET) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcasecmp(value[1].data, (u_char *) "on") == 0) {
        *field = 1;
        return NGX_CONF_OK;
    }

    if (ngx_strcasecmp(value[1].data, (u_char *) "off") == 0) {
        *field = 0;
        return NGX_CONF_OK;
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid value \"%V\" in \"%V\" directive, "
                       "it must be \"on\" or \"off\"",
                       oauthcc_redact_url_text(cf->pool, &value[1]),
                       &cmd->name);

    return NGX_CONF_ERROR;
}


char *
oauthcc_slots_time(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char *p = conf;

    ngx_str_t   *value;
    ngx_msec_t  *field;

    field = (ngx_msec_t *) (p + cmd->offset);

    if (*field != NGX_CONF_UNSET_MSEC) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (oauthcc_slots_msec(cf, cmd, &value[1], field) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    /* a login or a token needs some time, a margin may be 0 */

    if (*field == 0
        && cmd->offset != offsetof(oauthcc_provider_t, lifetime.refresh_before)
        && cmd->offset != offsetof(oauthcc_provider_t, lifetime.expiry_margin))
    {
        return oauthcc_slots_invalid(cf, cmd, &value[1]);
    }

    return NGX_CONF_OK;
}


char *
oauthcc_slots_backoff(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    oauthcc_provider_t *provider = conf;

    ngx_str_t  *value;

    if (provider->limits.backoff_min != NGX_CONF_UNSET_MSEC) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (oauthcc_slots_msec(cf, cmd, &value[1], &provider->limits.backoff_min)
           != NGX_OK
        || oauthcc_slots_msec(cf, cmd, &value[2],
                              &provider->limits.backoff_max)
           != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (provider->limits.backoff_min == 0) {
        return oauthcc_slots_invalid(cf, cmd, &value[1]);
    }

    if (provider->limits.backoff_max < provider->limits.backoff_min) {
        return "has a maximum below its minimum";
    }

    return NGX_CONF_OK;
}


char *
oauthcc_slots_size(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char *p = conf;

    size_t     *field;
    ssize_t     size;
    ngx_str_t  *value;

    field = (size_t *) (p + cmd->offset);

    if (*field != NGX_CONF_UNSET_SIZE) {
        return "is duplicate";
    }

    value = cf->args->elts;

    size = ngx_parse_size(&value[1]);

    if (size == NGX_ERROR || size == 0) {
        return oauthcc_slots_invalid(cf, cmd, &value[1]);
    }

    *field = size;

    return NGX_CONF_OK;
}


char *
oauthcc_slots_number(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char *p = conf;

    ngx_str_t  *value;
    ngx_int_t  *field;

    field = (ngx_int_t *) (p + cmd->offset);

    if (*field != NGX_CONF_UNSET) {
        return "is duplicate";
    }

    value = cf->args->elts;

    *field = ngx_atoi(value[1].data, value[1].len);

    if (*field == NGX_ERROR || *field == 0) {
        return oauthcc_slots_invalid(cf, cmd, &value[1]);
    }

    return NGX_CONF_OK;
}


static ngx_int_t
oauthcc_slots_msec(ngx_conf_t *cf, ngx_command_t *cmd, ngx_str_t *arg,
    ngx_msec_t *msec)
{
    ngx_int_t  n;

    n = ngx_parse_time(arg, 0);

    if (n == NGX_ERROR || (ngx_msec_t) n > OAUTHCC_TOKEN_RESPONSE_MAX_LIFE) {
        (void) oauthcc_slots_invalid(cf, cmd, arg);
        return NGX_ERROR;
    }

    *msec = (ngx_msec_t) n;

    return NGX_OK;
}


static char *
oauthcc_slots_invalid(ngx_conf_t *cf, ngx_command_t *cmd, ngx_str_t *arg)
{
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid value \"%V\" in \"%V\" directive",
                       oauthcc_redact_url_text(cf->pool, arg), &cmd->name);

    return NGX_CONF_ERROR;
}


/* The variable is kept for the workers, over reloads and upgrades. */

char *
oauthcc_slots_value(ngx_conf_t *cf, ngx_str_t *arg, ngx_str_t *directive,
    oauthcc_value_t *value)
{
    ngx_int_t         rc;
    ngx_str_t         err, *env;
    ngx_core_conf_t  *ccf;

    rc = oauthcc_value_read(cf->pool, cf->log,
                            &cf->cycle->conf_prefix, arg, value, &err);

    if (rc == NGX_DECLINED) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"%V\" directive: %V",
                           directive, &err);
        return NGX_CONF_ERROR;
    }

    if (rc != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    if (value->type == OAUTHCC_VALUE_ENV) {

        ccf = (ngx_core_conf_t *) ngx_get_conf(cf->cycle->conf_ctx,
                                               ngx_core_module);

        env = ngx_array_push(&ccf->env);
        if (env == NULL) {
            return NGX_CONF_ERROR;
        }

        *env = value->source;
    }

    return NGX_CONF_OK;
}
