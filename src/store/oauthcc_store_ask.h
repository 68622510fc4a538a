
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_STORE_ASK_H_INCLUDED_
#define _OAUTHCC_STORE_ASK_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "store/oauthcc_store_worker.h"


/* What waits for the first connection: sends it, or answers it with DOWN. */
void oauthcc_store_ask_resume(oauthcc_store_t *store);

/*
 * Reads {WORD, now, value}, a token under the name of a key; the points in
 * time are set from when the question was sent.  NGX_DECLINED: it cannot be
 * opened; NGX_ERROR: no memory, or the reply is malformed.
 */
ngx_int_t oauthcc_store_ask_value(oauthcc_store_t *store, ngx_pool_t *pool,
    oauthcc_store_key_t *key, oauthcc_store_reply_t *reply,
    oauthcc_time_t sent, oauthcc_store_value_t *value);


#endif /* _OAUTHCC_STORE_ASK_H_INCLUDED_ */
