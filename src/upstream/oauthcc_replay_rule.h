
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_REPLAY_RULE_H_INCLUDED_
#define _OAUTHCC_REPLAY_RULE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_context.h"


/* The rules of oauthcc_replay, applied to a response. */


typedef enum {
    OAUTHCC_REPLAY_RULE_NONE = 0,    /* no refusal */
    OAUTHCC_REPLAY_RULE_REFUSED,     /* a refusal, without a replay */
    OAUTHCC_REPLAY_RULE_REPEATABLE   /* a refusal, with a replay */
} oauthcc_replay_rule_e;


/*
 * Reads the status and headers in r->upstream->headers_in.  If memory runs
 * out, a condition is false.
 */
oauthcc_replay_rule_e oauthcc_replay_rule_match(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx);

/* Whether grpc-status 16 is one, by this rule. */
#define oauthcc_replay_rule_grpc(ctx, rule)                                   \
    ((rule)->grpc_16 == OAUTHCC_REPLAY_GRPC_ON                                \
     || ((rule)->grpc_16 == OAUTHCC_REPLAY_GRPC_PASS                          \
         && (ctx)->kind == OAUTHCC_INJECT_GRPC))

/* Whether the response has a grpc-status, and which. */
ngx_int_t oauthcc_replay_rule_grpc_status(ngx_list_t *headers);


#endif /* _OAUTHCC_REPLAY_RULE_H_INCLUDED_ */
