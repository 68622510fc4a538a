
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_STORE_BLOCK_H_INCLUDED_
#define _OAUTHCC_STORE_BLOCK_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_main_conf.h"


/* The oauthcc_store block; conf is the main configuration. */
char *oauthcc_store_block(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/*
 * When all of http{} is known: resolves names, adds the zone, and gives the
 * store to all providers that have not "store off".
 */
ngx_int_t oauthcc_store_block_finish(ngx_conf_t *cf,
    ngx_http_oauthcc_main_conf_t *omcf);


#endif /* _OAUTHCC_STORE_BLOCK_H_INCLUDED_ */
