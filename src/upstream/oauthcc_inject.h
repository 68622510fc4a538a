
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_INJECT_H_INCLUDED_
#define _OAUTHCC_INJECT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_types.h"


/*
 * Runs a content handler that passes requests to an upstream, with a
 * credential.  The request is changed only while the upstream request is
 * built from it; before and after it is the client's.
 */
ngx_int_t oauthcc_inject_handler(ngx_http_request_t *r,
    ngx_http_handler_pt handler);

/*
 * Finds the variables whose values may be made of what we put in: to be
 * called when all variables are known.
 */
ngx_int_t oauthcc_inject_init(ngx_cycle_t *cycle,
    ngx_http_oauthcc_main_conf_t *mcf, ngx_array_t *variables);


#endif /* _OAUTHCC_INJECT_H_INCLUDED_ */
