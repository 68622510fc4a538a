
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_LOGIN_SERVER_MERGE_H_INCLUDED_
#define _OAUTHCC_LOGIN_SERVER_MERGE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * The configurations of all modules for a new, empty server{}; NULL if memory
 * runs out.
 */
ngx_http_conf_ctx_t *oauthcc_login_server_merge_create(ngx_conf_t *cf);

/*
 * Merges the hidden servers of providers, as nginx merges others.  They
 * inherit timeouts, the resolver and the error log of http{}, and nothing
 * else.  Call it when all of http{} has been read.
 */
ngx_int_t oauthcc_login_server_merge_servers(ngx_conf_t *cf,
    ngx_array_t *providers);


#endif /* _OAUTHCC_LOGIN_SERVER_MERGE_H_INCLUDED_ */
