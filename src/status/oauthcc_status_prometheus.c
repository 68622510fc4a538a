
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "status/oauthcc_status_prometheus.h"
#include "status/oauthcc_escape.h"
#include "status/oauthcc_metrics.h"


static void oauthcc_status_prometheus_metrics(oauthcc_writer_t *w,
    oauthcc_snapshot_t *report, oauthcc_metrics_t *metrics,
    ngx_uint_t histograms);
static void oauthcc_status_prometheus_metric(oauthcc_writer_t *w,
    oauthcc_metrics_t *metric, void *part, ngx_str_t *provider,
    ngx_uint_t *head);
static void oauthcc_status_prometheus_histogram(oauthcc_writer_t *w,
    char *name, oauthcc_histogram_t *histogram, ngx_str_t *provider);
static void oauthcc_status_prometheus_head(oauthcc_writer_t *w, char *name,
    char *type, char *help);
static void oauthcc_status_prometheus_series(oauthcc_writer_t *w, char *name,
    char *suffix, ngx_str_t *provider, char *label, char *value);


/* of each oauthcc_metrics_type_e */

static char  *oauthcc_status_prometheus_types[] = {
    "counter",
    "gauge",
    "gauge",
    "gauge",
    "counter",
    "histogram"
};


void
oauthcc_status_prometheus(oauthcc_writer_t *w, oauthcc_snapshot_t *report)
{
    ngx_uint_t          head;
    oauthcc_metrics_t  *metric;

    oauthcc_status_prometheus_head(w, "oauthcc_build_info", "gauge",
                              "Always 1; the label has the module's version.");
    oauthcc_writer_put(w, "oauthcc_build_info{version=\"");
    oauthcc_escape_label(w, &report->version);
    oauthcc_writer_put(w, "\"} 1\n");

    for (metric = oauthcc_metrics_zone; metric->series[0].n; metric++) {
        head = 0;
        oauthcc_status_prometheus_metric(w, metric, report, NULL, &head);
    }

    if (report->store.configured) {
        for (metric = oauthcc_metrics_store; metric->series[0].n; metric++) {
            head = 0;
            oauthcc_status_prometheus_metric(w, metric, &report->store, NULL,
                                             &head);
        }
    }

    oauthcc_status_prometheus_metrics(w, report, oauthcc_metrics_provider, 0);
    oauthcc_status_prometheus_metrics(w, report, oauthcc_metrics_dpop, 0);
    oauthcc_status_prometheus_metrics(w, report, oauthcc_metrics_provider, 1);
}


/* The metrics of providers: histograms, or all others. */

static void
oauthcc_status_prometheus_metrics(oauthcc_writer_t *w,
    oauthcc_snapshot_t *report, oauthcc_metrics_t *metrics,
    ngx_uint_t histograms)
{
    ngx_uint_t                    i, head;
    oauthcc_metrics_t            *metric;
    oauthcc_snapshot_provider_t  *provider;

    provider = report->providers;

    for (metric = metrics; metric->series[0].n; metric++) {

        if ((metric->type == OAUTHCC_METRICS_HISTOGRAM) != histograms) {
            continue;
        }

        head = 0;

        for (i = 0; i < report->nproviders; i++) {

            if (metrics == oauthcc_metrics_dpop && !provider[i].dpop) {
                continue;
            }

            oauthcc_status_prometheus_metric(w, metric, &provider[i],
                                             &provider[i].name, &head);
        }
    }
}


/* HELP and TYPE come with the first series: without one they say nothing. */

static void
oauthcc_status_prometheus_metric(oauthcc_writer_t *w,
    oauthcc_metrics_t *metric, void *part, ngx_str_t *provider,
    ngx_uint_t *head)
{
    uint64_t                   usec;
    ngx_msec_t                 time;
    oauthcc_metrics_series_t  *series;

    if (metric->name == NULL) {
        return;
    }

    for (series = metric->series; series->n; series++) {

        time = metric->type == OAUTHCC_METRICS_TIME
               ? oauthcc_metrics_time(series, part) : 0;

        /* without a value the series is left out */

        if (time == OAUTHCC_NEVER
            || (metric->type == OAUTHCC_METRICS_DATE
                && oauthcc_metrics_count(series, part) == 0))
        {
            continue;
        }

        if (!*head) {
            *head = 1;
            oauthcc_status_prometheus_head(w, metric->name,
                                oauthcc_status_prometheus_types[metric->type],
                                           metric->help);
        }

        if (metric->type == OAUTHCC_METRICS_HISTOGRAM) {
            oauthcc_status_prometheus_histogram(w, metric->name,
                                            oauthcc_metrics_at(series, part),
                                                provider);
            continue;
        }

        oauthcc_status_prometheus_series(w, metric->name, "", provider,
                                         metric->label, series->name);

        if (metric->type == OAUTHCC_METRICS_TIME) {
            oauthcc_writer_print(w, "%M.%03M\n", time / 1000, time % 1000);

        } else if (metric->type == OAUTHCC_METRICS_SECONDS) {
            usec = oauthcc_metrics_count(series, part);
            oauthcc_writer_print(w, "%uL.%06uL\n", usec / 1000000,
                                 usec % 1000000);

        } else {
            oauthcc_writer_print(w, "%uL\n",
                                 oauthcc_metrics_count(series, part));
        }
    }
}


static void
oauthcc_status_prometheus_histogram(oauthcc_writer_t *w, char *name,
    oauthcc_histogram_t *histogram, ngx_str_t *provider)
{
    uint64_t    n;
    ngx_uint_t  i;

    n = 0;

    for (i = 0; i < OAUTHCC_HISTOGRAM_BUCKETS; i++) {
        n += histogram->buckets[i];

        oauthcc_status_prometheus_series(w, name, "_bucket", provider, "le",
                                         oauthcc_histogram_bounds[i].seconds);
        oauthcc_writer_print(w, "%uL\n", n);
    }

    oauthcc_status_prometheus_series(w, name, "_sum", provider, NULL, NULL);
    oauthcc_writer_print(w, "%uL.%03uL\n", histogram->sum / 1000,
                         histogram->sum % 1000);

    oauthcc_status_prometheus_series(w, name, "_count", provider, NULL, NULL);
    oauthcc_writer_print(w, "%uL\n", n);
}


static void
oauthcc_status_prometheus_head(oauthcc_writer_t *w, char *name, char *type,
    char *help)
{
    oauthcc_writer_print(w, "# HELP %s %s\n# TYPE %s %s\n",
                         name, help, name, type);
}


/* Writes a sample up to its value. */

static void
oauthcc_status_prometheus_series(oauthcc_writer_t *w, char *name, char *suffix,
    ngx_str_t *provider, char *label, char *value)
{
    oauthcc_writer_print(w, "%s%s", name, suffix);

    if (provider) {
        oauthcc_writer_put(w, "{provider=\"");
        oauthcc_escape_label(w, provider);
        oauthcc_writer_put(w, "\"");
    }

    if (label) {
        oauthcc_writer_print(w, "%s%s=\"%s\"", provider ? "," : "{",
                             label, value);
    }

    oauthcc_writer_put(w, provider || label ? "} " : " ");
}
