
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _NGX_HTTP_OAUTHCC_WISH_H_INCLUDED_
#define _NGX_HTTP_OAUTHCC_WISH_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_types.h"


/* Logins that an operator wants. */

/*
 * Starts those that are wanted of the entries that this worker has a copy of.
 * To be called whenever something has changed in the zone.
 */
void ngx_http_oauthcc_wish_grant(ngx_array_t *providers);


#endif /* _NGX_HTTP_OAUTHCC_WISH_H_INCLUDED_ */
