
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PROVIDER_ENDPOINT_H_INCLUDED_
#define _OAUTHCC_PROVIDER_ENDPOINT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/* The token_endpoint and issuer directives of a provider. */
char *oauthcc_provider_endpoint(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *oauthcc_provider_endpoint_issuer(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


#endif /* _OAUTHCC_PROVIDER_ENDPOINT_H_INCLUDED_ */
