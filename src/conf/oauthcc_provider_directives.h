
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PROVIDER_DIRECTIVES_H_INCLUDED_
#define _OAUTHCC_PROVIDER_DIRECTIVES_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/*
 * The directives of an oauthcc_provider block that are the module's own.
 * Their configuration is the oauthcc_provider_t, whose fields begin
 * as NGX_CONF_UNSET_* or zeroed.
 */
extern ngx_command_t  oauthcc_setters[];

/* The methods of auth_method. */
extern ngx_conf_enum_t  oauthcc_provider_directives_methods[];

/* Setters of an oauthcc_value_t and of an ngx_str_t. */
char *oauthcc_provider_directives_value(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *oauthcc_provider_directives_string(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* Whether "param" may not set this parameter. */
ngx_uint_t oauthcc_provider_directives_reserved(ngx_str_t *name);


#endif /* _OAUTHCC_PROVIDER_DIRECTIVES_H_INCLUDED_ */
