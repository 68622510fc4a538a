
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_HTTP_REQUEST_H_INCLUDED_
#define _OAUTHCC_HTTP_REQUEST_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_pair.h"


/* a login request; lives in the pool that it was built in */

typedef struct {
    ngx_uint_t   method;     /* NGX_HTTP_POST, ... */
    ngx_str_t    method_name;
    ngx_str_t    url;
    ngx_str_t    authority;  /* for Host */
    ngx_str_t    host;       /* for TLS */
    in_port_t    port;
    ngx_array_t  headers;    /* pairs */
    ngx_str_t    body;
    unsigned     owned:1;    /* owns all its bytes */
} oauthcc_http_request_t;


/* A cleanup handler: wipes the secrets of the request in data. */
void oauthcc_http_request_wipe(void *data);


#endif /* _OAUTHCC_HTTP_REQUEST_H_INCLUDED_ */
