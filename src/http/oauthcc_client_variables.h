
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_CLIENT_VARIABLES_H_INCLUDED_
#define _OAUTHCC_CLIENT_VARIABLES_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * what the directives of a hidden server read from the request, as variables
 */

typedef enum {
    OAUTHCC_CLIENT_VARIABLES_URL = 0,
    OAUTHCC_CLIENT_VARIABLES_METHOD,
    OAUTHCC_CLIENT_VARIABLES_AUTHORITY,
    OAUTHCC_CLIENT_VARIABLES_HOST,
    OAUTHCC_CLIENT_VARIABLES_LENGTH  /* of the body; not set for GET */
} oauthcc_client_variables_e;


/*
 * The handler of all of them, data selects one; not found in other requests.
 */
ngx_int_t oauthcc_client_variables_get(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);


#endif /* _OAUTHCC_CLIENT_VARIABLES_H_INCLUDED_ */
