
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_gate.h"
#include "upstream/oauthcc_inject.h"


extern ngx_module_t  ngx_http_oauthcc_module;


static ngx_int_t oauthcc_gate_proxy(ngx_http_request_t *r);
static ngx_int_t oauthcc_gate_grpc(ngx_http_request_t *r);
static ngx_int_t oauthcc_gate_fastcgi(ngx_http_request_t *r);
static ngx_int_t oauthcc_gate_uwsgi(ngx_http_request_t *r);
static ngx_int_t oauthcc_gate_scgi(ngx_http_request_t *r);
static ngx_int_t oauthcc_gate_pass(ngx_http_request_t *r, ngx_uint_t n);


/* in the same order as the table of modules in conf */

ngx_http_handler_pt  oauthcc_gates[OAUTHCC_GATES] = {
    oauthcc_gate_proxy,
    oauthcc_gate_grpc,
    oauthcc_gate_fastcgi,
    oauthcc_gate_uwsgi,
    oauthcc_gate_scgi
};


static oauthcc_inject_kind_e  oauthcc_gate_kinds[OAUTHCC_GATES] = {
    OAUTHCC_INJECT_PROXY,
    OAUTHCC_INJECT_GRPC,
    OAUTHCC_INJECT_CGI,
    OAUTHCC_INJECT_CGI,
    OAUTHCC_INJECT_CGI
};


ngx_int_t
oauthcc_gate_find(ngx_http_handler_pt handler)
{
    ngx_int_t  n;

    for (n = 0; n < OAUTHCC_GATES; n++) {
        if (oauthcc_gates[n] == handler) {
            return n;
        }
    }

    return NGX_DECLINED;
}


static ngx_int_t
oauthcc_gate_proxy(ngx_http_request_t *r)
{
    return oauthcc_gate_pass(r, 0);
}


static ngx_int_t
oauthcc_gate_grpc(ngx_http_request_t *r)
{
    return oauthcc_gate_pass(r, 1);
}


static ngx_int_t
oauthcc_gate_fastcgi(ngx_http_request_t *r)
{
    return oauthcc_gate_pass(r, 2);
}


static ngx_int_t
oauthcc_gate_uwsgi(ngx_http_request_t *r)
{
    return oauthcc_gate_pass(r, 3);
}


static ngx_int_t
oauthcc_gate_scgi(ngx_http_request_t *r)
{
    return oauthcc_gate_pass(r, 4);
}


static ngx_int_t
oauthcc_gate_pass(ngx_http_request_t *r, ngx_uint_t n)
{
    ngx_http_oauthcc_loc_conf_t   *olcf;
    ngx_http_oauthcc_main_conf_t  *omcf;

    olcf = ngx_http_get_module_loc_conf(r, ngx_http_oauthcc_module);
    omcf = ngx_http_get_module_main_conf(r, ngx_http_oauthcc_module);

    if (olcf->binding == NULL) {

        /*
         * "oauthcc off" here, in a location that shares the handler of another
         * one
         */

        return omcf->passing[n].handler(r);
    }

    /*
     * the phase handler returns here when the request has waited for a token
     */

    r->content_handler = oauthcc_gates[n];

    return oauthcc_inject_handler(r, omcf->passing[n].handler,
                                  oauthcc_gate_kinds[n]);
}
