
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "status/oauthcc_status_html.h"
#include "status/oauthcc_format.h"
#include "status/oauthcc_metrics.h"
#include "status/oauthcc_status_html_entries.h"
#include "status/oauthcc_status_html_form.h"


/* from here on a zone is nearly full, in per cent */
#define OAUTHCC_STATUS_HTML_FULL  90


static void oauthcc_status_html_head(oauthcc_writer_t *w,
    oauthcc_snapshot_t *report);
static void oauthcc_status_html_header(oauthcc_writer_t *w,
    oauthcc_snapshot_t *report);
static void oauthcc_status_html_provider(oauthcc_writer_t *w,
    oauthcc_snapshot_t *report, oauthcc_snapshot_provider_t *provider,
    ngx_uint_t n);
static void oauthcc_status_html_metrics(oauthcc_writer_t *w,
    oauthcc_metrics_t *metrics, void *part);
static void oauthcc_status_html_metric(oauthcc_writer_t *w,
    oauthcc_metrics_t *metric, oauthcc_metrics_series_t *series, void *part);
static void oauthcc_status_html_failures(oauthcc_writer_t *w,
    oauthcc_snapshot_provider_t *provider);
static uint64_t oauthcc_status_html_failing(oauthcc_snapshot_t *report);


/* of each oauthcc_result_e */

static char  *oauthcc_status_html_results[] = {
    NULL,
    "refused by the server",
    "without a usable response",
    "timed out",
    "without a response",
    "failed for lack of room or memory"
};


/*
 * The style sheet.  Each color of text has a contrast of 4.5 to 1 or more on
 * what it stands on, in the light and in the dark.
 */

