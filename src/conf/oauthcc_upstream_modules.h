
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
 * Finds out the content handlers of nginx's modules that pass requests to an
 * upstream, and where its own part of their configuration is.
 */
ngx_int_t oauthcc_upstream_modules_learn(ngx_conf_t *cf,
    ngx_http_oauthcc_main_conf_t *omcf);

/*
 * The number of the gate that belongs to this handler, or is it; NGX_DECLINED
 * if there is none.
 */
ngx_int_t oauthcc_upstream_modules_find(ngx_http_handler_pt handler);

/*
 * Any block of a location may get a request that has the handler of another.
 * So all of them have gates, each that of its own handler (or NULL), if one
 * has the directive, and none if none has.
 */
void oauthcc_upstream_modules_join(ngx_http_core_loc_conf_t *clcf,
    ngx_http_handler_pt gate, ngx_http_oauthcc_loc_conf_t *prev,
    ngx_http_oauthcc_loc_conf_t *conf);

/*
 * Logs what takes precedence over the header of the module in the location
 * of cf->ctx, whose handler has this gate.
 */
void oauthcc_upstream_modules_warn(ngx_conf_t *cf,
    ngx_http_oauthcc_loc_conf_t *olcf, ngx_uint_t gate);


#endif /* _OAUTHCC_UPSTREAM_MODULES_H_INCLUDED_ */
