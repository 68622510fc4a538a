
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_REFRESH_REQUEST_H_INCLUDED_
#define _OAUTHCC_REFRESH_REQUEST_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* Refreshes ordered by an operator. */

/*
 * Starts the refreshes ordered through the control API, for entries of which
 * this worker has a local entry.  Call it after any change in the zone.
 */
void oauthcc_refresh_request_grant(ngx_array_t *providers);


#endif /* _OAUTHCC_REFRESH_REQUEST_H_INCLUDED_ */
