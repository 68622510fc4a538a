
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_GATE_H_INCLUDED_
#define _OAUTHCC_GATE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * Content handlers of the module, one for each module that passes requests to
 * an upstream.  A request may have the configuration of one block and the
 * handler of another (the last "if" that matched, and one before): only the
 * gate that nginx calls tells which handler to run.
 */
extern ngx_http_handler_pt  oauthcc_gates[];

/* The index of the gate that a handler is, or NGX_DECLINED. */
ngx_int_t oauthcc_gate_find(ngx_http_handler_pt handler);

/*
 * Whether a request needs a token: its block has the directive, and a gate
 * will be called.
 */
#define oauthcc_gate_wanted(r, olcf)                                          \
    ((olcf)->binding && (r)->content_handler                                  \
     && ((r)->content_handler == (olcf)->gate                                 \
         || oauthcc_gate_find((r)->content_handler) >= 0))


#endif /* _OAUTHCC_GATE_H_INCLUDED_ */
