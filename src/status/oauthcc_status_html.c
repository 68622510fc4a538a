
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "status/oauthcc_status_html.h"
#include "status/oauthcc_format.h"
#include "status/oauthcc_metrics.h"
#include "status/oauthcc_status_html_entries.h"
#include "status/oauthcc_status_html_failures.h"
#include "status/oauthcc_status_html_filter.h"
#include "status/oauthcc_status_html_form.h"
#include "status/oauthcc_status_html_style.h"
#include "status/oauthcc_status_query.h"


/* from here on a zone is nearly full, in per cent */
#define OAUTHCC_STATUS_HTML_FULL  90


static void oauthcc_status_html_head(oauthcc_writer_t *w,
    oauthcc_snapshot_t *report);
static void oauthcc_status_html_header(oauthcc_writer_t *w,
    oauthcc_snapshot_t *report);
static void oauthcc_status_html_store(oauthcc_writer_t *w,
    oauthcc_snapshot_store_t *store);
static void oauthcc_status_html_provider(oauthcc_writer_t *w,
    oauthcc_snapshot_t *report, oauthcc_snapshot_provider_t *provider,
    ngx_uint_t n);
static void oauthcc_status_html_metrics(oauthcc_writer_t *w,
    oauthcc_metrics_t *metrics, void *part);
static void oauthcc_status_html_metric(oauthcc_writer_t *w,
    oauthcc_metrics_t *metric, oauthcc_metrics_series_t *series, void *part);
static void oauthcc_status_html_facts(oauthcc_writer_t *w,
    oauthcc_snapshot_t *report, oauthcc_snapshot_provider_t *provider);
static void oauthcc_status_html_date(oauthcc_writer_t *w,
    oauthcc_snapshot_t *report, char *title, uint64_t time);
static void oauthcc_status_html_results_of(oauthcc_writer_t *w,
    oauthcc_snapshot_provider_t *provider);
static ngx_uint_t oauthcc_status_html_shown(oauthcc_snapshot_t *report,
    oauthcc_snapshot_provider_t *provider);
static uint64_t oauthcc_status_html_failing(uint64_t *states);


/* of each oauthcc_result_e */

static char  *oauthcc_status_html_results[] = {
    NULL,
    "refused by the server",
    "without a usable response",
    "timed out",
    "without a response",
    "failed for lack of room or memory"
};


void
oauthcc_status_html(oauthcc_writer_t *w, oauthcc_snapshot_t *report)
{
    ngx_uint_t                    i, failing, shown;
    oauthcc_snapshot_provider_t  *provider;

    oauthcc_status_html_head(w, report);
    oauthcc_status_html_header(w, report);

    if (report->query) {
        oauthcc_status_html_filter(w, report);
    }

    oauthcc_writer_put(w, "<main>\n");

    shown = 0;

    /* what fails is first */

    for (failing = 2; failing--; /* void */ ) {

        for (i = 0; i < report->nproviders; i++) {
            provider = &report->providers[i];

            if ((oauthcc_status_html_failing(provider->states) != 0) == failing
                && oauthcc_status_html_shown(report, provider))
            {
                oauthcc_status_html_provider(w, report, provider, i);
                shown++;
            }
        }
    }

    if (report->nproviders == 0) {
        oauthcc_writer_put(w,
            "<section><div class=\"head\"><h2>No provider</h2></div>\n"
            "<p class=\"note\">None is configured here.  A block "
            "<code>oauthcc_provider NAME { ... }</code> defines one, "
            "<code>oauthcc NAME;</code> in a location uses it.</p>"
            "</section>\n");

    } else if (shown == 0) {
        oauthcc_writer_put(w,
            "<section><p class=\"note\">No entry matches.</p></section>\n");
    }

    oauthcc_status_html_failures(w, report);

    oauthcc_writer_put(w,
        "</main>\n"
        "<footer class=\"dim\"><p>Counts are sums over all workers since the "
        "zone was created.  Times of day are UTC.</p>\n"
        "<p>Also as <a href=\"?format=json\">JSON</a> and "
        "<a href=\"?format=prometheus\">Prometheus text</a></p></footer>\n"
        "</body>\n"
        "</html>\n");
}


