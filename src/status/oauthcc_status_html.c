
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "status/oauthcc_status_html.h"
#include "status/oauthcc_escape.h"
#include "status/oauthcc_format.h"
#include "status/oauthcc_snapshot.h"
#include "status/oauthcc_status_html_css.h"
#include "status/oauthcc_status_html_entries.h"
#include "core/oauthcc_writer.h"


/* from here on a zone is nearly full, in per cent */
#define NGX_HTTP_OAUTHCC_STATUS_HTML_FULL  90


static void ngx_http_oauthcc_status_html_head(ngx_http_oauthcc_writer_t *w,
    ngx_http_oauthcc_report_t *report);
static void ngx_http_oauthcc_status_html_header(ngx_http_oauthcc_writer_t *w,
    ngx_http_oauthcc_report_t *report);
static void ngx_http_oauthcc_status_html_verdict(ngx_http_oauthcc_writer_t *w,
    ngx_http_oauthcc_report_t *report);
static void ngx_http_oauthcc_status_html_zone(ngx_http_oauthcc_writer_t *w,
    ngx_http_oauthcc_report_t *report);
static void ngx_http_oauthcc_status_html_provider(
    ngx_http_oauthcc_writer_t *w, ngx_http_oauthcc_report_provider_t *provider,
    ngx_uint_t n);
static void ngx_http_oauthcc_status_html_sums(ngx_http_oauthcc_writer_t *w,
    ngx_http_oauthcc_report_provider_t *provider);
static void ngx_http_oauthcc_status_html_sum(ngx_http_oauthcc_writer_t *w,
    char *name, uint64_t n);
static void ngx_http_oauthcc_status_html_durations(
    ngx_http_oauthcc_writer_t *w,
    ngx_http_oauthcc_report_histogram_t *durations);
static void ngx_http_oauthcc_status_html_failures(
    ngx_http_oauthcc_writer_t *w,
    ngx_http_oauthcc_report_provider_t *provider);
static void ngx_http_oauthcc_status_html_count(ngx_http_oauthcc_writer_t *w,
    uint64_t n, char *one, char *many);
static ngx_uint_t ngx_http_oauthcc_status_html_failing(
    ngx_http_oauthcc_report_t *report);


/* of each ngx_http_oauthcc_report_result_e */

static char  *ngx_http_oauthcc_status_html_results[] = {
    NULL,
    "refused by the server",
    "without a usable response",
    "timed out",
    "without a response",
    "failed for lack of room or memory"
};


ngx_int_t
ngx_http_oauthcc_status_html(ngx_pool_t *pool,
    ngx_http_oauthcc_report_t *report, ngx_chain_t **out, off_t *size)
{
    ngx_uint_t                 i;
    ngx_http_oauthcc_writer_t  w;

    ngx_http_oauthcc_writer_init(&w, pool);

    ngx_http_oauthcc_status_html_head(&w, report);

    ngx_http_oauthcc_writer_put(&w, "<body>\n");
    ngx_http_oauthcc_status_html_header(&w, report);
    ngx_http_oauthcc_writer_put(&w, "<main>\n");

    for (i = 0; i < report->nproviders; i++) {
        ngx_http_oauthcc_status_html_provider(&w, &report->providers[i], i);
    }

    if (report->nproviders == 0) {
        ngx_http_oauthcc_writer_put(&w,
            "<section><div class=\"head\"><h2>No provider</h2></div>\n"
            "<p class=\"note\">None is configured here.  A block "
            "<code>oauthcc_provider NAME { ... }</code> defines one, "
            "<code>oauthcc NAME;</code> in a location uses it.</p>"
            "</section>\n");
    }

    ngx_http_oauthcc_writer_put(&w,
        "</main>\n"
        "<footer class=\"dim\"><p>Asks again every 5 seconds.  Counts are "
        "sums over all workers since the zone was created.</p>\n"
        "<p>Also as <a href=\"?format=json\">JSON</a> and "
        "<a href=\"?format=prometheus\">Prometheus text</a></p></footer>\n"
        "</body>\n"
        "</html>\n");

    return ngx_http_oauthcc_writer_end(&w, out, size);
}


