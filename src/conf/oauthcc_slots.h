
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_SLOTS_H_INCLUDED_
#define _OAUTHCC_SLOTS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_value.h"


/*
 * Setters of directives of one word, for fields of the oauthcc_provider_t that
 * are NGX_CONF_UNSET_* initially.  Their messages are more detailed than those
 * of nginx's own setters.
 */

/*
 * cmd->post where a time may be 0, as a margin may, or a value empty: such a
 * parameter is not sent, such a secret is
 */
#define OAUTHCC_SLOTS_EMPTY  ((void *) 1)

/* A ngx_uint_t, one of the ngx_conf_enum_t in cmd->post. */
char *oauthcc_slots_enum(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* A ngx_flag_t. */
char *oauthcc_slots_flag(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* A ngx_msec_t, above 0 unless cmd->post is OAUTHCC_SLOTS_EMPTY. */
char *oauthcc_slots_time(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* The two times of "backoff". */
char *oauthcc_slots_backoff(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* A size_t in bytes, above 0. */
char *oauthcc_slots_size(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* A ngx_int_t, above 0. */
char *oauthcc_slots_number(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/*
 * Reads the argument of the present directive as a value, and puts its text in
 * the place of that; one from elsewhere has to be a URL where one is wanted.
 */
char *oauthcc_slots_text(ngx_conf_t *cf, ngx_uint_t url);

/*
 * Reads a value from an argument of this directive; an environment variable
 * is kept for the workers.  Errors are logged.
 */
char *oauthcc_slots_value(ngx_conf_t *cf, ngx_str_t *arg, ngx_str_t *directive,
    oauthcc_value_t *value);


#endif /* _OAUTHCC_SLOTS_H_INCLUDED_ */