static char  oauthcc_status_html_css[] =

    /* the classes ok, busy, warn, bad and idle set the colors of a state */

    ":root{color-scheme:light dark;"
    "--page:#f3f5f7;--card:#fff;--line:#dce1e6;--soft:#eceff2;"
    "--text:#1a2027;--dim:#56606b;--link:#0b57a4;"
    "--ok:#0f6a34;--ok-b:#dff3e5;--ok-l:#288a4e;"
    "--busy:#0b4f93;--busy-b:#e0eefb;--busy-l:#3b86cf;"
    "--warn:#7a4b00;--warn-b:#fdf0cf;--warn-l:#b8770a;"
    "--bad:#9c1a1c;--bad-b:#fce6e4;--bad-l:#d3403d;"
    "--idle:#4d5761;--idle-b:#eaedf0;--idle-l:#76818c}\n"

    "@media(prefers-color-scheme:dark){:root{"
    "--page:#0e1216;--card:#161c22;--line:#2b343d;--soft:#222a32;"
    "--text:#e4e9ee;--dim:#9da8b3;--link:#84bdf5;"
    "--ok:#86dda5;--ok-b:#12321f;--ok-l:#3aa767;"
    "--busy:#9acbf9;--busy-b:#12304c;--busy-l:#4b93d8;"
    "--warn:#f0c869;--warn-b:#372a0b;--warn-l:#cf9527;"
    "--bad:#ffb4ac;--bad-b:#451a1b;--bad-l:#e25c56;"
    "--idle:#b4bec8;--idle-b:#252d35;--idle-l:#67727d}}\n"

    ".ok{--t:var(--ok);--b:var(--ok-b);--l:var(--ok-l)}"
    ".busy{--t:var(--busy);--b:var(--busy-b);--l:var(--busy-l)}"
    ".warn{--t:var(--warn);--b:var(--warn-b);--l:var(--warn-l)}"
    ".bad{--t:var(--bad);--b:var(--bad-b);--l:var(--bad-l)}"
    ".idle{--t:var(--idle);--b:var(--idle-b);--l:var(--idle-l)}\n"

    "*{box-sizing:border-box;margin:0;padding:0}\n"
    "html{-webkit-text-size-adjust:100%;text-size-adjust:100%}\n"
    "body{font:14px/1.45 system-ui,-apple-system,\"Segoe UI\",Roboto,"
    "\"Helvetica Neue\",\"Noto Sans\",Arial,sans-serif;"
    "font-variant-numeric:tabular-nums;color:var(--text);"
    "background:var(--page);max-width:84rem;margin:0 auto;padding:1.25rem}\n"
    "code{font:.93em ui-monospace,SFMono-Regular,Menlo,Consolas,"
    "\"DejaVu Sans Mono\",monospace;overflow-wrap:anywhere}\n"
    "a{color:var(--link)}\n"
    "h1{font-size:1.3rem;line-height:1.2;font-weight:650}\n"
    "h2{font-size:1.05rem;line-height:1.3;font-weight:650;"
    "overflow-wrap:anywhere}\n"
    "small,.dim{font-size:.86em;color:var(--dim);font-weight:400}\n"
    ".hide{position:absolute;width:1px;height:1px;overflow:hidden;"
    "clip-path:inset(50%);white-space:nowrap}\n"

    /* the head of the page */

    "header,.head{display:flex;flex-wrap:wrap;align-items:baseline;"
    "gap:.25rem .9rem}\n"
    "header{margin-bottom:1rem}\n"
    "header dl{display:flex;flex-wrap:wrap;gap:.2rem 1.6rem;width:100%;"
    "margin-top:.35rem}\n"
    "header dl div{display:flex;gap:.45rem;align-items:baseline}\n"
    ".tag{display:inline-block;color:var(--t);background:var(--b);"
    "border-radius:.25rem;padding:.05rem .5rem;font-weight:600;"
    "white-space:nowrap}\n"
    ".tag::before{content:\"\";display:inline-block;width:.5em;height:.5em;"
    "border-radius:50%;background:var(--l);margin-right:.45em;"
    "vertical-align:.08em}\n"
    ".bar{display:inline-block;position:relative;overflow:hidden;"
    "height:.45rem;width:100%;border-radius:.225rem;"
    "background:var(--soft);vertical-align:.1em}\n"
    ".bar i{position:absolute;left:0;top:0;bottom:0;background:var(--l);"
    "border-radius:.225rem}\n"
    ".bar b{position:absolute;top:0;bottom:0;width:2px;margin-left:-1px;"
    "background:var(--text)}\n"
    "header .bar{width:7rem}\n"

    /* a provider and its numbers */

    "section{background:var(--card);border:1px solid var(--line);"
    "border-radius:.5rem;margin-bottom:1rem;overflow:hidden}\n"
    ".head{padding:.7rem .9rem .1rem}\n"
    ".head .dim{overflow-wrap:anywhere}\n"
    "dt{color:var(--dim);font-size:.86em}\n"
    ".sums{display:grid;gap:.35rem .6rem;padding:.4rem .9rem .6rem;"
    "grid-template-columns:repeat(7,1fr)}\n"
    ".sums dd{font-weight:600;white-space:nowrap}\n"
    ".sums dd small{font-weight:400}\n"
    ".fail{padding:0 .9rem .6rem;color:var(--dim);font-size:.86em}\n"
    ".note{padding:.6rem .9rem;color:var(--dim);"
    "border-top:1px solid var(--line)}\n"

    /* buttons */

    "form.do{display:inline-flex;gap:.35rem;flex-wrap:wrap}\n"
    ".head form.do{margin-left:auto}\n"
    ".key form.do{margin-top:.3rem}\n"
    "button{font:inherit;font-size:.86em;color:var(--link);cursor:pointer;"
    "background:var(--card);border:1px solid var(--line);"
    "border-radius:.3rem;padding:.15rem .6rem}\n"
    "button:hover,button:focus-visible{background:var(--soft)}\n"

    /* the entries */

    "table{width:100%;border-collapse:collapse}\n"
    "th:nth-child(1){width:22%}th:nth-child(2){width:10%}"
    "th:nth-child(3){width:17%}th:nth-child(n+4){width:11%}"
    "th:nth-child(6){width:8%}th:nth-child(n+7){width:5%}\n"
    "th,td{padding:.4rem .55rem;text-align:left;vertical-align:top;"
    "font-weight:400}\n"
    "th:first-child,td:first-child{padding-left:.9rem}\n"
    "th:last-child,td:last-child{padding-right:.9rem}\n"
    "thead th{font-size:.86em;color:var(--dim);white-space:nowrap;"
    "background:var(--soft);padding-top:.25rem;padding-bottom:.25rem}\n"
    "tbody{border-top:1px solid var(--line)}\n"
    ".n{text-align:right;white-space:nowrap}\n"
    ".t,.life{white-space:nowrap}\n"
    ".t small,.key span{display:block}\n"
    ".key bdi{display:inline-block;max-width:100%;overflow-wrap:anywhere;"
    "vertical-align:top}\n"
    ".err th,.err td{padding-top:0;padding-bottom:.55rem}\n"
    ".err th{color:var(--dim);font-size:.86em;text-align:right}\n"
    ".err code{color:var(--bad)}\n"

    /* narrow: each entry is a card, each cell a line, its counts share one */

    "@media(max-width:72rem){body{padding:.75rem}\n"
    ".sums{grid-template-columns:repeat(auto-fill,minmax(6.5rem,1fr))}\n"
    "table,tbody,th:nth-child(n),td{display:block;width:auto}\n"
    "thead{position:absolute;width:1px;height:1px;overflow:hidden;"
    "clip-path:inset(50%)}\n"
    "tbody{padding:.55rem .9rem}\n"
    "tbody th:nth-child(n),tbody td:nth-child(n){padding:.1rem 0;"
    "text-align:left;grid-column:1/-1}\n"
    "tbody tr{display:grid;column-gap:.6rem;"
    "grid-template-columns:minmax(0,1.6fr) repeat(4,1fr)}\n"
    "tbody tr.err{display:block}\n"
    "td[data-l]{display:flex;align-items:baseline}\n"
    "td[data-l]::before{content:attr(data-l);color:var(--dim);"
    "font-size:.86em;flex:0 0 6rem}\n"
    "tbody td.n:nth-child(n){display:block;grid-column:auto}\n"
    "td.n::before{display:block}\n"
    "td.life>div{flex:1;max-width:22rem}\n"
    ".t small{display:inline}}\n"

    /* not so narrow: two of these cells in a line */

    "@media(min-width:40rem) and (max-width:72rem){"
    "tbody tr{grid-template-columns:repeat(10,1fr)}\n"
    "tbody td[data-l]:nth-child(n){grid-column:span 5}\n"
    "tbody td.n:nth-child(n){grid-column:span 2}}\n"

    "footer{display:flex;flex-wrap:wrap;gap:.3rem 1rem;"
    "justify-content:space-between}\n";


