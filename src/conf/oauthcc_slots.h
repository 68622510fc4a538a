
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _NGX_HTTP_OAUTHCC_SCALAR_H_INCLUDED_
#define _NGX_HTTP_OAUTHCC_SCALAR_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_types.h"


/*
 * Setters of directives with values of one word, for fields of the
 * ngx_http_oauthcc_provider_t that begin as NGX_CONF_UNSET_*.  They say more
 * of a bad value than nginx's own do.
 */

/* A ngx_uint_t, one of the ngx_conf_enum_t in cmd->post. */
char *ngx_http_oauthcc_scalar_enum(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* A ngx_msec_t; 0 only where it makes sense. */
char *ngx_http_oauthcc_scalar_time(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* The two of "backoff". */
char *ngx_http_oauthcc_scalar_backoff(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* A size_t, in bytes, not 0. */
char *ngx_http_oauthcc_scalar_size(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* A ngx_int_t, not 0. */
char *ngx_http_oauthcc_scalar_number(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/*
 * Reads a value from an argument of this directive; an environment variable
 * is kept for the workers.  Errors are logged.
 */
char *ngx_http_oauthcc_scalar_value(ngx_conf_t *cf, ngx_str_t *arg,
    ngx_str_t *directive, ngx_http_oauthcc_value_t *value);


#endif /* _NGX_HTTP_OAUTHCC_SCALAR_H_INCLUDED_ */
