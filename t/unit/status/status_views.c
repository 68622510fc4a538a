
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/*
 * What is shown of a report.  The pages of the sample are left in files, for
 * readers of HTML, JSON and Prometheus's format to have a look at.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <jansson.h>
#include "status/oauthcc_metrics.h"
#include "status/oauthcc_snapshot.h"
#include "status/oauthcc_status_html.h"
#include "status/oauthcc_status_json.h"
#include "status/oauthcc_status_prometheus.h"
#include "oauthcc_unit.h"


#define OAUTHCC_UNIT_MANY  2000
#define OAUTHCC_UNIT_LONG  4096    /* no argument is longer */

#define OAUTHCC_UNIT_NEVER  OAUTHCC_NEVER


typedef void (*oauthcc_unit_render_pt)(oauthcc_writer_t *w,
    oauthcc_snapshot_t *report);


typedef struct {
    char                   *name;
    oauthcc_unit_render_pt  render;
    ngx_str_t               page;
} oauthcc_unit_page_t;


typedef struct {
    char       *file;
    ngx_uint_t  page;  /* in the table of pages */
    char       *text;
    ngx_uint_t  found;
} oauthcc_unit_holds_t;


static void oauthcc_unit_status_report(oauthcc_unit_t *unit);
static ngx_int_t oauthcc_unit_status_render(oauthcc_unit_t *unit,
    oauthcc_snapshot_t *report, char *name);
static ngx_int_t oauthcc_unit_status_page(oauthcc_unit_t *unit,
    oauthcc_unit_page_t *page, oauthcc_snapshot_t *report, char *file);
static ngx_int_t oauthcc_unit_status_write(oauthcc_unit_t *unit,
    ngx_str_t *text, char *file, char *name);
static void oauthcc_unit_status_holds(oauthcc_unit_t *unit, char *file,
    oauthcc_unit_holds_t *holds);
static void oauthcc_unit_status_metrics(oauthcc_unit_t *unit,
    oauthcc_metrics_t *metric);
static ngx_uint_t oauthcc_unit_status_shows(ngx_uint_t page, const char *fmt,
    ...);
static ngx_int_t oauthcc_unit_status_many(oauthcc_unit_t *unit);
static void oauthcc_unit_status_memory(oauthcc_unit_t *unit);
static void *oauthcc_unit_status_malloc(size_t size);
static void oauthcc_unit_status_free(void *p);


static oauthcc_unit_page_t  oauthcc_unit_pages[] = {
    { "html", oauthcc_status_html, ngx_null_string },
    { "json", oauthcc_status_json, ngx_null_string },
    { "prometheus", oauthcc_status_prometheus, ngx_null_string },
    { NULL, NULL, ngx_null_string }
};


static oauthcc_snapshot_entry_t  oauthcc_unit_crm[] = {

    { ngx_string("k7f3q9xz2m"), ngx_string("read write"), ngx_null_string,
      ngx_null_string, OAUTHCC_SNAPSHOT_FRESH,
      3595000, 2512000, 1083000, 182, 2457000, 0,
      1284730, 41, 0, 2, 0, ngx_null_string, OAUTHCC_UNIT_NEVER, 0 },

    { ngx_string("9d0c5tqv1a"), ngx_string("read"),
      ngx_string("https://api.example.com/"), ngx_null_string,
      OAUTHCC_SNAPSHOT_DUE,
      300000, 41250, 258750, 231, 0, 0,
      93210, 388, 3, 0, 0, ngx_string("timed out"), 5400000, 0 },

    { ngx_string("b2w8yh4n6e"), ngx_string("orders"), ngx_null_string,
      ngx_string("https://orders.example.com/v2/"),
      OAUTHCC_SNAPSHOT_REFRESH,
      600000, 58000, 542000, 1340, 0, 0,
      8021, 77, 0, 1, 0, ngx_null_string, OAUTHCC_UNIT_NEVER, 0 }
};


