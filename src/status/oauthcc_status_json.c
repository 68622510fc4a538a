
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <jansson.h>
#include "status/oauthcc_status_json.h"
#include "status/oauthcc_escape.h"
#include "status/oauthcc_snapshot.h"
#include "core/oauthcc_writer.h"


/*
 * Milliseconds are exact so, and 0.3 is not 0.29999999999999999; for a
 * thousand years.
 */
#define NGX_HTTP_OAUTHCC_STATUS_JSON_DIGITS  15


/*
 * Where a document is made.  jansson's functions pass a NULL on, and fail,
 * so that only the end has to be asked.
 */

typedef struct {
    ngx_pool_t   *pool;
    ngx_uint_t    failed;
} ngx_http_oauthcc_status_json_t;


static json_t *ngx_http_oauthcc_status_json_report(
    ngx_http_oauthcc_status_json_t *j, ngx_http_oauthcc_report_t *report);
static json_t *ngx_http_oauthcc_status_json_zone(
    ngx_http_oauthcc_status_json_t *j, ngx_http_oauthcc_report_t *report);
static json_t *ngx_http_oauthcc_status_json_provider(
    ngx_http_oauthcc_status_json_t *j,
    ngx_http_oauthcc_report_provider_t *provider);
static json_t *ngx_http_oauthcc_status_json_requests(
    ngx_http_oauthcc_status_json_t *j,
    ngx_http_oauthcc_report_provider_t *provider);
static json_t *ngx_http_oauthcc_status_json_logins(
    ngx_http_oauthcc_status_json_t *j,
    ngx_http_oauthcc_report_provider_t *provider);
static json_t *ngx_http_oauthcc_status_json_durations(
    ngx_http_oauthcc_status_json_t *j,
    ngx_http_oauthcc_report_histogram_t *durations);
static json_t *ngx_http_oauthcc_status_json_entry(
    ngx_http_oauthcc_status_json_t *j,
    ngx_http_oauthcc_report_entry_t *entry);
static void ngx_http_oauthcc_status_json_set(
    ngx_http_oauthcc_status_json_t *j, json_t *object, char *name,
    json_t *value);
static void ngx_http_oauthcc_status_json_append(
    ngx_http_oauthcc_status_json_t *j, json_t *array, json_t *value);
static void ngx_http_oauthcc_status_json_count(
    ngx_http_oauthcc_status_json_t *j, json_t *object, char *name, uint64_t n);
static void ngx_http_oauthcc_status_json_seconds(
    ngx_http_oauthcc_status_json_t *j, json_t *object, char *name,
    ngx_msec_t msec);
static void ngx_http_oauthcc_status_json_text(
    ngx_http_oauthcc_status_json_t *j, json_t *object, char *name,
    ngx_str_t *text, size_t max);
static int ngx_http_oauthcc_status_json_dump(const char *buffer, size_t size,
    void *data);


/* the names of ngx_http_oauthcc_report_state_e */

static char  *ngx_http_oauthcc_status_json_states[] = {
    "empty",
    "fresh",
    "refresh_due",
    "logging_in",
    "refreshing",
    "failing",
    "backing_off"
};


/* and those of ngx_http_oauthcc_report_result_e */

static char  *ngx_http_oauthcc_status_json_results[] = {
    "success",
    "refused",
    "invalid",
    "timeout",
    "unreachable",
    "internal"
};


ngx_int_t
ngx_http_oauthcc_status_json(ngx_pool_t *pool,
    ngx_http_oauthcc_report_t *report, ngx_chain_t **out, off_t *size)
{
    int                              rc;
    json_t                          *root;
    size_t                           flags;
    ngx_http_oauthcc_writer_t        w;
    ngx_http_oauthcc_status_json_t   j;

    j.pool = pool;
    j.failed = 0;

    root = ngx_http_oauthcc_status_json_report(&j, report);

    if (root == NULL || j.failed) {
        json_decref(root);
        return NGX_ERROR;
    }

    ngx_http_oauthcc_writer_init(&w, pool);

    /* in ASCII, what others have sent does no harm to a terminal either */

    flags = JSON_INDENT(2)|JSON_ENSURE_ASCII
            |JSON_REAL_PRECISION(NGX_HTTP_OAUTHCC_STATUS_JSON_DIGITS);

    rc = json_dump_callback(root, ngx_http_oauthcc_status_json_dump, &w,
                            flags);

    json_decref(root);

    if (rc != 0) {
        return NGX_ERROR;
    }

    ngx_http_oauthcc_writer_put(&w, "\n");

    return ngx_http_oauthcc_writer_end(&w, out, size);
}


