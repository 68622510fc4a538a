
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
#define OAUTHCC_STATUS_HTML_FULL  90


static void oauthcc_status_html_head(oauthcc_writer_t *w,
    oauthcc_snapshot_t *report);
static void oauthcc_status_html_header(oauthcc_writer_t *w,
    oauthcc_snapshot_t *report);
static void oauthcc_status_html_verdict(oauthcc_writer_t *w,
    oauthcc_snapshot_t *report);
static void oauthcc_status_html_zone(oauthcc_writer_t *w,
    oauthcc_snapshot_t *report);
static void oauthcc_status_html_provider(oauthcc_writer_t *w,
    oauthcc_snapshot_provider_t *provider, ngx_uint_t n);
static void oauthcc_status_html_sums(oauthcc_writer_t *w,
    oauthcc_snapshot_provider_t *provider);
static void oauthcc_status_html_sum(oauthcc_writer_t *w, char *name,
    uint64_t n);
static void oauthcc_status_html_durations(oauthcc_writer_t *w,
    oauthcc_histogram_t *durations);
static void oauthcc_status_html_failures(oauthcc_writer_t *w,
    oauthcc_snapshot_provider_t *provider);
static void oauthcc_status_html_count(oauthcc_writer_t *w, uint64_t n,
    char *one, char *many);
static ngx_uint_t oauthcc_status_html_failing(oauthcc_snapshot_t *report);


/* of each oauthcc_result_e */

static char  *oauthcc_status_html_results[] = {
    NULL,
    "refused by the server",
    "without a usable response",
    "timed out",
    "without a response",
    "failed for lack of room or memory"
};


ngx_int_t
oauthcc_status_html(ngx_pool_t *pool, oauthcc_snapshot_t *report,
    ngx_chain_t **out, off_t *size)
{
    ngx_uint_t        i;
    oauthcc_writer_t  w;

    oauthcc_writer_init(&w, pool);

    oauthcc_status_html_head(&w, report);

    oauthcc_writer_put(&w, "<body>\n");
    oauthcc_status_html_header(&w, report);
    oauthcc_writer_put(&w, "<main>\n");

    for (i = 0; i < report->nproviders; i++) {
        oauthcc_status_html_provider(&w, &report->providers[i], i);
    }

    if (report->nproviders == 0) {
        oauthcc_writer_put(&w,
            "<section><div class=\"head\"><h2>No provider</h2></div>\n"
            "<p class=\"note\">None is configured here.  A block "
            "<code>oauthcc_provider NAME { ... }</code> defines one, "
            "<code>oauthcc NAME;</code> in a location uses it.</p>"
            "</section>\n");
    }

    oauthcc_writer_put(&w,
        "</main>\n"
        "<footer class=\"dim\"><p>Asks again every 5 seconds.  Counts are "
        "sums over all workers since the zone was created.</p>\n"
        "<p>Also as <a href=\"?format=json\">JSON</a> and "
        "<a href=\"?format=prometheus\">Prometheus text</a></p></footer>\n"
        "</body>\n"
        "</html>\n");

    return oauthcc_writer_end(&w, out, size);
}


