
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_SNAPSHOT_SELECT_H_INCLUDED_
#define _OAUTHCC_SNAPSHOT_SELECT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "status/oauthcc_snapshot_types.h"


/* where that of a provider comes from */

typedef struct {
    oauthcc_provider_t     *provider;

    /* what entries have where no request says otherwise */
    ngx_str_t               scope;
    ngx_str_t               audience;
    ngx_str_t               resource;
} oauthcc_snapshot_source_t;


/*
 * Counts the entries of all providers of the report by their states, and
 * copies those that match, as many as are listed.  NGX_ERROR: no memory.
 */
ngx_int_t oauthcc_snapshot_select(ngx_pool_t *pool, oauthcc_cache_t *cache,
    oauthcc_snapshot_filter_t *filter, oauthcc_snapshot_source_t *source,
    oauthcc_snapshot_t *report);


#endif /* _OAUTHCC_SNAPSHOT_SELECT_H_INCLUDED_ */
