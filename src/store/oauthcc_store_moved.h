
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_STORE_MOVED_H_INCLUDED_
#define _OAUTHCC_STORE_MOVED_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "store/oauthcc_store_types.h"


/* characters of HOST:PORT */
#define OAUTHCC_STORE_MOVED_NODE  272


/*
 * Reads "MOVED SLOT HOST:PORT", what a node of a cluster says of keys that are
 * at another one: changes the server to that.  The text is copied to node.
 * NGX_ERROR: there is no address in it.
 */
ngx_int_t oauthcc_store_moved_read(ngx_str_t *text,
    oauthcc_store_server_t *server, u_char *node);


#endif /* _OAUTHCC_STORE_MOVED_H_INCLUDED_ */
