
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "status/oauthcc_status_prometheus.h"
#include "status/oauthcc_escape.h"
#include "status/oauthcc_snapshot.h"
#include "core/oauthcc_writer.h"


/* a number of a provider, and what tells it from others of its metric */

typedef struct {
    char   *value;   /* of the label */
    size_t  offset;  /* in the provider, a uint64_t */
} oauthcc_status_prometheus_series_t;


/* a metric that each provider has; the series end with an empty one */

typedef struct {
    char  *name;
    char  *type;
    char  *help;
    char  *label;  /* NULL: one series a provider */
    oauthcc_status_prometheus_series_t
                  series[OAUTHCC_RESULTS + 1];
} oauthcc_status_prometheus_metric_t;


static void oauthcc_status_prometheus_zone(oauthcc_writer_t *w,
    oauthcc_snapshot_t *report);
static void oauthcc_status_prometheus_metric(oauthcc_writer_t *w,
    oauthcc_snapshot_t *report, oauthcc_status_prometheus_metric_t *metric);
static void oauthcc_status_prometheus_expiry(oauthcc_writer_t *w,
    oauthcc_snapshot_t *report);
static void oauthcc_status_prometheus_durations(oauthcc_writer_t *w,
    oauthcc_snapshot_t *report);
static void oauthcc_status_prometheus_head(oauthcc_writer_t *w, char *name,
    char *type, char *help);
static void oauthcc_status_prometheus_name(oauthcc_writer_t *w, char *name,
    ngx_str_t *provider);


#define oauthcc_status_prometheus_at(field)                                   \
    offsetof(oauthcc_snapshot_provider_t, field)

#define oauthcc_status_prometheus_of(result)                                  \
    offsetof(oauthcc_snapshot_provider_t, logins)                             \
    + OAUTHCC_RESULT_ ## result * sizeof(uint64_t)


static oauthcc_status_prometheus_metric_t
    oauthcc_status_prometheus_metrics[] =
{
    { "oauthcc_requests_total", "counter",
      "Requests that needed a token, by what became of that.",
      "cache_status",
      { { "hit", oauthcc_status_prometheus_at(hits) },
        { "miss", oauthcc_status_prometheus_at(misses) },
        { "wait", oauthcc_status_prometheus_at(waits) },
        { "refresh", oauthcc_status_prometheus_at(refreshes) },
        { "error", oauthcc_status_prometheus_at(errors) },
        { NULL, 0 } } },

    { "oauthcc_logins_total", "counter",
      "Logins that have ended, by how they did.",
      "result",
      { { "success", oauthcc_status_prometheus_of(SUCCESS) },
        { "refused", oauthcc_status_prometheus_of(REFUSED) },
        { "invalid", oauthcc_status_prometheus_of(INVALID) },
        { "timeout", oauthcc_status_prometheus_of(TIMEOUT) },
        { "unreachable", oauthcc_status_prometheus_of(UNREACHABLE) },
        { "internal", oauthcc_status_prometheus_of(INTERNAL) },
        { NULL, 0 } } },

    { "oauthcc_replays_total", "counter",
      "Requests sent a second time, because their token was refused.",
      NULL,
      { { "", oauthcc_status_prometheus_at(replays) },
        { NULL, 0 } } },

    { "oauthcc_evictions_total", "counter",
      "Entries dropped to make room for others.",
      NULL,
      { { "", oauthcc_status_prometheus_at(evictions) },
        { NULL, 0 } } },

    { "oauthcc_entries", "gauge",
      "Entries in the zone: tokens, and places for them.",
      NULL,
      { { "", oauthcc_status_prometheus_at(all) },
        { NULL, 0 } } },

    { "oauthcc_waiters", "gauge",
      "Requests that wait for a login.",
      NULL,
      { { "", oauthcc_status_prometheus_at(waiters) },
        { NULL, 0 } } },

    { "oauthcc_logins_in_flight", "gauge",
      "Logins that have not ended.",
      NULL,
      { { "", oauthcc_status_prometheus_at(in_flight) },
        { NULL, 0 } } },

    { NULL, NULL, NULL, NULL, { { NULL, 0 } } }
};


ngx_int_t
oauthcc_status_prometheus(ngx_pool_t *pool, oauthcc_snapshot_t *report,
    ngx_chain_t **out, off_t *size)
{
    oauthcc_writer_t                     w;
    oauthcc_status_prometheus_metric_t  *metric;

    oauthcc_writer_init(&w, pool);

    oauthcc_status_prometheus_zone(&w, report);

    /* without a provider there is no series, and a head alone says nothing */

    if (report->nproviders) {

        for (metric = oauthcc_status_prometheus_metrics;
             metric->name;
             metric++)
        {
            oauthcc_status_prometheus_metric(&w, report, metric);
        }

        oauthcc_status_prometheus_expiry(&w, report);
        oauthcc_status_prometheus_durations(&w, report);
    }

    return oauthcc_writer_end(&w, out, size);
}


