
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PROVIDER_SETTERS_H_INCLUDED_
#define _OAUTHCC_PROVIDER_SETTERS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/*
 * Setters of directives of an oauthcc_provider block, for fields that are
 * zeroed initially; those of one word are in slots.
 */

/*
 * An oauthcc_value_t, not empty unless cmd->post is OAUTHCC_SLOTS_EMPTY: any,
 * from a file only, and read anew for each login.
 */
char *oauthcc_provider_setters_value(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *oauthcc_provider_setters_file(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *oauthcc_provider_setters_assertion(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* An ngx_str_t that is not empty. */
char *oauthcc_provider_setters_word(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* Warns of a scope that looks like a list of another kind. */
void oauthcc_provider_setters_comma(ngx_conf_t *cf, ngx_str_t *scope);

/* The directives of these names. */
char *oauthcc_provider_setters_scope(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *oauthcc_provider_setters_resource(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *oauthcc_provider_setters_param(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *oauthcc_provider_setters_header(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *oauthcc_provider_setters_token_type(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* Whether "param" must not set this parameter. */
ngx_uint_t oauthcc_provider_setters_reserved(ngx_str_t *name);


#endif /* _OAUTHCC_PROVIDER_SETTERS_H_INCLUDED_ */