static json_t *
ngx_http_oauthcc_status_json_report(ngx_http_oauthcc_status_json_t *j,
    ngx_http_oauthcc_report_t *report)
{
    json_t      *o, *providers;
    ngx_uint_t   i;

    o = json_object();

    ngx_http_oauthcc_status_json_set(j, o, "version",
                           json_integer(NGX_HTTP_OAUTHCC_STATUS_JSON_VERSION));
    ngx_http_oauthcc_status_json_text(j, o, "module_version",
                                      &report->version, NGX_MAX_SIZE_T_VALUE);
    ngx_http_oauthcc_status_json_set(j, o, "generated_at_unix_seconds",
                                     json_integer(report->time));
    ngx_http_oauthcc_status_json_set(j, o, "zone",
                           ngx_http_oauthcc_status_json_zone(j, report));
    ngx_http_oauthcc_status_json_count(j, o, "entry_count", report->entries);
    ngx_http_oauthcc_status_json_count(j, o, "entry_limit", report->limit);
    ngx_http_oauthcc_status_json_count(j, o, "bypasses", report->bypasses);

    providers = json_array();

    for (i = 0; i < report->nproviders; i++) {
        ngx_http_oauthcc_status_json_append(j, providers,
                         ngx_http_oauthcc_status_json_provider(j,
                                                   &report->providers[i]));
    }

    ngx_http_oauthcc_status_json_set(j, o, "providers", providers);

    return o;
}


static json_t *
ngx_http_oauthcc_status_json_zone(ngx_http_oauthcc_status_json_t *j,
    ngx_http_oauthcc_report_t *report)
{
    json_t  *o;

    o = json_object();

    ngx_http_oauthcc_status_json_count(j, o, "size_bytes", report->size);
    ngx_http_oauthcc_status_json_count(j, o, "used_bytes", report->used);
    ngx_http_oauthcc_status_json_count(j, o, "free_bytes", report->free);

    return o;
}


static json_t *
ngx_http_oauthcc_status_json_provider(ngx_http_oauthcc_status_json_t *j,
    ngx_http_oauthcc_report_provider_t *provider)
{
    json_t      *o, *entries;
    ngx_uint_t   i;

    o = json_object();

    /* the configuration's own: not cut, a name may be used to ask for more */

    ngx_http_oauthcc_status_json_text(j, o, "name", &provider->name,
                                      NGX_MAX_SIZE_T_VALUE);
    ngx_http_oauthcc_status_json_text(j, o, "token_endpoint",
                                      &provider->endpoint,
                                      NGX_MAX_SIZE_T_VALUE);

    ngx_http_oauthcc_status_json_set(j, o, "requests",
                    ngx_http_oauthcc_status_json_requests(j, provider));
    ngx_http_oauthcc_status_json_set(j, o, "logins",
                    ngx_http_oauthcc_status_json_logins(j, provider));
    ngx_http_oauthcc_status_json_count(j, o, "failures",
                                   ngx_http_oauthcc_report_failures(provider));
    ngx_http_oauthcc_status_json_set(j, o, "login_duration",
                    ngx_http_oauthcc_status_json_durations(j,
                                                     &provider->durations));
    ngx_http_oauthcc_status_json_count(j, o, "replays", provider->replays);
    ngx_http_oauthcc_status_json_count(j, o, "evictions", provider->evictions);
    ngx_http_oauthcc_status_json_count(j, o, "waiters", provider->waiters);
    ngx_http_oauthcc_status_json_count(j, o, "logins_in_flight",
                                       provider->in_flight);
    ngx_http_oauthcc_status_json_seconds(j, o, "expires_in_seconds",
                                         provider->expiry);
    ngx_http_oauthcc_status_json_count(j, o, "entry_count", provider->all);

    entries = json_array();

    for (i = 0; i < provider->nentries; i++) {
        ngx_http_oauthcc_status_json_append(j, entries,
                         ngx_http_oauthcc_status_json_entry(j,
                                                   &provider->entries[i]));
    }

    ngx_http_oauthcc_status_json_set(j, o, "entries", entries);

    return o;
}


