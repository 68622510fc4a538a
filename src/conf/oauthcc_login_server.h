
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_LOGIN_SERVER_H_INCLUDED_
#define _OAUTHCC_LOGIN_SERVER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_provider_conf.h"


/* the hidden server of a provider while its block is parsed */

typedef struct {
    oauthcc_provider_t  *provider;
    ngx_uint_t           host;   /* the block sets this header */
    ngx_uint_t           connection; /* and this one */
} oauthcc_login_server_t;


/*
 * Creates the hidden server of a provider: a server{} without a listen socket,
 * to be merged by oauthcc_login_server_merge_server(). endpoint.ctx is its
 * context.
 */
ngx_int_t oauthcc_login_server_create(ngx_conf_t *cf,
    oauthcc_provider_t *provider, oauthcc_login_server_t *server);

/* Handles the directive in cf->args, which is not one of the module. */
char *oauthcc_login_server_directive(ngx_conf_t *cf,
    oauthcc_login_server_t *server);

/* Sets what the block has not set, at its end. */
char *oauthcc_login_server_settings(ngx_conf_t *cf,
    oauthcc_login_server_t *server);


#endif /* _OAUTHCC_LOGIN_SERVER_H_INCLUDED_ */