static void
oauthcc_status_html_head(oauthcc_writer_t *w, oauthcc_snapshot_t *report)
{
    uint64_t  n;

    /* the icon keeps browsers from asking the server for one */

    oauthcc_writer_put(w,
        "<!DOCTYPE html>\n"
        "<html lang=\"en\">\n"
        "<head>\n"
        "<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, "
        "initial-scale=1\">\n"
        "<meta name=\"robots\" content=\"noindex\">\n"
        "<meta name=\"referrer\" content=\"same-origin\">\n"
        "<link rel=\"icon\" href=\"data:,\">\n");

    if (report->query == NULL || !report->query->paused) {
        oauthcc_writer_put(w,
            "<meta http-equiv=\"refresh\" content=\"5\">\n");
    }

    oauthcc_writer_put(w, "<title>");

    n = oauthcc_status_html_failing(report->states);

    if (n) {
        oauthcc_writer_print(w, "%uL failing - ", n);
    }

    oauthcc_format_html(w, "OAuth client credentials</title>\n"
                           "<style>\n%s</style>\n</head>\n",
                        oauthcc_status_html_style);
}


static void
oauthcc_status_html_header(oauthcc_writer_t *w, oauthcc_snapshot_t *report)
{
    uint64_t    failing;
    ngx_uint_t  full;

    oauthcc_writer_put(w, "<body>\n"
                          "<header><h1>OAuth client credentials</h1>\n");

    /* what there is to worry about, at a glance */

    failing = oauthcc_status_html_failing(report->states);

    if (report->entries == 0) {
        oauthcc_writer_put(w, "<p class=\"idle\"><span class=\"tag\">"
                              "no token yet");

    } else if (failing == 0) {
        oauthcc_writer_put(w, "<p class=\"ok\"><span class=\"tag\">"
                              "no entry failing");

    } else {
        oauthcc_format_html(w, "<p class=\"bad\"><span class=\"tag\">"
                               "%L %s failing", failing,
                            failing == 1 ? "entry" : "entries");
    }

    oauthcc_format_html(w, "</span></p>\n<dl>\n"
                           "<div><dt>Providers</dt><dd>%L</dd></div>\n"
                           "<div><dt>Entries</dt><dd>%L",
                        (uint64_t) report->nproviders, report->entries);

    if (report->entries > report->limit) {
        oauthcc_format_html(w, " <small>at most %L listed</small>",
                            report->limit);
    }

    full = report->size
           && report->used / (report->size / 100 + 1)
              >= OAUTHCC_STATUS_HTML_FULL;

    oauthcc_format_html(w, "</dd></div>\n"
                           "<div class=\"%s\"><dt>Zone</dt><dd>",
                        full ? "warn" : "idle");

    oauthcc_status_html_entries_bar(w, report->used, report->size, 0);

    oauthcc_format_html(w, " %z of %z used</dd></div>\n",
                        (size_t) report->used, (size_t) report->size);

    oauthcc_status_html_metrics(w, oauthcc_metrics_zone, report);

    if (report->store.configured) {
        oauthcc_status_html_store(w, &report->store);
    }

    oauthcc_format_html(w, "<div><dt>Module</dt><dd>%V", &report->version);

    if (report->since) {
        oauthcc_writer_put(w, "</dd></div>\n"
                              "<div><dt>Counting since</dt><dd>");
        oauthcc_format_time(w, report->since, 0);
        oauthcc_writer_put(w, " UTC");
    }

    oauthcc_writer_put(w, "</dd></div>\n<div><dt>As of</dt><dd>");
    oauthcc_format_time(w, report->time, 0);

    oauthcc_writer_put(w, " UTC</dd></div>\n</dl></header>\n");
}


static void
oauthcc_status_html_store(oauthcc_writer_t *w,
    oauthcc_snapshot_store_t *store)
{
    oauthcc_format_html(w, "<div class=\"%s\"><dt>Store</dt><dd>"
                           "<span class=\"tag\">%s</span> %L found, "
                           "%L logins",
                        store->up ? (store->down ? "warn" : "ok") : "bad",
                        store->up ? "up" : "down",
                        store->asks[OAUTHCC_STORE_ASK_HIT],
                        store->asks[OAUTHCC_STORE_ASK_LEAD]);

    if (store->replies) {
        oauthcc_writer_print(w, ", %uL.%02uL ms",
                             store->reply_time / store->replies / 1000,
                             store->reply_time / store->replies % 1000 / 10);
    }

    oauthcc_writer_put(w, "</dd></div>\n");
}


