
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_UPSTREAM_MODULES_H_INCLUDED_
#define _OAUTHCC_UPSTREAM_MODULES_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_context.h"


/*
 * Finds the content handlers of nginx's modules that pass requests to an
 * upstream, and the offset of their upstream part.
 */
ngx_int_t oauthcc_upstream_modules_learn(ngx_conf_t *cf,
    ngx_http_oauthcc_main_conf_t *omcf);

/*
 * The index of the gate for this handler, or of a gate itself; NGX_DECLINED if
 * there is none.
 */
ngx_int_t oauthcc_upstream_modules_find(ngx_http_handler_pt handler);

/*
 * Any block of a location may get a request with the handler of another.  So
 * either all of them have gates, each for its own handler (or NULL), if one
 * has the directive, or none has.
 */
void oauthcc_upstream_modules_join(ngx_http_core_loc_conf_t *clcf,
    ngx_http_handler_pt gate, ngx_http_oauthcc_loc_conf_t *prev,
    ngx_http_oauthcc_loc_conf_t *conf);

/*
 * Logs directives that override the header of the module in the location of
 * cf->ctx, whose handler has this gate.
 */
void oauthcc_upstream_modules_warn(ngx_conf_t *cf,
    ngx_http_oauthcc_loc_conf_t *olcf, ngx_uint_t gate);


#endif /* _OAUTHCC_UPSTREAM_MODULES_H_INCLUDED_ */
