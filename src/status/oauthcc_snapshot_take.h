
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_SNAPSHOT_TAKE_H_INCLUDED_
#define _OAUTHCC_SNAPSHOT_TAKE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "status/oauthcc_snapshot.h"
#include "core/oauthcc_types.h"


/*
 * Takes down how things are in the zone: the providers of this configuration,
 * with at most "limit" entries, the most recently used ones of each.  All of
 * it lies in the pool.  NGX_ERROR if memory runs out.
 */
ngx_int_t oauthcc_snapshot_take_take(ngx_pool_t *pool,
    ngx_http_oauthcc_main_conf_t *omcf, ngx_uint_t limit,
    oauthcc_snapshot_t *report);


#endif /* _OAUTHCC_SNAPSHOT_TAKE_H_INCLUDED_ */