static oauthcc_snapshot_entry_t  oauthcc_unit_billing[] = {

    { ngx_string("m1x6r8ku0p"), ngx_string("invoices"), ngx_null_string,
      ngx_null_string, OAUTHCC_SNAPSHOT_FAILING,
      900000, 112400, 787600, 420, 0, 0,
      55102, 212, 4, 0, 0,
      ngx_string("temporarily_unavailable: maintenance until 04:00"), 2100,
      503 },

    { ngx_string("h5j2v7c3so"), ngx_string("invoices payouts"),
      ngx_null_string, ngx_null_string, OAUTHCC_SNAPSHOT_BACKOFF,
      0, 0, OAUTHCC_UNIT_NEVER, OAUTHCC_UNIT_NEVER,
      OAUTHCC_UNIT_NEVER, 18350,
      0, 9, 9, 0, 0, ngx_string("invalid_scope"), 13650, 400 },

    { ngx_string("t4e9a1l0wd"), ngx_null_string, ngx_null_string,
      ngx_null_string, OAUTHCC_SNAPSHOT_LOGIN,
      0, 0, OAUTHCC_UNIT_NEVER, OAUTHCC_UNIT_NEVER,
      OAUTHCC_UNIT_NEVER, 0,
      0, 0, 0, 0, 17, ngx_null_string, OAUTHCC_UNIT_NEVER, 0 },

    { ngx_string("z8u3o5g6if"), ngx_string("reports"), ngx_null_string,
      ngx_null_string, OAUTHCC_SNAPSHOT_EMPTY,
      120000, 0, 97200000, 95, OAUTHCC_UNIT_NEVER, 0,
      12, 1, 0, 0, 0, ngx_null_string, OAUTHCC_UNIT_NEVER, 0 }
};


/* what clients and token endpoints may have sent */

static oauthcc_snapshot_entry_t  oauthcc_unit_hostile[] = {

    { ngx_string("q0y7p4b9sk"),
      ngx_string("</th><script>alert(1)</script>"),
      ngx_string("\" onload='alert(2)' x=\"&amp;"),
      ngx_string("https://a.example/\xff\xc0\x80\xed\xa0\x80?\xe2\x82\xac"),
      OAUTHCC_SNAPSHOT_BACKOFF,
      60000, 4300, 55700, 12345, OAUTHCC_UNIT_NEVER, 250,
      1, 2, 1, 0, 0,
      ngx_string("invalid_client: <img src=x onerror=alert(3)>\r\n\x1b[31m\0"
                 "\xe2\x80\xae\"'\\ aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
      250, 401 }
};


static oauthcc_snapshot_provider_t
    oauthcc_unit_providers[] =
{
    { ngx_string("crm"),
      ngx_string("https://login.example.com/oauth/v2/oauth-token"),
      oauthcc_unit_crm, 3, 3,
      1385961, 3, 58, 503, 0,
      { 503, 0, 1, 2, 0, 0 },
      { { 0, 0, 0, 0, 34, 401, 58, 9, 2, 0, 2, 0 }, 120410 },
      3, 0, 0, 1, 0, 41250, 1, 1767225000, 0, 0, 0,
      ngx_string("client_secret_basic"), ngx_string("gateway"), 0,
      { 0, 2, 1, 0, 0, 0, 0 }, 3, 0,
      1, ngx_string("ES256"), ngx_string("jkt_of-the-key"), { 2, 31 } },

    { ngx_string("billing"),
      ngx_string("https://idp.example.net/realms/billing/token"),
      oauthcc_unit_billing, 4, 412,
      55114, 229, 61, 212, 38,
      { 213, 11, 0, 2, 0, 0 },
      { { 1, 2, 4, 8, 16, 32, 64, 64, 16, 8, 6, 5 }, 228090 },
      0, 7, 17, 1, 0, 112400, 0, 1767225000, 1767225100, 3, 0,
      ngx_string("private_key_jwt"), ngx_string("a<b>"), 18000,
      { 0, 409, 0, 0, 1, 1, 1 }, 412, 0,
      0, ngx_null_string, ngx_null_string, { 0, 0 } },

    { ngx_string("a\"b\\c\nd<e>\xff"), ngx_string("http://[::1]:8080/t"),
      oauthcc_unit_hostile, 1, 1,
      1, 1, 0, 0, 1,
      { 1, 1, 0, 0, 0, 0 },
      { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2 }, 24690 },
      0, 0, 0, 0, 0, 4300, 0, 0, 1767225000, 1, 0,
      ngx_string("login_json"), ngx_null_string, 0,
      { 0, 0, 0, 0, 0, 1, 0 }, 1, 0,
      0, ngx_null_string, ngx_null_string, { 0, 0 } },

    { ngx_string("unused"), ngx_string("https://login.example.org/token"),
      NULL, 0, 0,
      0, 0, 0, 0, 0,
      { 0, 0, 0, 0, 0, 0 },
      { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, 0 },
      0, 0, 0, 0, 0, OAUTHCC_UNIT_NEVER, 0, 0, 0, 0, 0,
      ngx_string("none"), ngx_null_string, 0,
      { 0, 0, 0, 0, 0, 0, 0 }, 0, 0,
      1, ngx_null_string, ngx_null_string, { 0, 0 } }
};


