
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_UPSTREAM_MODULES_H_INCLUDED_
#define _OAUTHCC_UPSTREAM_MODULES_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_context.h"


/*
 * Sets what is known of the module behind a gate: its content handler, and
 * where nginx's own part of its configuration is.
 */
void oauthcc_upstream_modules_learn(ngx_conf_t *cf,
    ngx_http_oauthcc_main_conf_t *omcf, ngx_uint_t gate,
    ngx_http_handler_pt handler);

/*
 * Any block of a location may get a request that has the handler of another.
 * So all of them have gates, each that of its own handler (or NULL), if one
 * has the directive, and none if none has.
 */
void oauthcc_upstream_modules_join(ngx_http_core_loc_conf_t *clcf,
    ngx_http_handler_pt gate, ngx_http_oauthcc_loc_conf_t *prev,
    ngx_http_oauthcc_loc_conf_t *conf);


#endif /* _OAUTHCC_UPSTREAM_MODULES_H_INCLUDED_ */
