
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_GATE_H_INCLUDED_
#define _OAUTHCC_GATE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_types.h"


/*
 * Content handlers of ours, one for each that passes requests to an upstream.
 * A request has the settings of one block and may have the handler of
 * another, the last "if" that matched and one before: which handler is to run
 * is known by the gate that nginx has come to, and by nothing else.
 */
extern ngx_http_handler_pt  oauthcc_gates[];

/* Whether a handler is one of them. */
ngx_uint_t oauthcc_gate_is(ngx_http_handler_pt handler);

/*
 * Whether a request wants a token: its block has the directive, and it will
 * come to a gate.
 */
#define oauthcc_gate_wanted(r, olcf)                                          \
    ((olcf)->use && (r)->content_handler                                      \
     && ((r)->content_handler == (olcf)->gate                                 \
         || oauthcc_gate_is((r)->content_handler)))


#endif /* _OAUTHCC_GATE_H_INCLUDED_ */