static oauthcc_snapshot_failure_t
    oauthcc_unit_failures[] =
{
    { 1, ngx_string("00000000000000aa"), 1767225100, 1500, 401,
      OAUTHCC_RESULT_REFUSED, ngx_string("invalid_client: <b>no</b>"), 0 },
    { 2, ngx_null_string, 1767100000, 12, 0, OAUTHCC_RESULT_UNREACHABLE,
      ngx_string("no \x1b[31m response\xff"), 1 }
};


static oauthcc_snapshot_t  oauthcc_unit_sample = {
    ngx_string("1.0.0"), 1767225600,
    1048576, 421888, 602112,
    416, 100, 5,
    oauthcc_unit_providers, 4, NULL,
    1767220000, { 0, 411, 1, 0, 1, 2, 1 }, 416,
    oauthcc_unit_failures, 2, NULL,
    { 1, 1, 1, 1767225000, { 7, 0, 3, 0, 0, 2, 0, 1 }, { 3, 0, 0, 0, 1 },
      2, 400, 1234567 }
};


static oauthcc_snapshot_t  oauthcc_unit_empty = {
    ngx_string("1.0.0"), 0, 0, 0, 0, 0, 0, 0, NULL, 0, NULL,
    0, { 0, 0, 0, 0, 0, 0, 0 }, 0, NULL, 0, NULL,
    { 0, 0, 0, 0, { 0, 0, 0, 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0 }, 0, 0, 0 }
};


#define OAUTHCC_UNIT_HTML        0
#define OAUTHCC_UNIT_JSON        1
#define OAUTHCC_UNIT_PROMETHEUS  2


