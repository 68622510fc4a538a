
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PROVIDER_LOGIN_JSON_H_INCLUDED_
#define _OAUTHCC_PROVIDER_LOGIN_JSON_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_provider_conf.h"


/* The login_json and attr directives of a provider. */
char *oauthcc_provider_login_json_file(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *oauthcc_provider_login_json_attr(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/*
 * Reads the document of a provider, if there is one, and sets its endpoint.
 * Call it at the end of the block, before defaults are set.  Errors are
 * logged.
 */
char *oauthcc_provider_login_json_read(ngx_conf_t *cf,
    oauthcc_provider_t *provider);


#endif /* _OAUTHCC_PROVIDER_LOGIN_JSON_H_INCLUDED_ */
