
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_SNAPSHOT_H_INCLUDED_
#define _OAUTHCC_SNAPSHOT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "status/oauthcc_snapshot_types.h"


/*
 * Takes down how things are in the zone: the providers of this configuration,
 * with the entries that match, those that fail first, and then the most
 * recently used ones of each; all are counted.  With a filter of NULL there
 * are no entries, and no states.  All of it lies in the pool.  NGX_ERROR if
 * memory runs out.
 */
ngx_int_t oauthcc_snapshot_take(ngx_pool_t *pool,
    ngx_http_oauthcc_main_conf_t *omcf, oauthcc_snapshot_filter_t *filter,
    oauthcc_snapshot_t *report);


#endif /* _OAUTHCC_SNAPSHOT_H_INCLUDED_ */
