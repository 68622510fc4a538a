
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_STORE_SERVER_H_INCLUDED_
#define _OAUTHCC_STORE_SERVER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "store/oauthcc_store_types.h"


/*
 * Reads redis://[USER@]HOST[:PORT][/DATABASE], rediss:// or unix:PATH.  NULL,
 * or a message for the user.
 */
char *oauthcc_store_server_read(ngx_conf_t *cf, ngx_str_t *text,
    oauthcc_store_server_t *server);

/* Finds the addresses of a server that has none yet. */
ngx_int_t oauthcc_store_server_resolve(ngx_conf_t *cf,
    oauthcc_store_t *store, oauthcc_store_server_t *server);


#endif /* _OAUTHCC_STORE_SERVER_H_INCLUDED_ */