static void
oauthcc_status_html_provider(oauthcc_writer_t *w, oauthcc_snapshot_t *report,
    oauthcc_snapshot_provider_t *provider, ngx_uint_t n)
{
    uint64_t  failing;

    oauthcc_writer_print(w, "<section aria-labelledby=\"p%ui\">\n"
                            "<div class=\"head\"><h2 id=\"p%ui\">", n, n);

    oauthcc_format_html(w, "%V</h2>", &provider->name);

    failing = oauthcc_status_html_failing(provider->states);

    if (failing) {
        oauthcc_format_html(w, "<span class=\"bad\"><span class=\"tag\">"
                               "%L failing</span></span>", failing);
    }

    oauthcc_format_html(w, "<code class=\"dim\">%V</code>",
                        &provider->endpoint);

    oauthcc_status_html_form(w, report, provider, NULL);

    oauthcc_writer_put(w, "</div>\n");

    oauthcc_status_html_facts(w, report, provider);

    oauthcc_writer_put(w, "<dl class=\"sums\">\n");

    oauthcc_status_html_metrics(w, oauthcc_metrics_provider, provider);

    if (provider->dpop) {
        oauthcc_status_html_metrics(w, oauthcc_metrics_dpop, provider);
    }

    oauthcc_writer_put(w, "</dl>\n");

    oauthcc_status_html_results_of(w, provider);

    if (provider->nentries) {
        oauthcc_status_html_entries(w, report, provider);
    }

    if (provider->all == 0) {
        oauthcc_writer_put(w, "<p class=\"note\">No entry yet: the first "
                              "request logs in.</p>\n");

    } else if (provider->nentries < provider->matching) {
        oauthcc_format_html(w, "<p class=\"note\">%L of %L entries listed: "
                               "those that fail, and those used last. "
                               "<code>limit=</code> in the address lists "
                               "more.</p>\n",
                            (uint64_t) provider->nentries, provider->matching);
    }

    oauthcc_writer_put(w, "</section>\n");
}


static void
oauthcc_status_html_metrics(oauthcc_writer_t *w, oauthcc_metrics_t *metrics,
    void *part)
{
    ngx_uint_t                 group;
    oauthcc_metrics_t         *metric;
    oauthcc_metrics_series_t  *series;

    for (group = 0; group < OAUTHCC_METRICS_GROUPS; group++) {

        for (metric = metrics; metric->series[0].n; metric++) {

            for (series = metric->series; series->n; series++) {

                if (metric->group == group && series->title) {
                    oauthcc_status_html_metric(w, metric, series, part);
                }
            }
        }
    }
}


/* A time that there is not has no place, nor have durations of no login. */

static void
oauthcc_status_html_metric(oauthcc_writer_t *w, oauthcc_metrics_t *metric,
    oauthcc_metrics_series_t *series, void *part)
{
    uint64_t              n;
    ngx_msec_t            time;
    ngx_uint_t            bucket, last;
    oauthcc_histogram_t  *histogram;

    switch (metric->type) {

    case OAUTHCC_METRICS_TIME:
        time = oauthcc_metrics_time(series, part);

        if (time != OAUTHCC_NEVER) {
            oauthcc_format_html(w, "<div><dt>%s</dt><dd>%M</dd></div>\n",
                                series->title, time);
        }

        return;

    case OAUTHCC_METRICS_HISTOGRAM:
        histogram = oauthcc_metrics_at(series, part);
        last = OAUTHCC_HISTOGRAM_BUCKETS - 1;
        n = oauthcc_histogram_cumulated(histogram, last);

        if (n == 0) {
            return;
        }

        bucket = oauthcc_histogram_percentile(histogram, 95);
        time = oauthcc_histogram_bounds[ngx_min(bucket, last - 1)].msec;

        oauthcc_format_html(w, "<div><dt>%s</dt><dd>%M</dd></div>\n"
                               "<div><dt>95&nbsp;%% take</dt>"
                               "<dd>&%s; %M</dd></div>\n",
                            series->title, (ngx_msec_t) (histogram->sum / n),
                            bucket == last ? "gt" : "le", time);
        return;

    default:
        oauthcc_format_html(w, "<div><dt>%s</dt><dd>%L</dd></div>\n",
                            series->title,
                            oauthcc_metrics_count(series, part));
    }
}