static oauthcc_unit_holds_t  oauthcc_unit_holds[] = {

    { "sample", OAUTHCC_UNIT_HTML, "<script", 0 },
    { "sample", OAUTHCC_UNIT_HTML, "<img", 0 },
    { "sample", OAUTHCC_UNIT_HTML, "\"& onload", 0 },
    { "sample", OAUTHCC_UNIT_HTML, "\x1b", 0 },
    { "sample", OAUTHCC_UNIT_HTML, "&lt;script&gt;", 1 },
    { "sample", OAUTHCC_UNIT_HTML, "&quot; onload=&#39;alert", 1 },
    { "sample", OAUTHCC_UNIT_HTML, "aaa\xe2\x80\xa6</code>", 1 },
    { "sample", OAUTHCC_UNIT_HTML, "3 entries failing", 1 },
    { "sample", OAUTHCC_UNIT_HTML, "<title>3 failing", 1 },
    { "sample", OAUTHCC_UNIT_HTML, "content=\"5\"", 1 },
    { "sample", OAUTHCC_UNIT_HTML, "2025-12-31T22:26:40Z", 1 },
    { "sample", OAUTHCC_UNIT_HTML, ">private_key_jwt<", 1 },
    { "sample", OAUTHCC_UNIT_HTML, "<code>a&lt;b&gt;</code>", 1 },
    { "sample", OAUTHCC_UNIT_HTML, "401 invalid_client: &lt;b&gt;no", 1 },
    { "sample", OAUTHCC_UNIT_HTML, "&#x241b;[31m response\xef\xbf\xbd", 1 },
    { "sample", OAUTHCC_UNIT_HTML, "400 invalid_scope", 1 },
    { "sample", OAUTHCC_UNIT_HTML, "<dt>Next try</dt><dd>in 18 s, at "
      "<time datetime=\"2026-01-01T00:00:18Z\">00:00:18<", 1 },
    { "sample", OAUTHCC_UNIT_HTML, "<form", 0 },
    { "sample", OAUTHCC_UNIT_HTML, "<script", 0 },
    { "sample", OAUTHCC_UNIT_HTML, "<img", 0 },
    { "sample", OAUTHCC_UNIT_HTML, "<b>no</b>", 0 },
    { "sample", OAUTHCC_UNIT_HTML, "prefers-color-scheme", 1 },
    { "sample", OAUTHCC_UNIT_HTML, ">fresh<", 1 },
    { "sample", OAUTHCC_UNIT_HTML, ">refresh due<", 1 },
    { "sample", OAUTHCC_UNIT_HTML, ">refreshing<", 1 },
    { "sample", OAUTHCC_UNIT_HTML, ">failing<", 1 },
    { "sample", OAUTHCC_UNIT_HTML, ">backing off<", 1 },
    { "sample", OAUTHCC_UNIT_HTML, ">logging in<", 1 },
    { "sample", OAUTHCC_UNIT_HTML, ">empty<", 1 },
    { "sample", OAUTHCC_UNIT_HTML, "no scope", 1 },
    { "sample", OAUTHCC_UNIT_HTML, "width:69.8%", 1 },
    { "sample", OAUTHCC_UNIT_HTML, "41 min 52 s <small>of 59 min 55",
      1 },
    { "sample", OAUTHCC_UNIT_HTML, "18 min 3 s ago", 1 },
    { "sample", OAUTHCC_UNIT_HTML, "took 182 ms", 1 },
    { "sample", OAUTHCC_UNIT_HTML, "in 40 min 57 s", 1 },
    { "sample", OAUTHCC_UNIT_HTML, "1,284,730", 1 },
    { "sample", OAUTHCC_UNIT_HTML, "No login for 18 s", 1 },
    { "sample", OAUTHCC_UNIT_HTML, "this scope", 1 },
    { "sample", OAUTHCC_UNIT_HTML, "4 of 412 entries listed", 1 },
    { "sample", OAUTHCC_UNIT_HTML, "at most 100", 1 },
    { "sample", OAUTHCC_UNIT_HTML, "No entry yet", 1 },
    { "sample", OAUTHCC_UNIT_HTML, "412 KiB of 1 MiB", 1 },
    { "sample", OAUTHCC_UNIT_HTML, "2026-01-01T00:00:00Z", 1 },
    { "sample", OAUTHCC_UNIT_HTML,
      "1 without a usable response, 2 timed out.", 1 },
    { "sample", OAUTHCC_UNIT_HTML, "&le; 500 ms", 1 },
    { "sample", OAUTHCC_UNIT_HTML, "&gt; 10 s", 1 },
    { "sample", OAUTHCC_UNIT_HTML, "<dt>Logins</dt><dd>226<", 1 },
    { "sample", OAUTHCC_UNIT_HTML, "<dt>Failures</dt><dd>13<", 1 },

    { "sample", OAUTHCC_UNIT_JSON, "\"refresh_due\"", 1 },
    { "sample", OAUTHCC_UNIT_JSON, "\"expires_in_seconds\": 41.25,",
      1 },
    { "sample", OAUTHCC_UNIT_JSON, "\\u001B[31m\\u0000\\u202E", 1 },

    { "sample", OAUTHCC_UNIT_PROMETHEUS,
      "provider=\"a\\\"b\\\\c\\nd<e>\\\\xff\"", 1 },
    { "sample", OAUTHCC_UNIT_PROMETHEUS,
      "bucket{provider=\"crm\",le=\"0.05\"} 0\n", 1 },
    { "sample", OAUTHCC_UNIT_PROMETHEUS,
      "bucket{provider=\"crm\",le=\"0.25\"} 435\n", 1 },
    { "sample", OAUTHCC_UNIT_PROMETHEUS,
      "bucket{provider=\"crm\",le=\"+Inf\"} 506\n", 1 },
    { "sample", OAUTHCC_UNIT_PROMETHEUS,
      "seconds_count{provider=\"crm\"} 506\n", 1 },
    { "sample", OAUTHCC_UNIT_PROMETHEUS,
      "seconds_sum{provider=\"crm\"} 120.410\n", 1 },
    { "sample", OAUTHCC_UNIT_PROMETHEUS,
      "oauthcc_requests_total{provider=\"crm\",cache_status=\"hit\"} 1385961"
      "\n", 1 },
    { "sample", OAUTHCC_UNIT_PROMETHEUS,
      "oauthcc_logins_total{provider=\"billing\",result=\"refused\"} 11\n",
      1 },
    { "sample", OAUTHCC_UNIT_PROMETHEUS,
      "oauthcc_token_expires_in_seconds{provider=\"crm\"} 41.250\n", 1 },
    { "sample", OAUTHCC_UNIT_PROMETHEUS,
      "oauthcc_token_expires_in_seconds{provider=\"unused\"", 0 },
    { "sample", OAUTHCC_UNIT_PROMETHEUS, "k7f3q9xz2m", 0 },
    { "sample", OAUTHCC_UNIT_PROMETHEUS, "invoices", 0 },
    { "sample", OAUTHCC_UNIT_PROMETHEUS, "orders", 0 },

    { "sample", OAUTHCC_UNIT_HTML,
      "<div class=\"warn\"><dt>Store</dt><dd><span class=\"tag\">up</span> "
      "7 found, 3 logins, 3.08 ms</dd></div>", 1 },
    { "sample", OAUTHCC_UNIT_JSON, "\"round_trip_seconds\": 1.234567", 1 },
    { "sample", OAUTHCC_UNIT_PROMETHEUS,
      "oauthcc_store_asks_total{result=\"down\"} 2\n", 1 },
    { "sample", OAUTHCC_UNIT_PROMETHEUS,
      "oauthcc_store_puts_total{result=\"done\"} 3\n", 1 },
    { "sample", OAUTHCC_UNIT_PROMETHEUS,
      "oauthcc_store_round_trip_seconds_total 1.234567\n", 1 },
    { "empty", OAUTHCC_UNIT_HTML, "Store", 0 },
    { "empty", OAUTHCC_UNIT_JSON, "\"store\"", 0 },
    { "empty", OAUTHCC_UNIT_PROMETHEUS, "oauthcc_store", 0 },

    { "empty", OAUTHCC_UNIT_HTML, "No provider", 1 },
    { "empty", OAUTHCC_UNIT_HTML, "no token yet", 1 },
    { "empty", OAUTHCC_UNIT_JSON, "\"providers\": []", 1 },
    { "empty", OAUTHCC_UNIT_PROMETHEUS,
      "oauthcc_zone_size_bytes 0\n", 1 },
    { "empty", OAUTHCC_UNIT_PROMETHEUS, "provider", 0 },

    { NULL, 0, NULL, 0 }
};