static void
ngx_http_oauthcc_status_html_head(ngx_http_oauthcc_writer_t *w,
    ngx_http_oauthcc_report_t *report)
{
    ngx_uint_t  n;

    /* the icon keeps browsers from asking the server for one */

    ngx_http_oauthcc_writer_put(w,
        "<!DOCTYPE html>\n"
        "<html lang=\"en\">\n"
        "<head>\n"
        "<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, "
        "initial-scale=1\">\n"
        "<meta http-equiv=\"refresh\" content=\"5\">\n"
        "<meta name=\"robots\" content=\"noindex\">\n"
        "<meta name=\"referrer\" content=\"no-referrer\">\n"
        "<link rel=\"icon\" href=\"data:,\">\n"
        "<title>");

    n = ngx_http_oauthcc_status_html_failing(report);

    if (n) {
        ngx_http_oauthcc_writer_print(w, "%ui failing - ", n);
    }

    ngx_http_oauthcc_writer_put(w, "OAuth client credentials</title>\n"
                                   "<style>\n");
    ngx_http_oauthcc_writer_put(w, ngx_http_oauthcc_status_style);
    ngx_http_oauthcc_writer_put(w, "</style>\n</head>\n");
}


static void
ngx_http_oauthcc_status_html_header(ngx_http_oauthcc_writer_t *w,
    ngx_http_oauthcc_report_t *report)
{
    ngx_tm_t  tm;

    ngx_http_oauthcc_writer_put(w,
        "<header><h1>OAuth client credentials</h1>\n");

    ngx_http_oauthcc_status_html_verdict(w, report);

    ngx_http_oauthcc_writer_put(w, "<dl>\n<div><dt>Providers</dt><dd>");
    ngx_http_oauthcc_human_number(w, report->nproviders);

    ngx_http_oauthcc_writer_put(w,
        "</dd></div>\n<div><dt>Entries</dt><dd>");
    ngx_http_oauthcc_human_number(w, report->entries);

    if (report->entries > report->limit) {
        ngx_http_oauthcc_writer_put(w, " <small>at most ");
        ngx_http_oauthcc_human_number(w, report->limit);
        ngx_http_oauthcc_writer_put(w, " listed</small>");
    }

    ngx_http_oauthcc_writer_put(w, "</dd></div>\n");

    ngx_http_oauthcc_status_html_zone(w, report);

    ngx_http_oauthcc_writer_put(w, "<div><dt>Bypasses</dt><dd>");
    ngx_http_oauthcc_human_number(w, report->bypasses);

    ngx_http_oauthcc_writer_put(w,
        "</dd></div>\n<div><dt>Module</dt><dd>");
    ngx_http_oauthcc_escape_html(w, &report->version,
                                 NGX_HTTP_OAUTHCC_REPORT_TEXT);

    ngx_gmtime(report->time, &tm);

    ngx_http_oauthcc_writer_print(w,
        "</dd></div>\n<div><dt>As of</dt><dd>"
        "<time datetime=\"%4d-%02d-%02dT%02d:%02d:%02dZ\">"
        "%4d-%02d-%02d %02d:%02d:%02d UTC</time></dd></div>\n"
        "</dl></header>\n",
        tm.ngx_tm_year, tm.ngx_tm_mon, tm.ngx_tm_mday,
        tm.ngx_tm_hour, tm.ngx_tm_min, tm.ngx_tm_sec,
        tm.ngx_tm_year, tm.ngx_tm_mon, tm.ngx_tm_mday,
        tm.ngx_tm_hour, tm.ngx_tm_min, tm.ngx_tm_sec);
}


/* What there is to worry about, at a glance. */

static void
ngx_http_oauthcc_status_html_verdict(ngx_http_oauthcc_writer_t *w,
    ngx_http_oauthcc_report_t *report)
{
    ngx_uint_t  n;

    if (report->entries == 0) {
        ngx_http_oauthcc_writer_put(w,
            "<p class=\"idle\"><span class=\"tag\">no token yet</span></p>\n");
        return;
    }

    n = ngx_http_oauthcc_status_html_failing(report);

    ngx_http_oauthcc_writer_put(w, n ? "<p class=\"bad\"><span class=\"tag\">"
                                     : "<p class=\"ok\"><span class=\"tag\">");

    if (n == 0) {
        ngx_http_oauthcc_writer_put(w, "no entry");

    } else {
        ngx_http_oauthcc_status_html_count(w, n, "entry", "entries");
    }

    ngx_http_oauthcc_writer_put(w, " failing</span></p>\n");
}


