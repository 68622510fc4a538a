
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
#define OAUTHCC_STATUS_JSON_DIGITS  15


/*
 * Where a document is made.  jansson's functions pass a NULL on, and fail,
 * so that only the end has to be asked.
 */

typedef struct {
    ngx_pool_t  *pool;
    ngx_uint_t   failed;
} oauthcc_status_json_t;


static json_t *oauthcc_status_json_report(oauthcc_status_json_t *j,
    oauthcc_snapshot_t *report);
static json_t *oauthcc_status_json_zone(oauthcc_status_json_t *j,
    oauthcc_snapshot_t *report);
static json_t *oauthcc_status_json_provider(oauthcc_status_json_t *j,
    oauthcc_snapshot_provider_t *provider);
static json_t *oauthcc_status_json_requests(oauthcc_status_json_t *j,
    oauthcc_snapshot_provider_t *provider);
static json_t *oauthcc_status_json_logins(oauthcc_status_json_t *j,
    oauthcc_snapshot_provider_t *provider);
static json_t *oauthcc_status_json_durations(oauthcc_status_json_t *j,
    oauthcc_histogram_t *durations);
static json_t *oauthcc_status_json_entry(oauthcc_status_json_t *j,
    oauthcc_snapshot_entry_t *entry);
static void oauthcc_status_json_set(oauthcc_status_json_t *j, json_t *object,
    char *name, json_t *value);
static void oauthcc_status_json_append(oauthcc_status_json_t *j, json_t *array,
    json_t *value);
static void oauthcc_status_json_count(oauthcc_status_json_t *j, json_t *object,
    char *name, uint64_t n);
static void oauthcc_status_json_seconds(oauthcc_status_json_t *j,
    json_t *object, char *name, ngx_msec_t msec);
static void oauthcc_status_json_text(oauthcc_status_json_t *j, json_t *object,
    char *name, ngx_str_t *text, size_t max);
static int oauthcc_status_json_dump(const char *buffer, size_t size,
    void *data);


/* the names of oauthcc_snapshot_state_e */

static char  *oauthcc_status_json_states[] = {
    "empty",
    "fresh",
    "refresh_due",
    "logging_in",
    "refreshing",
    "failing",
    "backing_off"
};


/* and those of oauthcc_result_e */

static char  *oauthcc_status_json_results[] = {
    "success",
    "refused",
    "invalid",
    "timeout",
    "unreachable",
    "internal"
};


ngx_int_t
oauthcc_status_json(ngx_pool_t *pool, oauthcc_snapshot_t *report,
    ngx_chain_t **out, off_t *size)
{
    int                    rc;
    json_t                *root;
    size_t                 flags;
    oauthcc_writer_t       w;
    oauthcc_status_json_t  j;

    j.pool = pool;
    j.failed = 0;

    root = oauthcc_status_json_report(&j, report);

    if (root == NULL || j.failed) {
        json_decref(root);
        return NGX_ERROR;
    }

    oauthcc_writer_init(&w, pool);

    /* in ASCII, what others have sent does no harm to a terminal either */

    flags = JSON_INDENT(2)|JSON_ENSURE_ASCII
            |JSON_REAL_PRECISION(OAUTHCC_STATUS_JSON_DIGITS);

    rc = json_dump_callback(root, oauthcc_status_json_dump, &w, flags);

    json_decref(root);

    if (rc != 0) {
        return NGX_ERROR;
    }

    oauthcc_writer_put(&w, "\n");

    return oauthcc_writer_end(&w, out, size);
}


static json_t *
oauthcc_status_json_report(oauthcc_status_json_t *j,
    oauthcc_snapshot_t *report)
{
    json_t     *o, *providers;
    ngx_uint_t  i;

    o = json_object();

    oauthcc_status_json_set(j, o, "version",
                            json_integer(OAUTHCC_STATUS_JSON_VERSION));
    oauthcc_status_json_text(j, o, "module_version",
                             &report->version, NGX_MAX_SIZE_T_VALUE);
    oauthcc_status_json_set(j, o, "generated_at_unix_seconds",
                            json_integer(report->time));
    oauthcc_status_json_set(j, o, "zone", oauthcc_status_json_zone(j, report));
    oauthcc_status_json_count(j, o, "entry_count", report->entries);
    oauthcc_status_json_count(j, o, "entry_limit", report->limit);
    oauthcc_status_json_count(j, o, "bypasses", report->bypasses);

    providers = json_array();

    for (i = 0; i < report->nproviders; i++) {
        oauthcc_status_json_append(j, providers,
                                   oauthcc_status_json_provider(j,
                                                   &report->providers[i]));
    }

    oauthcc_status_json_set(j, o, "providers", providers);

    return o;
}


