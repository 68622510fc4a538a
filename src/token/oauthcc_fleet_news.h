
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_FLEET_NEWS_H_INCLUDED_
#define _OAUTHCC_FLEET_NEWS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "token/oauthcc_token_types.h"


/*
 * What a worker does with the messages of the store of several gateways.
 * Without a store all of it does nothing.
 */


/*
 * Connects the worker to the store of these providers.  NGX_ERROR: no memory.
 */
ngx_int_t oauthcc_fleet_news_start(ngx_cycle_t *cycle, ngx_array_t *providers);

/* Disconnects it: whoever asks the store is told that it is down. */
void oauthcc_fleet_news_stop(void);

/* The wake-up of all workers: see core/notify. */
void oauthcc_fleet_news_notified(void);


#endif /* _OAUTHCC_FLEET_NEWS_H_INCLUDED_ */