/* What has become of the logins that failed. */

static void
oauthcc_status_html_results_of(oauthcc_writer_t *w,
    oauthcc_snapshot_provider_t *provider)
{
    char       *before;
    ngx_uint_t  i;

    before = "<p class=\"fail\">Failed logins: ";

    for (i = OAUTHCC_RESULT_SUCCESS + 1; i < OAUTHCC_RESULTS; i++) {

        if (provider->logins[i]) {
            oauthcc_format_html(w, "%s%L %s", before, provider->logins[i],
                                oauthcc_status_html_results[i]);
            before = ", ";
        }
    }

    if (before[0] == ',') {
        oauthcc_writer_put(w, ".</p>\n");
    }
}


/* Who logs in, and when it did and will. */

static void
oauthcc_status_html_facts(oauthcc_writer_t *w, oauthcc_snapshot_t *report,
    oauthcc_snapshot_provider_t *provider)
{
    oauthcc_writer_put(w, "<dl class=\"facts\">\n");

    if (provider->auth_method.len) {
        oauthcc_format_html(w, "<div><dt>Method</dt><dd>%V</dd></div>\n",
                            &provider->auth_method);
    }

    if (provider->client_id.len) {
        oauthcc_format_html(w, "<div><dt>Client ID</dt>"
                               "<dd><code>%V</code></dd></div>\n",
                            &provider->client_id);
    }

    if (provider->dpop_alg.len) {
        oauthcc_format_html(w, "<div><dt>DPoP key</dt>"
                               "<dd>%V <code>%V</code></dd></div>\n",
                            &provider->dpop_alg, &provider->dpop_thumbprint);
    }

    oauthcc_status_html_date(w, report, "Last success",
                             provider->last_success);
    oauthcc_status_html_date(w, report, "Last failure",
                             provider->last_failure);

    if (provider->backoff) {
        oauthcc_format_html(w, "<div class=\"warn\"><dt>Next try</dt>"
                               "<dd>in %M, at ", provider->backoff);
        oauthcc_format_time(w, report->time
                               + (time_t) (provider->backoff / 1000),
                            report->time);
        oauthcc_writer_put(w, "</dd></div>\n");
    }

    oauthcc_writer_put(w, "</dl>\n");
}


static void
oauthcc_status_html_date(oauthcc_writer_t *w, oauthcc_snapshot_t *report,
    char *title, uint64_t time)
{
    time_t  ago;

    oauthcc_format_html(w, "<div><dt>%s</dt><dd>", title);

    if (time) {
        oauthcc_format_time(w, (time_t) time, report->time);

        ago = report->time - (time_t) time;

        oauthcc_format_html(w, " <small>%M ago</small>",
                            (ngx_msec_t) ngx_max(ago, 0) * 1000);

    } else {
        oauthcc_writer_put(w, "never");
    }

    oauthcc_writer_put(w, "</dd></div>\n");
}


/* With a filter for entries, those that have some that match. */

static ngx_uint_t
oauthcc_status_html_shown(oauthcc_snapshot_t *report,
    oauthcc_snapshot_provider_t *provider)
{
    oauthcc_status_query_t  *query;

    query = report->query;

    if (provider->hidden) {
        return 0;
    }

    return query == NULL || provider->matching
           || (query->filter.scope.len == 0 && query->state == NULL);
}


/* Of all entries, those whose last login has failed. */

static uint64_t
oauthcc_status_html_failing(uint64_t *states)
{
    return states[OAUTHCC_SNAPSHOT_FAILING]
           + states[OAUTHCC_SNAPSHOT_BACKOFF];
}
