
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_STATUS_PROMETHEUS_H_INCLUDED_
#define _OAUTHCC_STATUS_PROMETHEUS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_writer.h"
#include "status/oauthcc_snapshot.h"


#define OAUTHCC_STATUS_PROMETHEUS_TYPE                                        \
    "text/plain; version=0.0.4; charset=utf-8"


/*
 * The report in Prometheus's text format 0.0.4.  There are series of the
 * zone and of each provider, none of an entry: their number may not depend
 * on what clients ask for.
 */
void oauthcc_status_prometheus(oauthcc_writer_t *w,
    oauthcc_snapshot_t *report);


#endif /* _OAUTHCC_STATUS_PROMETHEUS_H_INCLUDED_ */
