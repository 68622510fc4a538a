
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _NGX_HTTP_OAUTHCC_SETTER_ENDPOINT_H_INCLUDED_
#define _NGX_HTTP_OAUTHCC_SETTER_ENDPOINT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/* The token_endpoint and issuer directives of a provider. */
char *ngx_http_oauthcc_setter_endpoint(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_oauthcc_setter_issuer(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


#endif /* _NGX_HTTP_OAUTHCC_SETTER_ENDPOINT_H_INCLUDED_ */
