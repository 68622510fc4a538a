
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
 * The report in Prometheus' text format 0.0.4.  Series are for the zone and
 * for each provider, never for an entry: clients must not be able to create
 * series.
 */
void oauthcc_status_prometheus(oauthcc_writer_t *w,
    oauthcc_snapshot_t *report);


#endif /* _OAUTHCC_STATUS_PROMETHEUS_H_INCLUDED_ */