/* of jansson's memory: how much of it there is to be, and what is in use */

static ngx_uint_t  oauthcc_unit_allowed;
static ngx_uint_t  oauthcc_unit_used;


ngx_int_t
oauthcc_unit_status_views(oauthcc_unit_t *unit)
{
    oauthcc_unit_status_report(unit);

    if (oauthcc_unit_status_render(unit,
                                   &oauthcc_unit_empty, "empty") != NGX_OK
        || oauthcc_unit_status_render(unit, &oauthcc_unit_sample, "sample")
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    oauthcc_unit_status_metrics(unit, oauthcc_metrics_zone);
    oauthcc_unit_status_metrics(unit, oauthcc_metrics_store);
    oauthcc_unit_status_metrics(unit, oauthcc_metrics_provider);
    oauthcc_unit_status_metrics(unit, oauthcc_metrics_dpop);
    oauthcc_unit_status_metrics(unit, oauthcc_metrics_entry);

    if (oauthcc_unit_status_many(unit) != NGX_OK) {
        return NGX_ERROR;
    }

    oauthcc_unit_status_memory(unit);

    return NGX_OK;
}


static void
oauthcc_unit_status_report(oauthcc_unit_t *unit)
{
    oauthcc_histogram_t           none;
    oauthcc_snapshot_provider_t  *billing;

    oauthcc_unit_number(unit, oauthcc_histogram_bucket(0), 0,
                        "bucket of 0 ms");
    oauthcc_unit_number(unit, oauthcc_histogram_bucket(5), 0,
                        "bucket of 5 ms");
    oauthcc_unit_number(unit, oauthcc_histogram_bucket(6), 1,
                        "bucket of 6 ms");
    oauthcc_unit_number(unit, oauthcc_histogram_bucket(1000),
                        7, "bucket of 1 s");
    oauthcc_unit_number(unit, oauthcc_histogram_bucket(10000),
                        10, "bucket of 10 s");
    oauthcc_unit_number(unit, oauthcc_histogram_bucket(10001),
                        11, "bucket of more");

    billing = &oauthcc_unit_providers[1];

    oauthcc_unit_number(unit,
                        oauthcc_histogram_cumulated(&billing->durations, 0), 1,
                        "the first bucket, cumulated");
    oauthcc_unit_number(unit,
               oauthcc_histogram_cumulated(&billing->durations, 4), 31,
                        "the fifth bucket");
    oauthcc_unit_number(unit,
               oauthcc_histogram_cumulated(&billing->durations, 11), 226,
                        "the last bucket");

    oauthcc_unit_number(unit,
               oauthcc_histogram_percentile(&billing->durations, 50), 6,
                        "the median");
    oauthcc_unit_number(unit,
               oauthcc_histogram_percentile(&billing->durations, 95), 9,
                        "95 per cent");
    oauthcc_unit_number(unit,
               oauthcc_histogram_percentile(&billing->durations, 99), 11,
                        "99 per cent");

    ngx_memzero(&none, sizeof(oauthcc_histogram_t));

    oauthcc_unit_number(unit, oauthcc_histogram_percentile(&none, 95), 0,
                        "95 per cent of nothing");
}


static ngx_int_t
oauthcc_unit_status_render(oauthcc_unit_t *unit, oauthcc_snapshot_t *report,
    char *name)
{
    oauthcc_unit_page_t   *page;
    oauthcc_unit_holds_t  *holds;

    for (page = oauthcc_unit_pages; page->name; page++) {

        if (oauthcc_unit_status_page(unit, page, report, name) != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    for (holds = oauthcc_unit_holds; holds->file; holds++) {

        if (ngx_strcmp(holds->file, name) == 0) {
            oauthcc_unit_status_holds(unit, name, holds);
        }
    }

    return NGX_OK;
}


static ngx_int_t
oauthcc_unit_status_page(oauthcc_unit_t *unit, oauthcc_unit_page_t *page,
    oauthcc_snapshot_t *report, char *file)
{
    off_t             size;
    u_char           *p;
    ngx_chain_t      *cl, *out;
    oauthcc_writer_t  w;

    oauthcc_writer_init(&w, unit->pool);

    page->render(&w, report);

    if (oauthcc_writer_end(&w, &out, &size) != NGX_OK) {
        return NGX_ERROR;
    }

    p = ngx_pnalloc(unit->pool, (size_t) size + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    page->page.data = p;
    page->page.len = (size_t) size;

    for (cl = out; cl; cl = cl->next) {

        if (ngx_buf_size(cl->buf) > page->page.data + size - p) {
            break;
        }

        p = ngx_cpymem(p, cl->buf->pos, ngx_buf_size(cl->buf));
    }

    *p = '\0';

    oauthcc_unit_ok(unit, cl == NULL && p == page->page.data + size,
                    "%s, %s: the size is that of all buffers", file,
                    page->name);

    return oauthcc_unit_status_write(unit, &page->page, file, page->name);
}


static ngx_int_t
oauthcc_unit_status_write(oauthcc_unit_t *unit, ngx_str_t *text, char *file,
    char *name)
{
    u_char   *path;
    ssize_t   n;
    ngx_fd_t  fd;

    path = ngx_pnalloc(unit->pool, unit->dir.len + ngx_strlen(file)
                                   + ngx_strlen(name) + 2);
    if (path == NULL) {
        return NGX_ERROR;
    }

    ngx_sprintf(path, "%V%s.%s%Z", &unit->dir, file, name);

    fd = ngx_open_file(path, NGX_FILE_WRONLY, NGX_FILE_TRUNCATE,
                       NGX_FILE_DEFAULT_ACCESS);
    if (fd == NGX_INVALID_FILE) {
        return NGX_ERROR;
    }

    n = ngx_write_fd(fd, text->data, text->len);

    (void) ngx_close_file(fd);

    return n == (ssize_t) text->len ? NGX_OK : NGX_ERROR;
}


static void
oauthcc_unit_status_holds(oauthcc_unit_t *unit, char *file,
    oauthcc_unit_holds_t *holds)
{
    u_char               *p;
    size_t                len;
    oauthcc_unit_page_t  *page;

    page = &oauthcc_unit_pages[holds->page];

    /* TAP has a line for each case */

    for (len = 0; (u_char) holds->text[len] >= ' '; len++) { /* void */ }

    /* a zero byte would hide what comes behind it */

    p = ngx_strnstr(page->page.data, holds->text, page->page.len);

    oauthcc_unit_ok(unit,
                    (p != NULL) == holds->found
                    && ngx_strlen(page->page.data) == page->page.len,
                    "%s, %s: %s %*s", file, page->name,
                    holds->found ? "holds" : "does not hold",
                    len, holds->text);
}


/* Each row of a table is on the pages, with all that it says. */

static void
oauthcc_unit_status_metrics(oauthcc_unit_t *unit, oauthcc_metrics_t *metric)
{
    ngx_uint_t                 all;
    oauthcc_metrics_series_t  *series;

    /* the store is that of all providers */

    all = (metric == oauthcc_metrics_store);

    for ( /* void */ ; metric->series[0].n; metric++) {

        if (metric->name) {
            oauthcc_unit_ok(unit,
                            oauthcc_unit_status_shows(OAUTHCC_UNIT_PROMETHEUS,
                                                      "# HELP %s %s\n",
                                                      metric->name,
                                                      metric->help),
                            "%s: its help", metric->name);
        }

        for (series = metric->series; series->n; series++) {

            if (metric->label) {
                oauthcc_unit_ok(unit,
                            oauthcc_unit_status_shows(OAUTHCC_UNIT_PROMETHEUS,
                                     "%s{%s%s=\"%s\"} ", metric->name,
                                     all ? "" : "provider=\"crm\",",
                                     metric->label, series->name),
                                "%s: series %s", metric->name, series->name);
            }

            if (series->name) {
                oauthcc_unit_ok(unit,
                                oauthcc_unit_status_shows(OAUTHCC_UNIT_JSON,
                                                          "\"%s\": ",
                                                          series->name),
                                "JSON: %s", series->name);
            }

            if (series->title) {
                oauthcc_unit_ok(unit,
                                oauthcc_unit_status_shows(OAUTHCC_UNIT_HTML,
                                                          ">%s</",
                                                          series->title),
                                "HTML: %s", series->title);
            }
        }
    }
}


static ngx_uint_t
oauthcc_unit_status_shows(ngx_uint_t page, const char *fmt, ...)
{
    u_char     *p, text[256];
    va_list     args;
    ngx_str_t  *shown;

    va_start(args, fmt);
    p = ngx_vslprintf(text, text + sizeof(text) - 1, fmt, args);
    va_end(args);

    *p = '\0';

    shown = &oauthcc_unit_pages[page].page;

    return ngx_strnstr(shown->data, (char *) text, shown->len) != NULL;
}


/* Many entries, each with a text as long as may be: all are there. */

static ngx_int_t
oauthcc_unit_status_many(oauthcc_unit_t *unit)
{
    u_char                      *p;
    ngx_str_t                    long_text;
    ngx_uint_t                   i;
    oauthcc_snapshot_t           report;
    oauthcc_snapshot_entry_t    *entries;
    oauthcc_snapshot_provider_t  provider;

    entries = ngx_pcalloc(unit->pool,
                          OAUTHCC_UNIT_MANY
                          * sizeof(oauthcc_snapshot_entry_t));
    p = ngx_pnalloc(unit->pool, OAUTHCC_UNIT_LONG);

    if (entries == NULL || p == NULL) {
        return NGX_ERROR;
    }

    ngx_memset(p, '<', OAUTHCC_UNIT_LONG);

    long_text.len = OAUTHCC_UNIT_LONG;
    long_text.data = p;

    for (i = 0; i < OAUTHCC_UNIT_MANY; i++) {
        entries[i] = oauthcc_unit_crm[i % 3];
        entries[i].scope = long_text;
        entries[i].life = OAUTHCC_NEVER - 1;
        entries[i].left = OAUTHCC_NEVER - 1;
        entries[i].hits = UINT64_MAX;

        p = ngx_pnalloc(unit->pool, NGX_INT_T_LEN);
        if (p == NULL) {
            return NGX_ERROR;
        }

        entries[i].id.data = p;
        entries[i].id.len = ngx_sprintf(p, "%ui", i) - p;
    }

    ngx_memzero(&provider, sizeof(oauthcc_snapshot_provider_t));

    provider.name = long_text;
    provider.entries = entries;
    provider.nentries = OAUTHCC_UNIT_MANY;
    provider.all = OAUTHCC_UNIT_MANY;
    provider.matching = OAUTHCC_UNIT_MANY;

    report = oauthcc_unit_sample;
    report.entries = OAUTHCC_UNIT_MANY;
    report.limit = OAUTHCC_UNIT_MANY;
    report.providers = &provider;
    report.nproviders = 1;
    report.nfailures = 0;

    return oauthcc_unit_status_render(unit, &report, "many");
}


/* The document can not be made with less memory than it takes. */

static void
oauthcc_unit_status_memory(oauthcc_unit_t *unit)
{
    off_t             size;
    ngx_int_t         rc;
    ngx_uint_t        n, leaked;
    ngx_chain_t      *out;
    json_free_t       json_free;
    json_malloc_t     json_malloc;
    oauthcc_writer_t  w;

    json_get_alloc_funcs(&json_malloc, &json_free);
    json_set_alloc_funcs(oauthcc_unit_status_malloc, oauthcc_unit_status_free);

    leaked = 0;

    for (n = 0; /* void */ ; n++) {
        oauthcc_unit_allowed = n;
        oauthcc_unit_used = 0;

        oauthcc_writer_init(&w, unit->pool);
        oauthcc_status_json(&w, &oauthcc_unit_sample);

        rc = oauthcc_writer_end(&w, &out, &size);
        leaked += oauthcc_unit_used;

        if (rc != NGX_ERROR) {
            break;
        }
    }

    json_set_alloc_funcs(json_malloc, json_free);

    oauthcc_unit_ok(unit, n > 100, "JSON: out of memory is an error");
    oauthcc_unit_number(unit, leaked, 0, "JSON: nothing is left");
    oauthcc_unit_number(unit, rc, NGX_OK, "JSON: with just enough");
}


static void *
oauthcc_unit_status_malloc(size_t size)
{
    if (oauthcc_unit_allowed == 0) {
        return NULL;
    }

    oauthcc_unit_allowed--;
    oauthcc_unit_used++;

    return ngx_alloc(size, ngx_cycle->log);
}


static void
oauthcc_unit_status_free(void *p)
{
    if (p) {
        oauthcc_unit_used--;
        ngx_free(p);
    }
}
