
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_STATUS_PROMETHEUS_H_INCLUDED_
#define _OAUTHCC_STATUS_PROMETHEUS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "status/oauthcc_snapshot.h"


#define OAUTHCC_STATUS_PROMETHEUS_TYPE                                        \
    "text/plain; version=0.0.4; charset=utf-8"


/*
 * The report in Prometheus's text format 0.0.4.  There are series of the
 * zone and of each provider, none of an entry: their number may not depend
 * on what clients ask for.  *out lies in the pool, NGX_ERROR when memory runs
 * out.
 */
ngx_int_t oauthcc_status_prometheus(ngx_pool_t *pool,
    oauthcc_snapshot_t *report, ngx_chain_t **out, off_t *size);


#endif /* _OAUTHCC_STATUS_PROMETHEUS_H_INCLUDED_ */