static json_t *
oauthcc_status_json_zone(oauthcc_status_json_t *j, oauthcc_snapshot_t *report)
{
    json_t  *o;

    o = json_object();

    oauthcc_status_json_count(j, o, "size_bytes", report->size);
    oauthcc_status_json_count(j, o, "used_bytes", report->used);
    oauthcc_status_json_count(j, o, "free_bytes", report->free);

    return o;
}


static json_t *
oauthcc_status_json_provider(oauthcc_status_json_t *j,
    oauthcc_snapshot_provider_t *provider)
{
    json_t     *o, *entries;
    ngx_uint_t  i;

    o = json_object();

    /* the configuration's own: not cut, a name may be used to ask for more */

    oauthcc_status_json_text(j, o, "name", &provider->name,
                             NGX_MAX_SIZE_T_VALUE);
    oauthcc_status_json_text(j, o, "token_endpoint", &provider->endpoint,
                             NGX_MAX_SIZE_T_VALUE);

    oauthcc_status_json_set(j, o, "requests",
                            oauthcc_status_json_requests(j, provider));
    oauthcc_status_json_set(j, o, "logins",
                            oauthcc_status_json_logins(j, provider));
    oauthcc_status_json_count(j, o, "failures",
                              oauthcc_snapshot_failures(provider));
    oauthcc_status_json_set(j, o, "login_duration",
                            oauthcc_status_json_durations(j,
                                                     &provider->durations));
    oauthcc_status_json_count(j, o, "replays", provider->replays);
    oauthcc_status_json_count(j, o, "evictions", provider->evictions);
    oauthcc_status_json_count(j, o, "waiters", provider->waiters);
    oauthcc_status_json_count(j, o, "logins_in_flight", provider->in_flight);
    oauthcc_status_json_seconds(j, o, "expires_in_seconds", provider->expiry);
    oauthcc_status_json_count(j, o, "entry_count", provider->all);

    entries = json_array();

    for (i = 0; i < provider->nentries; i++) {
        oauthcc_status_json_append(j, entries, oauthcc_status_json_entry(j,
                                                   &provider->entries[i]));
    }

    oauthcc_status_json_set(j, o, "entries", entries);

    return o;
}


static json_t *
oauthcc_status_json_requests(oauthcc_status_json_t *j,
    oauthcc_snapshot_provider_t *provider)
{
    json_t  *o;

    o = json_object();

    oauthcc_status_json_count(j, o, "hit", provider->hits);
    oauthcc_status_json_count(j, o, "miss", provider->misses);
    oauthcc_status_json_count(j, o, "wait", provider->waits);
    oauthcc_status_json_count(j, o, "refresh", provider->refreshes);
    oauthcc_status_json_count(j, o, "error", provider->errors);

    return o;
}


static json_t *
oauthcc_status_json_logins(oauthcc_status_json_t *j,
    oauthcc_snapshot_provider_t *provider)
{
    json_t     *o;
    ngx_uint_t  i;

    o = json_object();

    for (i = 0; i < OAUTHCC_RESULTS; i++) {
        oauthcc_status_json_count(j, o, oauthcc_status_json_results[i],
                                  provider->logins[i]);
    }

    return o;
}


static json_t *
oauthcc_status_json_durations(oauthcc_status_json_t *j,
    oauthcc_histogram_t *durations)
{
    json_t     *o, *bucket, *buckets;
    uint64_t    n;
    ngx_uint_t  i;

    n = 0;
    buckets = json_array();

    for (i = 0; i < OAUTHCC_HISTOGRAM_BUCKETS; i++) {
        n += durations->buckets[i];
        bucket = json_object();

        oauthcc_status_json_seconds(j, bucket, "up_to_seconds",
                                    oauthcc_histogram_bounds[i].msec);
        oauthcc_status_json_count(j, bucket, "count", n);

        oauthcc_status_json_append(j, buckets, bucket);
    }

    o = json_object();

    oauthcc_status_json_count(j, o, "count", n);
    oauthcc_status_json_set(j, o, "sum_seconds",
                            json_real(durations->sum / 1000.0));
    oauthcc_status_json_set(j, o, "buckets", buckets);

    return o;
}