static void
ngx_http_oauthcc_status_html_zone(ngx_http_oauthcc_writer_t *w,
    ngx_http_oauthcc_report_t *report)
{
    ngx_uint_t  full;

    full = report->size
           && report->used / (report->size / 100 + 1)
              >= NGX_HTTP_OAUTHCC_STATUS_HTML_FULL;

    ngx_http_oauthcc_writer_print(w,
        "<div class=\"%s\"><dt>Zone</dt><dd>", full ? "warn" : "idle");

    ngx_http_oauthcc_status_table_bar(w, report->used, report->size, 0);

    ngx_http_oauthcc_writer_put(w, " ");
    ngx_http_oauthcc_human_size(w, report->used);
    ngx_http_oauthcc_writer_put(w, " of ");
    ngx_http_oauthcc_human_size(w, report->size);
    ngx_http_oauthcc_writer_put(w, " used</dd></div>\n");
}


static void
ngx_http_oauthcc_status_html_provider(ngx_http_oauthcc_writer_t *w,
    ngx_http_oauthcc_report_provider_t *provider, ngx_uint_t n)
{
    ngx_http_oauthcc_writer_print(w,
        "<section aria-labelledby=\"p%ui\">\n"
        "<div class=\"head\"><h2 id=\"p%ui\">", n, n);
    ngx_http_oauthcc_escape_html(w, &provider->name,
                                 NGX_HTTP_OAUTHCC_REPORT_TEXT);

    ngx_http_oauthcc_writer_put(w, "</h2><code class=\"dim\">");
    ngx_http_oauthcc_escape_html(w, &provider->endpoint,
                                 NGX_HTTP_OAUTHCC_REPORT_TEXT);
    ngx_http_oauthcc_writer_put(w, "</code></div>\n");

    ngx_http_oauthcc_status_html_sums(w, provider);

    if (ngx_http_oauthcc_report_failures(provider)) {
        ngx_http_oauthcc_status_html_failures(w, provider);
    }

    if (provider->nentries) {
        ngx_http_oauthcc_status_table(w, provider);
    }

    if (provider->all == 0) {
        ngx_http_oauthcc_writer_put(w,
            "<p class=\"note\">No entry yet: the first request logs in.</p>"
            "\n");

    } else if (provider->nentries < provider->all) {
        ngx_http_oauthcc_writer_put(w, "<p class=\"note\">");
        ngx_http_oauthcc_human_number(w, provider->nentries);
        ngx_http_oauthcc_writer_put(w, " of ");
        ngx_http_oauthcc_status_html_count(w, provider->all, "entry",
                                           "entries");
        ngx_http_oauthcc_writer_put(w, " listed.</p>\n");
    }

    ngx_http_oauthcc_writer_put(w, "</section>\n");
}


static void
ngx_http_oauthcc_status_html_sums(ngx_http_oauthcc_writer_t *w,
    ngx_http_oauthcc_report_provider_t *provider)
{
    ngx_http_oauthcc_writer_put(w, "<dl class=\"sums\">\n");

    ngx_http_oauthcc_status_html_sum(w, "Hits", provider->hits);
    ngx_http_oauthcc_status_html_sum(w, "Misses", provider->misses);
    ngx_http_oauthcc_status_html_sum(w, "Waits", provider->waits);
    ngx_http_oauthcc_status_html_sum(w, "Refreshes", provider->refreshes);
    ngx_http_oauthcc_status_html_sum(w, "Errors", provider->errors);
    ngx_http_oauthcc_status_html_sum(w, "Replays", provider->replays);
    ngx_http_oauthcc_status_html_sum(w, "Waiters", provider->waiters);
    ngx_http_oauthcc_status_html_sum(w, "Logins",
                                     ngx_http_oauthcc_report_logins(provider));
    ngx_http_oauthcc_status_html_sum(w, "Failures",
                                   ngx_http_oauthcc_report_failures(provider));
    ngx_http_oauthcc_status_html_sum(w, "In flight", provider->in_flight);

    ngx_http_oauthcc_status_html_durations(w, &provider->durations);

    if (provider->expiry != NGX_HTTP_OAUTHCC_REPORT_NEVER) {
        ngx_http_oauthcc_writer_put(w, "<div><dt>First end in</dt><dd>");
        ngx_http_oauthcc_human_duration(w, provider->expiry);
        ngx_http_oauthcc_writer_put(w, "</dd></div>\n");
    }

    ngx_http_oauthcc_status_html_sum(w, "Evictions", provider->evictions);

    ngx_http_oauthcc_writer_put(w, "</dl>\n");
}