void
oauthcc_status_html(oauthcc_writer_t *w, oauthcc_snapshot_t *report)
{
    ngx_uint_t  i;

    oauthcc_status_html_head(w, report);
    oauthcc_status_html_header(w, report);

    for (i = 0; i < report->nproviders; i++) {
        oauthcc_status_html_provider(w, report, &report->providers[i], i);
    }

    if (report->nproviders == 0) {
        oauthcc_writer_put(w,
            "<section><div class=\"head\"><h2>No provider</h2></div>\n"
            "<p class=\"note\">None is configured here.  A block "
            "<code>oauthcc_provider NAME { ... }</code> defines one, "
            "<code>oauthcc NAME;</code> in a location uses it.</p>"
            "</section>\n");
    }

    oauthcc_writer_put(w,
        "</main>\n"
        "<footer class=\"dim\"><p>Asks again every 5 seconds.  Counts are "
        "sums over all workers since the zone was created.</p>\n"
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
        "<meta http-equiv=\"refresh\" content=\"5\">\n"
        "<meta name=\"robots\" content=\"noindex\">\n"
        "<meta name=\"referrer\" content=\"same-origin\">\n"
        "<link rel=\"icon\" href=\"data:,\">\n"
        "<title>");

    n = oauthcc_status_html_failing(report);

    if (n) {
        oauthcc_writer_print(w, "%uL failing - ", n);
    }

    oauthcc_format_html(w, "OAuth client credentials</title>\n"
                           "<style>\n%s</style>\n</head>\n",
                        oauthcc_status_html_css);
}