static json_t *
ngx_http_oauthcc_status_json_requests(ngx_http_oauthcc_status_json_t *j,
    ngx_http_oauthcc_report_provider_t *provider)
{
    json_t  *o;

    o = json_object();

    ngx_http_oauthcc_status_json_count(j, o, "hit", provider->hits);
    ngx_http_oauthcc_status_json_count(j, o, "miss", provider->misses);
    ngx_http_oauthcc_status_json_count(j, o, "wait", provider->waits);
    ngx_http_oauthcc_status_json_count(j, o, "refresh", provider->refreshes);
    ngx_http_oauthcc_status_json_count(j, o, "error", provider->errors);

    return o;
}


static json_t *
ngx_http_oauthcc_status_json_logins(ngx_http_oauthcc_status_json_t *j,
    ngx_http_oauthcc_report_provider_t *provider)
{
    json_t      *o;
    ngx_uint_t   i;

    o = json_object();

    for (i = 0; i < NGX_HTTP_OAUTHCC_REPORT_RESULTS; i++) {
        ngx_http_oauthcc_status_json_count(j, o,
                                       ngx_http_oauthcc_status_json_results[i],
                                       provider->logins[i]);
    }

    return o;
}


static json_t *
ngx_http_oauthcc_status_json_durations(ngx_http_oauthcc_status_json_t *j,
    ngx_http_oauthcc_report_histogram_t *durations)
{
    json_t      *o, *bucket, *buckets;
    uint64_t     n;
    ngx_uint_t   i;

    n = 0;
    buckets = json_array();

    for (i = 0; i < NGX_HTTP_OAUTHCC_REPORT_BUCKETS; i++) {
        n += durations->buckets[i];
        bucket = json_object();

        ngx_http_oauthcc_status_json_seconds(j, bucket, "up_to_seconds",
                                       ngx_http_oauthcc_report_bounds[i].msec);
        ngx_http_oauthcc_status_json_count(j, bucket, "count", n);

        ngx_http_oauthcc_status_json_append(j, buckets, bucket);
    }

    o = json_object();

    ngx_http_oauthcc_status_json_count(j, o, "count", n);
    ngx_http_oauthcc_status_json_set(j, o, "sum_seconds",
                                     json_real(durations->sum / 1000.0));
    ngx_http_oauthcc_status_json_set(j, o, "buckets", buckets);

    return o;
}


