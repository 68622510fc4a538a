
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_METRICS_H_INCLUDED_
#define _OAUTHCC_METRICS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "status/oauthcc_snapshot.h"


/*
 * The numbers of a snapshot.  To show one in JSON, on the page and to
 * Prometheus takes a row here, and nothing else; docs/status.md describes it.
 */


typedef enum {
    OAUTHCC_METRICS_COUNTER = 0,  /* uint64_t, as is a gauge */
    OAUTHCC_METRICS_GAUGE,
    OAUTHCC_METRICS_TIME,         /* ngx_msec_t, a gauge of seconds */
    OAUTHCC_METRICS_DATE,         /* uint64_t, Unix time, 0: never */
    OAUTHCC_METRICS_SECONDS,      /* uint64_t, a counter of microseconds */
    OAUTHCC_METRICS_HISTOGRAM     /* oauthcc_histogram_t, of durations */
} oauthcc_metrics_type_e;


/* groups on the page, in this order */

typedef enum {
    OAUTHCC_METRICS_REQUESTS = 0,
    OAUTHCC_METRICS_LOGINS,
    OAUTHCC_METRICS_TIMES,
    OAUTHCC_METRICS_MEMORY,
    OAUTHCC_METRICS_GROUPS
} oauthcc_metrics_group_e;


/* one series of a metric */

typedef struct {
    char                     *name;    /* in JSON, and value of the label */
    char                     *title;   /* name on the page */
    size_t                    offset;  /* offset in its part of the snapshot */
    ngx_uint_t                n;       /* a sum of these; 0: end of the list */
} oauthcc_metrics_series_t;


/* a name that is NULL, here and above, is not shown there */

typedef struct {
    oauthcc_metrics_type_e    type;
    oauthcc_metrics_group_e   group;
    char                     *name;    /* name for Prometheus */
    char                     *help;
    char                     *label;   /* that tells the series apart */
    char                     *object;  /* of JSON, that the fields are in */
    oauthcc_metrics_series_t  series[OAUTHCC_STORE_ASKS + 1];
} oauthcc_metrics_t;


/*
 * tables for oauthcc_snapshot_t, its store, a provider, one with DPoP, and an
 * entry; ended by a metric without series
 */

extern oauthcc_metrics_t  oauthcc_metrics_zone[];
extern oauthcc_metrics_t  oauthcc_metrics_store[];
extern oauthcc_metrics_t  oauthcc_metrics_provider[];
extern oauthcc_metrics_t  oauthcc_metrics_dpop[];
extern oauthcc_metrics_t  oauthcc_metrics_entry[];


/*
 * the value of a series in this part of a snapshot, by the type of its metric
 */

#define oauthcc_metrics_at(series, part)                                      \
    ((void *) ((u_char *) (part) + (series)->offset))

#define oauthcc_metrics_time(series, part)                                    \
    (*(ngx_msec_t *) oauthcc_metrics_at(series, part))

uint64_t oauthcc_metrics_count(oauthcc_metrics_series_t *series, void *part);


#endif /* _OAUTHCC_METRICS_H_INCLUDED_ */
