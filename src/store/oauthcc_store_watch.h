
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_STORE_WATCH_H_INCLUDED_
#define _OAUTHCC_STORE_WATCH_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "store/oauthcc_store_worker.h"


/*
 * Reads a text of the channel, see store_script.  NGX_DECLINED: it is none of
 * ours.
 */
ngx_int_t oauthcc_store_watch_read(ngx_str_t *text, uint64_t gateway,
    oauthcc_store_news_t *news);

/* A message of worker 0: all workers are told. */
void oauthcc_store_watch_message(oauthcc_store_connection_t *conn,
    oauthcc_store_reply_t *reply);

/* Messages come from now on, or no longer. */
void oauthcc_store_watch_ready(oauthcc_store_connection_t *conn);
void oauthcc_store_watch_lost(oauthcc_store_connection_t *conn);


#endif /* _OAUTHCC_STORE_WATCH_H_INCLUDED_ */