static void
ngx_http_oauthcc_status_html_sum(ngx_http_oauthcc_writer_t *w, char *name,
    uint64_t n)
{
    ngx_http_oauthcc_writer_print(w, "<div><dt>%s</dt><dd>", name);
    ngx_http_oauthcc_human_number(w, n);
    ngx_http_oauthcc_writer_put(w, "</dd></div>\n");
}


static void
ngx_http_oauthcc_status_html_durations(ngx_http_oauthcc_writer_t *w,
    ngx_http_oauthcc_report_histogram_t *durations)
{
    uint64_t    n;
    ngx_uint_t  bucket;

    n = ngx_http_oauthcc_report_cumulated(durations,
                                         NGX_HTTP_OAUTHCC_REPORT_BUCKETS - 1);

    if (n == 0) {
        return;
    }

    ngx_http_oauthcc_writer_put(w, "<div><dt>Login takes</dt><dd>");
    ngx_http_oauthcc_human_duration(w, (ngx_msec_t) (durations->sum / n));
    ngx_http_oauthcc_writer_put(w, "</dd></div>\n"
                                   "<div><dt>95&nbsp;% take</dt><dd>");

    bucket = ngx_http_oauthcc_report_percentile(durations, 95);

    if (bucket == NGX_HTTP_OAUTHCC_REPORT_BUCKETS - 1) {
        ngx_http_oauthcc_writer_put(w, "&gt; ");
        bucket--;

    } else {
        ngx_http_oauthcc_writer_put(w, "&le; ");
    }

    ngx_http_oauthcc_human_duration(w,
                                 ngx_http_oauthcc_report_bounds[bucket].msec);
    ngx_http_oauthcc_writer_put(w, "</dd></div>\n");
}


/* What has become of the logins that failed. */

static void
ngx_http_oauthcc_status_html_failures(ngx_http_oauthcc_writer_t *w,
    ngx_http_oauthcc_report_provider_t *provider)
{
    char        *separator;
    ngx_uint_t   i;

    ngx_http_oauthcc_writer_put(w, "<p class=\"fail\">Failed logins: ");

    separator = "";

    for (i = NGX_HTTP_OAUTHCC_REPORT_SUCCESS + 1;
         i < NGX_HTTP_OAUTHCC_REPORT_RESULTS;
         i++)
    {
        if (provider->logins[i] == 0) {
            continue;
        }

        ngx_http_oauthcc_writer_put(w, separator);
        ngx_http_oauthcc_human_number(w, provider->logins[i]);
        ngx_http_oauthcc_writer_put(w, " ");
        ngx_http_oauthcc_writer_put(w,
                                    ngx_http_oauthcc_status_html_results[i]);

        separator = ", ";
    }

    ngx_http_oauthcc_writer_put(w, ".</p>\n");
}


static void
ngx_http_oauthcc_status_html_count(ngx_http_oauthcc_writer_t *w, uint64_t n,
    char *one, char *many)
{
    ngx_http_oauthcc_human_number(w, n);
    ngx_http_oauthcc_writer_put(w, " ");
    ngx_http_oauthcc_writer_put(w, n == 1 ? one : many);
}


/* Of the entries that are listed, those whose last login has failed. */

static ngx_uint_t
ngx_http_oauthcc_status_html_failing(ngx_http_oauthcc_report_t *report)
{
    ngx_uint_t                        i, k, n;
    ngx_http_oauthcc_report_entry_t  *entry;

    n = 0;

    for (i = 0; i < report->nproviders; i++) {
        entry = report->providers[i].entries;

        for (k = 0; k < report->providers[i].nentries; k++) {

            if (entry[k].state == NGX_HTTP_OAUTHCC_REPORT_FAILING
                || entry[k].state == NGX_HTTP_OAUTHCC_REPORT_BACKOFF)
            {
                n++;
            }
        }
    }

    return n;
}
