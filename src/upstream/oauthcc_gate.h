
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_GATE_H_INCLUDED_
#define _OAUTHCC_GATE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * Content handlers of ours, one for each that passes requests to an upstream.
 * A request has the settings of one block and may have the handler of
 * another, the last "if" that matched and one before: which handler is to run
 * is known by the gate that nginx has come to, and by nothing else.
 */
extern ngx_http_handler_pt  oauthcc_gates[];

/* Which of them a handler is, or NGX_DECLINED. */
ngx_int_t oauthcc_gate_find(ngx_http_handler_pt handler);

/*
 * Whether a request wants a token: its block has the directive, and it will
 * come to a gate.
 */
#define oauthcc_gate_wanted(r, olcf)                                          \
    ((olcf)->use && (r)->content_handler                                      \
     && ((r)->content_handler == (olcf)->gate                                 \
         || oauthcc_gate_find((r)->content_handler) >= 0))


#endif /* _OAUTHCC_GATE_H_INCLUDED_ */