static json_t *
oauthcc_status_json_entry(oauthcc_status_json_t *j,
    oauthcc_snapshot_entry_t *entry)
{
    char       *state;
    json_t     *o;
    ngx_msec_t  life, left;

    o = json_object();

    oauthcc_status_json_text(j, o, "id", &entry->id, OAUTHCC_TEXT);
    oauthcc_status_json_text(j, o, "scope", &entry->scope, OAUTHCC_TEXT);
    oauthcc_status_json_text(j, o, "audience", &entry->audience, OAUTHCC_TEXT);
    oauthcc_status_json_text(j, o, "resource", &entry->resource, OAUTHCC_TEXT);

    state = oauthcc_status_json_states[entry->state];

    oauthcc_status_json_set(j, o, "state", json_string(state));

    /* without a token there is no life, and nothing left of it */

    life = entry->life ? entry->life : OAUTHCC_NEVER;
    left = entry->life ? entry->left : OAUTHCC_NEVER;

    oauthcc_status_json_seconds(j, o, "life_seconds", life);
    oauthcc_status_json_seconds(j, o, "expires_in_seconds", left);
    oauthcc_status_json_seconds(j, o, "refresh_in_seconds", entry->refresh_in);
    oauthcc_status_json_seconds(j, o, "last_login_ago_seconds",
                                entry->login_ago);
    oauthcc_status_json_seconds(j, o, "last_login_duration_seconds",
                                entry->login_time);
    oauthcc_status_json_seconds(j, o, "backoff_seconds", entry->backoff);

    oauthcc_status_json_count(j, o, "hits", entry->hits);
    oauthcc_status_json_count(j, o, "logins", entry->logins);
    oauthcc_status_json_count(j, o, "failures", entry->failures);
    oauthcc_status_json_count(j, o, "replays", entry->replays);
    oauthcc_status_json_count(j, o, "waiters", entry->waiters);

    if (entry->error.len == 0) {
        oauthcc_status_json_set(j, o, "last_error", json_null());
        oauthcc_status_json_set(j, o, "last_error_ago_seconds", json_null());
        return o;
    }

    oauthcc_status_json_text(j, o, "last_error", &entry->error, OAUTHCC_TEXT);
    oauthcc_status_json_seconds(j, o, "last_error_ago_seconds",
                                entry->error_ago);

    return o;
}


/* Takes the value, whatever happens. */

static void
oauthcc_status_json_set(oauthcc_status_json_t *j, json_t *object, char *name,
    json_t *value)
{
    if (json_object_set_new(object, name, value) != 0) {
        j->failed = 1;
    }
}


static void
oauthcc_status_json_append(oauthcc_status_json_t *j, json_t *array,
    json_t *value)
{
    if (json_array_append_new(array, value) != 0) {
        j->failed = 1;
    }
}


/* Integers of jansson have a sign; nothing counts so far. */

static void
oauthcc_status_json_count(oauthcc_status_json_t *j, json_t *object, char *name,
    uint64_t n)
{
    oauthcc_status_json_set(j, object, name, json_integer((json_int_t) n));
}


static void
oauthcc_status_json_seconds(oauthcc_status_json_t *j, json_t *object,
    char *name, ngx_msec_t msec)
{
    oauthcc_status_json_set(j, object, name, msec == OAUTHCC_NEVER
                            ? json_null() : json_real(msec / 1000.0));
}


static void
oauthcc_status_json_text(oauthcc_status_json_t *j, json_t *object, char *name,
    ngx_str_t *text, size_t max)
{
    ngx_str_t  utf8;

    if (oauthcc_escape_utf8(j->pool, text, max, &utf8) != NGX_OK) {
        j->failed = 1;
        return;
    }

    /* an empty text may have no bytes to point at */

    oauthcc_status_json_set(j, object, name,
                            utf8.len
                            ? json_stringn((char *) utf8.data, utf8.len)
                            : json_string(""));
}


static int
oauthcc_status_json_dump(const char *buffer, size_t size, void *data)
{
    oauthcc_writer_t *w = data;

    oauthcc_writer_bytes(w, (u_char *) buffer, size);

    return w->failed ? -1 : 0;
}
