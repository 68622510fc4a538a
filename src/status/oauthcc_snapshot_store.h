
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_SNAPSHOT_STORE_H_INCLUDED_
#define _OAUTHCC_SNAPSHOT_STORE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_main_conf.h"
#include "store/oauthcc_store.h"


/* the store of several gateways, as this gateway knows it */

typedef struct {
    ngx_uint_t  configured;
    uint64_t    up;            /* workers that are connected */
    uint64_t    down;          /* and those that are not */
    uint64_t    since;         /* Unix time */
    uint64_t    asks[OAUTHCC_STORE_ASKS];
    uint64_t    puts[OAUTHCC_STORE_PUTS];
    uint64_t    lost;          /* connections */
    uint64_t    replies;
    uint64_t    reply_time;    /* of all of them, in microseconds */
} oauthcc_snapshot_store_t;


void oauthcc_snapshot_store_take(ngx_http_oauthcc_main_conf_t *omcf,
    oauthcc_snapshot_store_t *report);


#endif /* _OAUTHCC_SNAPSHOT_STORE_H_INCLUDED_ */