static json_t *
ngx_http_oauthcc_status_json_entry(ngx_http_oauthcc_status_json_t *j,
    ngx_http_oauthcc_report_entry_t *entry)
{
    char        *state;
    json_t      *o;
    ngx_msec_t   life, left;

    o = json_object();

    ngx_http_oauthcc_status_json_text(j, o, "id", &entry->id,
                                      NGX_HTTP_OAUTHCC_REPORT_TEXT);
    ngx_http_oauthcc_status_json_text(j, o, "scope", &entry->scope,
                                      NGX_HTTP_OAUTHCC_REPORT_TEXT);
    ngx_http_oauthcc_status_json_text(j, o, "audience", &entry->audience,
                                      NGX_HTTP_OAUTHCC_REPORT_TEXT);
    ngx_http_oauthcc_status_json_text(j, o, "resource", &entry->resource,
                                      NGX_HTTP_OAUTHCC_REPORT_TEXT);

    state = ngx_http_oauthcc_status_json_states[entry->state];

    ngx_http_oauthcc_status_json_set(j, o, "state", json_string(state));

    /* without a token there is no life, and nothing left of it */

    life = entry->life ? entry->life : NGX_HTTP_OAUTHCC_REPORT_NEVER;
    left = entry->life ? entry->left : NGX_HTTP_OAUTHCC_REPORT_NEVER;

    ngx_http_oauthcc_status_json_seconds(j, o, "life_seconds", life);
    ngx_http_oauthcc_status_json_seconds(j, o, "expires_in_seconds", left);
    ngx_http_oauthcc_status_json_seconds(j, o, "refresh_in_seconds",
                                         entry->refresh_in);
    ngx_http_oauthcc_status_json_seconds(j, o, "last_login_ago_seconds",
                                         entry->login_ago);
    ngx_http_oauthcc_status_json_seconds(j, o, "last_login_duration_seconds",
                                         entry->login_time);
    ngx_http_oauthcc_status_json_seconds(j, o, "backoff_seconds",
                                         entry->backoff);

    ngx_http_oauthcc_status_json_count(j, o, "hits", entry->hits);
    ngx_http_oauthcc_status_json_count(j, o, "logins", entry->logins);
    ngx_http_oauthcc_status_json_count(j, o, "failures", entry->failures);
    ngx_http_oauthcc_status_json_count(j, o, "replays", entry->replays);
    ngx_http_oauthcc_status_json_count(j, o, "waiters", entry->waiters);

    if (entry->error.len == 0) {
        ngx_http_oauthcc_status_json_set(j, o, "last_error", json_null());
        ngx_http_oauthcc_status_json_set(j, o, "last_error_ago_seconds",
                                         json_null());
        return o;
    }

    ngx_http_oauthcc_status_json_text(j, o, "last_error", &entry->error,
                                      NGX_HTTP_OAUTHCC_REPORT_TEXT);
    ngx_http_oauthcc_status_json_seconds(j, o, "last_error_ago_seconds",
                                         entry->error_ago);

    return o;
}


/* Takes the value, whatever happens. */

static void
ngx_http_oauthcc_status_json_set(ngx_http_oauthcc_status_json_t *j,
    json_t *object, char *name, json_t *value)
{
    if (json_object_set_new(object, name, value) != 0) {
        j->failed = 1;
    }
}


static void
ngx_http_oauthcc_status_json_append(ngx_http_oauthcc_status_json_t *j,
    json_t *array, json_t *value)
{
    if (json_array_append_new(array, value) != 0) {
        j->failed = 1;
    }
}


/* Integers of jansson have a sign; nothing counts so far. */

static void
ngx_http_oauthcc_status_json_count(ngx_http_oauthcc_status_json_t *j,
    json_t *object, char *name, uint64_t n)
{
    ngx_http_oauthcc_status_json_set(j, object, name,
                                     json_integer((json_int_t) n));
}


static void
ngx_http_oauthcc_status_json_seconds(ngx_http_oauthcc_status_json_t *j,
    json_t *object, char *name, ngx_msec_t msec)
{
    ngx_http_oauthcc_status_json_set(j, object, name,
                                     msec == NGX_HTTP_OAUTHCC_REPORT_NEVER
                                     ? json_null() : json_real(msec / 1000.0));
}


static void
ngx_http_oauthcc_status_json_text(ngx_http_oauthcc_status_json_t *j,
    json_t *object, char *name, ngx_str_t *text, size_t max)
{
    ngx_str_t  utf8;

    if (ngx_http_oauthcc_escape_utf8(j->pool, text, max, &utf8) != NGX_OK) {
        j->failed = 1;
        return;
    }

    /* an empty text may have no bytes to point at */

    ngx_http_oauthcc_status_json_set(j, object, name,
                                     utf8.len
                                     ? json_stringn((char *) utf8.data,
                                                    utf8.len)
                                     : json_string(""));
}


static int
ngx_http_oauthcc_status_json_dump(const char *buffer, size_t size, void *data)
{
    ngx_http_oauthcc_writer_t *w = data;

    ngx_http_oauthcc_writer_bytes(w, (u_char *) buffer, size);

    return w->failed ? -1 : 0;
}