static void
oauthcc_status_html_header(oauthcc_writer_t *w, oauthcc_snapshot_t *report)
{
    uint64_t    failing;
    ngx_tm_t    tm;
    ngx_uint_t  full;

    oauthcc_writer_put(w, "<body>\n"
                          "<header><h1>OAuth client credentials</h1>\n");

    /* what there is to worry about, at a glance */

    failing = oauthcc_status_html_failing(report);

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

    oauthcc_format_html(w, "<div><dt>Module</dt><dd>%V", &report->version);

    ngx_gmtime(report->time, &tm);

    oauthcc_writer_print(w,
        "</dd></div>\n<div><dt>As of</dt><dd>"
        "<time datetime=\"%4d-%02d-%02dT%02d:%02d:%02dZ\">"
        "%4d-%02d-%02d %02d:%02d:%02d UTC</time></dd></div>\n"
        "</dl></header>\n<main>\n",
        tm.ngx_tm_year, tm.ngx_tm_mon, tm.ngx_tm_mday,
        tm.ngx_tm_hour, tm.ngx_tm_min, tm.ngx_tm_sec,
        tm.ngx_tm_year, tm.ngx_tm_mon, tm.ngx_tm_mday,
        tm.ngx_tm_hour, tm.ngx_tm_min, tm.ngx_tm_sec);
}


static void
oauthcc_status_html_provider(oauthcc_writer_t *w, oauthcc_snapshot_t *report,
    oauthcc_snapshot_provider_t *provider, ngx_uint_t n)
{
    oauthcc_writer_print(w, "<section aria-labelledby=\"p%ui\">\n"
                            "<div class=\"head\"><h2 id=\"p%ui\">", n, n);

    oauthcc_format_html(w, "%V</h2><code class=\"dim\">%V</code>",
                        &provider->name, &provider->endpoint);

    oauthcc_status_html_form(w, report, provider, NULL);

    oauthcc_writer_put(w, "</div>\n<dl class=\"sums\">\n");

    oauthcc_status_html_metrics(w, oauthcc_metrics_provider, provider);

    oauthcc_writer_put(w, "</dl>\n");

    oauthcc_status_html_failures(w, provider);

    if (provider->nentries) {
        oauthcc_status_html_entries(w, report, provider);
    }

    if (provider->all == 0) {
        oauthcc_writer_put(w, "<p class=\"note\">No entry yet: the first "
                              "request logs in.</p>\n");

    } else if (provider->nentries < provider->all) {
        oauthcc_format_html(w, "<p class=\"note\">%L of %L %s listed.</p>\n",
                            (uint64_t) provider->nentries, provider->all,
                            provider->all == 1 ? "entry" : "entries");
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
oauthcc_status_html_failures(oauthcc_writer_t *w,
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


/* Of the entries that are listed, those whose last login has failed. */

static uint64_t
oauthcc_status_html_failing(oauthcc_snapshot_t *report)
{
    uint64_t                   n;
    ngx_uint_t                 i, k;
    oauthcc_snapshot_entry_t  *entry;

    n = 0;

    for (i = 0; i < report->nproviders; i++) {
        entry = report->providers[i].entries;

        for (k = 0; k < report->providers[i].nentries; k++) {
            n += (entry[k].state == OAUTHCC_SNAPSHOT_FAILING
                  || entry[k].state == OAUTHCC_SNAPSHOT_BACKOFF);
        }
    }

    return n;
}
