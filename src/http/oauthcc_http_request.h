
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_HTTP_REQUEST_H_INCLUDED_
#define _OAUTHCC_HTTP_REQUEST_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_types.h"


/* A cleanup handler: wipes the secrets of a request, data. */
void oauthcc_http_request_wipe(void *data);


#endif /* _OAUTHCC_HTTP_REQUEST_H_INCLUDED_ */
