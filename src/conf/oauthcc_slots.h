
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_SLOTS_H_INCLUDED_
#define _OAUTHCC_SLOTS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_value.h"


/*
 * Setters of directives with values of one word, for fields of the
 * oauthcc_provider_t that begin as NGX_CONF_UNSET_*.  They say more
 * of a bad value than nginx's own do.
 */

/* A ngx_uint_t, one of the ngx_conf_enum_t in cmd->post. */
char *oauthcc_slots_enum(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* A ngx_flag_t. */
char *oauthcc_slots_flag(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* A ngx_msec_t; 0 only where it makes sense. */
char *oauthcc_slots_time(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* The two of "backoff". */
char *oauthcc_slots_backoff(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* A size_t, in bytes, not 0. */
char *oauthcc_slots_size(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* A ngx_int_t, not 0. */
char *oauthcc_slots_number(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/*
 * Reads a value from an argument of this directive; an environment variable
 * is kept for the workers.  Errors are logged.
 */
char *oauthcc_slots_value(ngx_conf_t *cf, ngx_str_t *arg, ngx_str_t *directive,
    oauthcc_value_t *value);


#endif /* _OAUTHCC_SLOTS_H_INCLUDED_ */
