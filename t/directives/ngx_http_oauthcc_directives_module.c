
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/*
 * "oauthcc_directives;" in the main part of nginx.conf prints a line for each
 * directive that may stand in http{}: its module, its name, and the kind of
 * its value.  For t/conf/http_level.t alone.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


static char *ngx_http_oauthcc_directives(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_oauthcc_directives_kind(ngx_command_t *cmd);


static ngx_command_t  ngx_http_oauthcc_directives_commands[] = {

    { ngx_string("oauthcc_directives"),
      NGX_MAIN_CONF|NGX_DIRECT_CONF|NGX_CONF_NOARGS,
      ngx_http_oauthcc_directives,
      0,
      0,
      NULL },

      ngx_null_command
};


static ngx_core_module_t  ngx_http_oauthcc_directives_module_ctx = {
    ngx_string("oauthcc_directives"),
    NULL,
    NULL
};


ngx_module_t  ngx_http_oauthcc_directives_module = {
    NGX_MODULE_V1,
    &ngx_http_oauthcc_directives_module_ctx, /* module context */
    ngx_http_oauthcc_directives_commands,  /* module directives */
    NGX_CORE_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    NULL,                                  /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static char *
ngx_http_oauthcc_directives(ngx_conf_t *cf, ngx_command_t *dummy, void *conf)
{
    u_char         *p, line[NGX_MAX_ERROR_STR];
    ngx_uint_t      i;
    ngx_module_t   *module;
    ngx_command_t  *cmd;

    for (i = 0; cf->cycle->modules[i]; i++) {

        module = cf->cycle->modules[i];

        if (module->type != NGX_HTTP_MODULE || module->commands == NULL) {
            continue;
        }

        for (cmd = module->commands; cmd->name.len; cmd++) {

            if (!(cmd->type & NGX_HTTP_MAIN_CONF)) {
                continue;
            }

            p = ngx_slprintf(line, line + NGX_MAX_ERROR_STR,
                             "directive %s %V %s\n", module->name, &cmd->name,
                             ngx_http_oauthcc_directives_kind(cmd));

            (void) ngx_write_fd(ngx_stdout, line, p - line);
        }
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_oauthcc_directives_kind(ngx_command_t *cmd)
{
    if (cmd->type & NGX_CONF_FLAG) {
        return "flag";
    }

    if (cmd->set == ngx_conf_set_num_slot) {
        return "number";
    }

    if (cmd->set == ngx_conf_set_size_slot
        || cmd->set == ngx_conf_set_off_slot)
    {
        return "size";
    }

    if (cmd->set == ngx_conf_set_msec_slot
        || cmd->set == ngx_conf_set_sec_slot)
    {
        return "time";
    }

    return (cmd->type & NGX_CONF_BLOCK) ? "block" : "other";
}