static void
oauthcc_status_html_head(oauthcc_writer_t *w, oauthcc_snapshot_t *report)
{
    ngx_uint_t  n;

    /* the icon keeps browsers from asking the server for one */

    oauthcc_writer_put(w,
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

    n = oauthcc_status_html_failing(report);

    if (n) {
        oauthcc_writer_print(w, "%ui failing - ", n);
    }

    oauthcc_writer_put(w, "OAuth client credentials</title>\n"
                                   "<style>\n");
    oauthcc_writer_put(w, oauthcc_status_html_css);
    oauthcc_writer_put(w, "</style>\n</head>\n");
}


static void
oauthcc_status_html_header(oauthcc_writer_t *w, oauthcc_snapshot_t *report)
{
    ngx_tm_t  tm;

    oauthcc_writer_put(w, "<header><h1>OAuth client credentials</h1>\n");

    oauthcc_status_html_verdict(w, report);

    oauthcc_writer_put(w, "<dl>\n<div><dt>Providers</dt><dd>");
    oauthcc_format_number(w, report->nproviders);

    oauthcc_writer_put(w,
        "</dd></div>\n<div><dt>Entries</dt><dd>");
    oauthcc_format_number(w, report->entries);

    if (report->entries > report->limit) {
        oauthcc_writer_put(w, " <small>at most ");
        oauthcc_format_number(w, report->limit);
        oauthcc_writer_put(w, " listed</small>");
    }

    oauthcc_writer_put(w, "</dd></div>\n");

    oauthcc_status_html_zone(w, report);

    oauthcc_writer_put(w, "<div><dt>Bypasses</dt><dd>");
    oauthcc_format_number(w, report->bypasses);

    oauthcc_writer_put(w,
        "</dd></div>\n<div><dt>Module</dt><dd>");
    oauthcc_escape_html(w, &report->version, OAUTHCC_TEXT);

    ngx_gmtime(report->time, &tm);

    oauthcc_writer_print(w,
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
oauthcc_status_html_verdict(oauthcc_writer_t *w, oauthcc_snapshot_t *report)
{
    ngx_uint_t  n;

    if (report->entries == 0) {
        oauthcc_writer_put(w,
            "<p class=\"idle\"><span class=\"tag\">no token yet</span></p>\n");
        return;
    }

    n = oauthcc_status_html_failing(report);

    oauthcc_writer_put(w, n ? "<p class=\"bad\"><span class=\"tag\">"
                                     : "<p class=\"ok\"><span class=\"tag\">");

    if (n == 0) {
        oauthcc_writer_put(w, "no entry");

    } else {
        oauthcc_status_html_count(w, n, "entry", "entries");
    }

    oauthcc_writer_put(w, " failing</span></p>\n");
}


static void
oauthcc_status_html_zone(oauthcc_writer_t *w, oauthcc_snapshot_t *report)
{
    ngx_uint_t  full;

    full = report->size
           && report->used / (report->size / 100 + 1)
              >= OAUTHCC_STATUS_HTML_FULL;

    oauthcc_writer_print(w,
        "<div class=\"%s\"><dt>Zone</dt><dd>", full ? "warn" : "idle");

    oauthcc_status_html_entries_bar(w, report->used, report->size, 0);

    oauthcc_writer_put(w, " ");
    oauthcc_format_size(w, report->used);
    oauthcc_writer_put(w, " of ");
    oauthcc_format_size(w, report->size);
    oauthcc_writer_put(w, " used</dd></div>\n");
}


static void
oauthcc_status_html_provider(oauthcc_writer_t *w,
    oauthcc_snapshot_provider_t *provider, ngx_uint_t n)
{
    oauthcc_writer_print(w,
        "<section aria-labelledby=\"p%ui\">\n"
        "<div class=\"head\"><h2 id=\"p%ui\">", n, n);
    oauthcc_escape_html(w, &provider->name, OAUTHCC_TEXT);

    oauthcc_writer_put(w, "</h2><code class=\"dim\">");
    oauthcc_escape_html(w, &provider->endpoint, OAUTHCC_TEXT);
    oauthcc_writer_put(w, "</code></div>\n");

    oauthcc_status_html_sums(w, provider);

    if (oauthcc_snapshot_failures(provider)) {
        oauthcc_status_html_failures(w, provider);
    }

    if (provider->nentries) {
        oauthcc_status_html_entries(w, provider);
    }

    if (provider->all == 0) {
        oauthcc_writer_put(w,
            "<p class=\"note\">No entry yet: the first request logs in.</p>"
            "\n");

    } else if (provider->nentries < provider->all) {
        oauthcc_writer_put(w, "<p class=\"note\">");
        oauthcc_format_number(w, provider->nentries);
        oauthcc_writer_put(w, " of ");
        oauthcc_status_html_count(w, provider->all, "entry", "entries");
        oauthcc_writer_put(w, " listed.</p>\n");
    }

    oauthcc_writer_put(w, "</section>\n");
}


static void
oauthcc_status_html_sums(oauthcc_writer_t *w,
    oauthcc_snapshot_provider_t *provider)
{
    oauthcc_writer_put(w, "<dl class=\"sums\">\n");

    oauthcc_status_html_sum(w, "Hits", provider->hits);
    oauthcc_status_html_sum(w, "Misses", provider->misses);
    oauthcc_status_html_sum(w, "Waits", provider->waits);
    oauthcc_status_html_sum(w, "Refreshes", provider->refreshes);
    oauthcc_status_html_sum(w, "Errors", provider->errors);
    oauthcc_status_html_sum(w, "Replays", provider->replays);
    oauthcc_status_html_sum(w, "Waiters", provider->waiters);
    oauthcc_status_html_sum(w, "Logins", oauthcc_snapshot_logins(provider));
    oauthcc_status_html_sum(w, "Failures",
                            oauthcc_snapshot_failures(provider));
    oauthcc_status_html_sum(w, "In flight", provider->in_flight);

    oauthcc_status_html_durations(w, &provider->durations);

    if (provider->expiry != OAUTHCC_NEVER) {
        oauthcc_writer_put(w, "<div><dt>First end in</dt><dd>");
        oauthcc_format_duration(w, provider->expiry);
        oauthcc_writer_put(w, "</dd></div>\n");
    }

    oauthcc_status_html_sum(w, "Evictions", provider->evictions);

    oauthcc_writer_put(w, "</dl>\n");
}


static void
oauthcc_status_html_sum(oauthcc_writer_t *w, char *name, uint64_t n)
{
    oauthcc_writer_print(w, "<div><dt>%s</dt><dd>", name);
    oauthcc_format_number(w, n);
    oauthcc_writer_put(w, "</dd></div>\n");
}


static void
oauthcc_status_html_durations(oauthcc_writer_t *w,
    oauthcc_histogram_t *durations)
{
    uint64_t    n;
    ngx_uint_t  bucket;

    n = oauthcc_histogram_cumulated(durations, OAUTHCC_HISTOGRAM_BUCKETS - 1);

    if (n == 0) {
        return;
    }

    oauthcc_writer_put(w, "<div><dt>Login takes</dt><dd>");
    oauthcc_format_duration(w, (ngx_msec_t) (durations->sum / n));
    oauthcc_writer_put(w, "</dd></div>\n"
                                   "<div><dt>95&nbsp;% take</dt><dd>");

    bucket = oauthcc_histogram_percentile(durations, 95);

    if (bucket == OAUTHCC_HISTOGRAM_BUCKETS - 1) {
        oauthcc_writer_put(w, "&gt; ");
        bucket--;

    } else {
        oauthcc_writer_put(w, "&le; ");
    }

    oauthcc_format_duration(w, oauthcc_histogram_bounds[bucket].msec);
    oauthcc_writer_put(w, "</dd></div>\n");
}


/* What has become of the logins that failed. */

static void
oauthcc_status_html_failures(oauthcc_writer_t *w,
    oauthcc_snapshot_provider_t *provider)
{
    char       *separator;
    ngx_uint_t  i;

    oauthcc_writer_put(w, "<p class=\"fail\">Failed logins: ");

    separator = "";

    for (i = OAUTHCC_RESULT_SUCCESS + 1; i < OAUTHCC_RESULTS; i++)
    {
        if (provider->logins[i] == 0) {
            continue;
        }

        oauthcc_writer_put(w, separator);
        oauthcc_format_number(w, provider->logins[i]);
        oauthcc_writer_put(w, " ");
        oauthcc_writer_put(w, oauthcc_status_html_results[i]);

        separator = ", ";
    }

    oauthcc_writer_put(w, ".</p>\n");
}


static void
oauthcc_status_html_count(oauthcc_writer_t *w, uint64_t n, char *one,
    char *many)
{
    oauthcc_format_number(w, n);
    oauthcc_writer_put(w, " ");
    oauthcc_writer_put(w, n == 1 ? one : many);
}


/* Of the entries that are listed, those whose last login has failed. */

static ngx_uint_t
oauthcc_status_html_failing(oauthcc_snapshot_t *report)
{
    ngx_uint_t                 i, k, n;
    oauthcc_snapshot_entry_t  *entry;

    n = 0;

    for (i = 0; i < report->nproviders; i++) {
        entry = report->providers[i].entries;

        for (k = 0; k < report->providers[i].nentries; k++) {

            if (entry[k].state == OAUTHCC_SNAPSHOT_FAILING
                || entry[k].state == OAUTHCC_SNAPSHOT_BACKOFF)
            {
                n++;
            }
        }
    }

    return n;
}