static void
oauthcc_status_prometheus_zone(oauthcc_writer_t *w, oauthcc_snapshot_t *report)
{
    oauthcc_status_prometheus_head(w, "oauthcc_build_info", "gauge",
        "Always 1; the label has the module's version.");
    oauthcc_writer_put(w, "oauthcc_build_info{version=\"");
    oauthcc_escape_label(w, &report->version);
    oauthcc_writer_put(w, "\"} 1\n");

    oauthcc_status_prometheus_head(w, "oauthcc_zone_size_bytes",
        "gauge", "Shared memory of the zone, as configured.");
    oauthcc_writer_print(w, "oauthcc_zone_size_bytes %uz\n", report->size);

    oauthcc_status_prometheus_head(w, "oauthcc_zone_used_bytes",
        "gauge", "Shared memory of the zone that is in use.");
    oauthcc_writer_print(w, "oauthcc_zone_used_bytes %uz\n", report->used);

    oauthcc_status_prometheus_head(w, "oauthcc_zone_free_bytes",
        "gauge", "Shared memory of the zone that is free.");
    oauthcc_writer_print(w, "oauthcc_zone_free_bytes %uz\n", report->free);

    oauthcc_status_prometheus_head(w,
        "oauthcc_bypassed_requests_total", "counter",
        "Requests for which a variable said \"off\".");
    oauthcc_writer_print(w, "oauthcc_bypassed_requests_total %uL\n",
                         report->bypasses);
}


static void
oauthcc_status_prometheus_metric(oauthcc_writer_t *w,
    oauthcc_snapshot_t *report, oauthcc_status_prometheus_metric_t *metric)
{
    uint64_t                            *value;
    ngx_uint_t                           i;
    oauthcc_snapshot_provider_t         *provider;
    oauthcc_status_prometheus_series_t  *series;

    oauthcc_status_prometheus_head(w, metric->name, metric->type,
                                   metric->help);

    provider = report->providers;

    for (i = 0; i < report->nproviders; i++) {

        for (series = metric->series; series->value; series++) {

            oauthcc_status_prometheus_name(w, metric->name, &provider[i].name);

            if (metric->label) {
                oauthcc_writer_print(w, ",%s=\"%s\"", metric->label,
                                     series->value);
            }

            value = (uint64_t *) ((u_char *) &provider[i] + series->offset);

            oauthcc_writer_print(w, "} %uL\n", *value);
        }
    }
}


/* A provider that has no token has no series: any number would be wrong. */

static void
oauthcc_status_prometheus_expiry(oauthcc_writer_t *w,
    oauthcc_snapshot_t *report)
{
    ngx_uint_t                    i, head;
    oauthcc_snapshot_provider_t  *provider;

    head = 0;
    provider = report->providers;

    for (i = 0; i < report->nproviders; i++) {

        if (provider[i].expiry == OAUTHCC_NEVER) {
            continue;
        }

        if (!head) {
            head = 1;
            oauthcc_status_prometheus_head(w,
                "oauthcc_token_expires_in_seconds", "gauge",
                "For how long the token that ends first is good.");
        }

        oauthcc_status_prometheus_name(w, "oauthcc_token_expires_in_seconds",
                                       &provider[i].name);
        oauthcc_writer_print(w, "} %M.%03M\n", provider[i].expiry / 1000,
                             provider[i].expiry % 1000);
    }
}


static void
oauthcc_status_prometheus_durations(oauthcc_writer_t *w,
    oauthcc_snapshot_t *report)
{
    uint64_t              n;
    ngx_str_t            *name;
    ngx_uint_t            i, bucket;
    oauthcc_histogram_t  *durations;

    oauthcc_status_prometheus_head(w,
        "oauthcc_login_duration_seconds", "histogram",
        "How long the logins took that have ended, well or not.");

    for (i = 0; i < report->nproviders; i++) {

        name = &report->providers[i].name;
        durations = &report->providers[i].durations;
        n = 0;

        for (bucket = 0;
             bucket < OAUTHCC_HISTOGRAM_BUCKETS;
             bucket++)
        {
            n += durations->buckets[bucket];

            oauthcc_status_prometheus_name(w,
                                     "oauthcc_login_duration_seconds_bucket",
                                           name);
            oauthcc_writer_print(w, ",le=\"%s\"} %uL\n",
                                 oauthcc_histogram_bounds[bucket].seconds, n);
        }

        oauthcc_status_prometheus_name(w, "oauthcc_login_duration_seconds_sum",
                                       name);
        oauthcc_writer_print(w, "} %uL.%03uL\n", durations->sum / 1000,
                             durations->sum % 1000);

        oauthcc_status_prometheus_name(w,
                                       "oauthcc_login_duration_seconds_count",
                                       name);
        oauthcc_writer_print(w, "} %uL\n", n);
    }
}


static void
oauthcc_status_prometheus_head(oauthcc_writer_t *w, char *name, char *type,
    char *help)
{
    oauthcc_writer_print(w, "# HELP %s %s\n# TYPE %s %s\n",
                         name, help, name, type);
}


/* A series up to the end of its label provider; others, and a "}", follow. */

static void
oauthcc_status_prometheus_name(oauthcc_writer_t *w, char *name,
    ngx_str_t *provider)
{
    oauthcc_writer_put(w, name);
    oauthcc_writer_put(w, "{provider=\"");
    oauthcc_escape_label(w, provider);
    oauthcc_writer_put(w, "\"");
}
