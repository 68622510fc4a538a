
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_REFRESH_REQUEST_H_INCLUDED_
#define _OAUTHCC_REFRESH_REQUEST_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* Logins that an operator wants. */

/*
 * Starts the refreshes that were requested through the control API, of entries
 * that this worker has a local entry of.  To be called whenever something has
 * changed in the zone.
 */
void oauthcc_refresh_request_grant(ngx_array_t *providers);


#endif /* _OAUTHCC_REFRESH_REQUEST_H_INCLUDED_ */
