
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_REPLAY_H_INCLUDED_
#define _OAUTHCC_REPLAY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_types.h"


/* Puts the header filter in place, in postconfiguration. */
void oauthcc_replay_init(void);

/*
 * For the log phase: ctx is a context of the request whose response no header
 * filter has seen, since an error page took its place.
 */
void oauthcc_replay_hidden(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx);


#endif /* _OAUTHCC_REPLAY_H_INCLUDED_ */
