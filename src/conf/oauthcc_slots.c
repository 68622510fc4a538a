
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


/* OAUTHCC_TOKEN_LIFETIME_MAX in words; a margin may also be 0 */
#define OAUTHCC_SLOTS_TIME  "a time above 0 and up to 24d, such as 10s"


static ngx_int_t oauthcc_slots_msec(ngx_conf_t *cf, ngx_command_t *cmd,
    ngx_str_t *arg, ngx_msec_t *msec);
static char *oauthcc_slots_invalid(ngx_conf_t *cf, ngx_command_t *cmd,
    ngx_str_t *arg, char *valid);
static void oauthcc_slots_warn(ngx_conf_t *cf, ngx_str_t *arg,
    ngx_str_t *directive, oauthcc_value_t *value);
static ngx_uint_t oauthcc_slots_path(ngx_str_t *text);
static ngx_uint_t oauthcc_slots_variable(ngx_str_t *text);


/* directives of secrets, which nobody takes from a path */

static ngx_str_t  oauthcc_slots_secrets[] = {
    ngx_string("client_secret"),
    ngx_string("password"),
    ngx_string("assertion_key_password"),
    ngx_string("dpop_key_password"),
    ngx_string("forward_proxy_password"),
    ngx_null_string
};

/* where those lie */

static ngx_str_t  oauthcc_slots_folders[] = {
    ngx_string("/etc/"),
    ngx_string("/home/"),
    ngx_string("/mnt/"),
    ngx_string("/opt/"),
    ngx_string("/root/"),
    ngx_string("/run/"),
    ngx_string("/secrets/"),
    ngx_string("/srv/"),
    ngx_string("/usr/"),
    ngx_string("/var/"),
    ngx_string("/vault/"),
    ngx_null_string
};

/* variables are what they have */

static ngx_str_t  oauthcc_slots_varied[] = {
    ngx_string("token_endpoint"),
    ngx_null_string
};


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

    if (*field == 0 && cmd->post != OAUTHCC_SLOTS_EMPTY) {
        return oauthcc_slots_invalid(cf, cmd, &value[1],
                                     OAUTHCC_SLOTS_TIME);
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
        return oauthcc_slots_invalid(cf, cmd, &value[1],
                                     OAUTHCC_SLOTS_TIME);
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
        return oauthcc_slots_invalid(cf, cmd, &value[1],
                                     "a size above 0, such as 64k");
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
        return oauthcc_slots_invalid(cf, cmd, &value[1],
                                     "a number above 0");
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
        (void) oauthcc_slots_invalid(cf, cmd, arg, OAUTHCC_SLOTS_TIME);
        return NGX_ERROR;
    }

    *msec = (ngx_msec_t) n;

    return NGX_OK;
}


static char *
oauthcc_slots_invalid(ngx_conf_t *cf, ngx_command_t *cmd, ngx_str_t *arg,
    char *valid)
{
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid value \"%V\" in \"%V\" directive, it must be "
                       "%s",
                       oauthcc_redact_url_text(cf->pool, arg), &cmd->name,
                       valid);

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

    oauthcc_slots_warn(cf, arg, directive, value);

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


char *
oauthcc_slots_text(ngx_conf_t *cf, ngx_uint_t url)
{
    ngx_str_t        *args;
    oauthcc_value_t   value;

    args = cf->args->elts;

    if (oauthcc_slots_value(cf, &args[1], &args[0], &value) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    /* messages show a URL, and this may be the file of a secret */

    if (url
        && value.type != OAUTHCC_VALUE_LITERAL
        && !oauthcc_text_ibegins(&value.text, "https://")
        && !oauthcc_text_ibegins(&value.text, "http://"))
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" directive: what \"%V\" holds does not "
                           "begin with https:// or http://", &args[0],
                           &args[1]);
        return NGX_CONF_ERROR;
    }

    args[1] = value.text;

    return NGX_CONF_OK;
}


/* What is not meant as it is, as a rule.  No message has the value itself. */

static void
oauthcc_slots_warn(ngx_conf_t *cf, ngx_str_t *arg, ngx_str_t *directive,
    oauthcc_value_t *value)
{
    char  *odd;

    odd = value->odd;

    if (odd == NULL
        && value->type != OAUTHCC_VALUE_LITERAL
        && oauthcc_text_in(oauthcc_slots_secrets, directive)
        && ngx_strlchr(value->text.data, value->text.data + value->text.len,
                       LF))
    {
        odd = "has more than one line";
    }

    if (odd) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "\"%V\" directive: %s \"%V\" %s, which is a "
                           "part of the value", directive,
                           value->type == OAUTHCC_VALUE_ENV
                           ? "environment variable" : "file",
                           &value->source, odd);
    }

    if (value->type != OAUTHCC_VALUE_LITERAL
        || value->text.len != arg->len)
    {
        return;
    }

    if (oauthcc_text_in(oauthcc_slots_secrets, directive)
        && oauthcc_slots_path(arg))
    {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "\"%V\" directive: the value is a path, not the "
                           "content of that file: write \"file:\" before it, "
                           "or \"literal:\" if that is intended", directive);
    }

    if (!oauthcc_text_in(oauthcc_slots_varied, directive)
        && oauthcc_slots_variable(arg))
    {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "\"%V\" directive: the value is taken as it is, "
                           "with its \"$\": write \"env:NAME\" for a "
                           "variable of the environment, or \"literal:\" "
                           "before it if that is intended",
                           directive);
    }
}


/* Base64 may begin with a slash, and have more of them. */

static ngx_uint_t
oauthcc_slots_path(ngx_str_t *text)
{
    size_t           i;
    ngx_file_info_t  fi;

    if (text->len < 2 || text->data[0] != '/') {
        return 0;
    }

    if (ngx_file_info(text->data, &fi) != NGX_FILE_ERROR) {
        return 1;
    }

    for (i = 0; oauthcc_slots_folders[i].len; i++) {
        if (oauthcc_text_begins(text, (char *) oauthcc_slots_folders[i].data))
        {
            return 1;
        }
    }

    return 0;
}


/* $NAME or ${NAME}, and nothing else. */

static ngx_uint_t
oauthcc_slots_variable(ngx_str_t *text)
{
    u_char  *p, *last;

    p = text->data;
    last = p + text->len;

    if (last - p < 2 || *p++ != '$') {
        return 0;
    }

    if (*p == '{') {

        if (*--last != '}') {
            return 0;
        }

        p++;
    }

    if (p >= last || (*p >= '0' && *p <= '9')) {
        return 0;
    }

    for ( /* void */ ; p < last; p++) {

        if (*p != '_'
            && !(*p >= '0' && *p <= '9')
            && !((*p | 0x20) >= 'a' && (*p | 0x20) <= 'z'))
        {
            return 0;
        }
    }

    return 1;
}
