
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_NGINX_DIRECTIVE_H_INCLUDED_
#define _OAUTHCC_NGINX_DIRECTIVE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * The directive of this name that is allowed in a location, and its module;
 * NULL if nginx has none.
 */
ngx_command_t *oauthcc_nginx_directive_find(ngx_conf_t *cf, char *name,
    ngx_module_t **module);

/*
 * Calls the setter of a directive with this configuration, as nginx would:
 * checks the number of arguments in cf->args, logs errors.
 */
char *oauthcc_nginx_directive_call(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* The same with the configuration of its module in cf->ctx. */
char *oauthcc_nginx_directive_run(ngx_conf_t *cf, ngx_command_t *cmd,
    ngx_module_t *module);

/*
 * Runs a directive that is not in the configuration file: its name, its
 * arguments, and NULL.
 */
char *oauthcc_nginx_directive_set(ngx_conf_t *cf, char **text);

/* The same for this directive with this configuration. */
char *oauthcc_nginx_directive_with(ngx_conf_t *cf, char **text,
    ngx_command_t *cmd, void *conf);

/*
 * The address of the directive's value in these location configurations; NULL
 * if nginx does not have it.
 */
void *oauthcc_nginx_directive_value(ngx_conf_t *cf, char *name,
    void **loc_conf);


#endif /* _OAUTHCC_NGINX_DIRECTIVE_H_INCLUDED_ */
