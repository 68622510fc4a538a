
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "conf/oauthcc_nginx_directive.h"


static ngx_uint_t oauthcc_nginx_directive_arity(ngx_uint_t n, ngx_uint_t type);


ngx_command_t *
oauthcc_nginx_directive_find(ngx_conf_t *cf, char *name, ngx_module_t **module)
{
    ngx_uint_t      i;
    ngx_command_t  *cmd;

    for (i = 0; cf->cycle->modules[i]; i++) {

        if (cf->cycle->modules[i]->type != NGX_HTTP_MODULE
            || cf->cycle->modules[i]->commands == NULL)
        {
            continue;
        }

        for (cmd = cf->cycle->modules[i]->commands; cmd->name.len; cmd++) {

            if ((cmd->type & NGX_HTTP_LOC_CONF)
                && ngx_strcmp(cmd->name.data, name) == 0)
            {
                *module = cf->cycle->modules[i];
                return cmd;
            }
        }
    }

    return NULL;
}


char *
oauthcc_nginx_directive_call(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char  *rv;

    if (!oauthcc_nginx_directive_arity(cf->args->nelts, cmd->type)) {

        if ((cmd->type == NGX_CONF_TAKE1 && cf->args->nelts > 2)
            || (cmd->type == NGX_CONF_TAKE2 && cf->args->nelts > 3))
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid number of arguments in \"%V\" "
                               "directive: a \";\" is missing at its end, or "
                               "quotation marks around a value with spaces",
                               &cmd->name);
            return NGX_CONF_ERROR;
        }

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid number of arguments in \"%V\" directive",
                           &cmd->name);
        return NGX_CONF_ERROR;
    }

    rv = cmd->set(cf, cmd, conf);

    if (rv != NGX_CONF_OK && rv != NGX_CONF_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"%V\" directive %s",
                           &cmd->name, rv);
        return NGX_CONF_ERROR;
    }

    return rv;
}


char *
oauthcc_nginx_directive_run(ngx_conf_t *cf, ngx_command_t *cmd,
    ngx_module_t *module)
{
    void  **confs;

    confs = *(void **) ((u_char *) cf->ctx + cmd->conf);

    return oauthcc_nginx_directive_call(cf, cmd, confs[module->ctx_index]);
}


char *
oauthcc_nginx_directive_set(ngx_conf_t *cf, char **text)
{
    void           **confs;
    ngx_module_t    *module;
    ngx_command_t   *cmd;

    cmd = oauthcc_nginx_directive_find(cf, text[0], &module);

    if (cmd == NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "nginx has no \"%s\" directive: it has to be "
                           "built with ngx_http_proxy_module and "
                           "ngx_http_ssl_module", text[0]);
        return NGX_CONF_ERROR;
    }

    confs = *(void **) ((u_char *) cf->ctx + cmd->conf);

    return oauthcc_nginx_directive_with(cf, text, cmd,
                                        confs[module->ctx_index]);
}


char *
oauthcc_nginx_directive_with(ngx_conf_t *cf, char **text, ngx_command_t *cmd,
    void *conf)
{
    char         *rv;
    ngx_str_t    *value;
    ngx_array_t  *args, *saved;

    args = ngx_array_create(cf->pool, 4, sizeof(ngx_str_t));
    if (args == NULL) {
        return NGX_CONF_ERROR;
    }

    for ( /* void */ ; *text; text++) {

        value = ngx_array_push(args);
        if (value == NULL) {
            return NGX_CONF_ERROR;
        }

        /* some directives change their arguments in place */

        value->len = ngx_strlen(*text);
        value->data = ngx_pnalloc(cf->pool, value->len + 1);

        if (value->data == NULL) {
            return NGX_CONF_ERROR;
        }

        (void) ngx_cpystrn(value->data, (u_char *) *text, value->len + 1);
    }

    saved = cf->args;
    cf->args = args;

    rv = oauthcc_nginx_directive_call(cf, cmd, conf);

    cf->args = saved;

    return rv;
}


void *
oauthcc_nginx_directive_value(ngx_conf_t *cf, char *name, void **loc_conf)
{
    ngx_module_t   *module;
    ngx_command_t  *cmd;

    cmd = oauthcc_nginx_directive_find(cf, name, &module);

    if (cmd == NULL) {
        return NULL;
    }

    return (u_char *) loc_conf[module->ctx_index] + cmd->offset;
}


/* The type of a directive encodes how many arguments it takes. */

static ngx_uint_t
oauthcc_nginx_directive_arity(ngx_uint_t n, ngx_uint_t type)
{
    if (type & NGX_CONF_ANY) {
        return 1;
    }

    if (type & NGX_CONF_FLAG) {
        return n == 2;
    }

    if (type & NGX_CONF_1MORE) {
        return n > 1;
    }

    if (type & NGX_CONF_2MORE) {
        return n > 2;
    }

    /* NGX_CONF_NOARGS to NGX_CONF_TAKE7 are bits from 0 */

    return n <= NGX_CONF_MAX_ARGS && (type & ((ngx_uint_t) 1 << (n - 1)));
}
