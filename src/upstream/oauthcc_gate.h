
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
 *
 * A gate asks for a token, and passes the request on to that handler.  When it
 * has waited for one, or is to be sent once more, nginx's content phase calls
 * the gate again: who wants that calls ngx_http_core_run_phases().  What needs
 * no upstream, or is refused before, costs no login.
 */
extern ngx_http_handler_pt  oauthcc_gates[];


#endif /* _OAUTHCC_GATE_H_INCLUDED_ */
