
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_REPLAY_H_INCLUDED_
#define _OAUTHCC_REPLAY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_context.h"


/*
 * Judges the response of r's upstream to a request with ctx's credential.
 * Returns what process_header() does: NGX_ERROR if the request is replayed;
 * then it must not be touched any more.
 */
ngx_int_t oauthcc_replay_judge(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx);

/*
 * For a context that ends with ctx->refused set: nginx tried another server
 * after a refusal, and none has accepted the credential.
 */
void oauthcc_replay_unanswered(ngx_http_oauthcc_ctx_t *ctx);


#endif /* _OAUTHCC_REPLAY_H_INCLUDED_ */
