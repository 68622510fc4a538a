
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "status/oauthcc_status_json.h"
#include "status/oauthcc_escape.h"
#include "status/oauthcc_metrics.h"


/*
 * Milliseconds stay exact, and 0.3 is not 0.29999999999999999; for a thousand
 * years.
 */
#define OAUTHCC_STATUS_JSON_DIGITS  15


/*
 * jansson's functions accept NULL, free the other values, and fail, so that
 * only the end has to be checked.
 */

static json_t *oauthcc_status_json_provider(oauthcc_writer_t *w,
    oauthcc_snapshot_provider_t *provider);
static json_t *oauthcc_status_json_dpop(oauthcc_writer_t *w,
    oauthcc_snapshot_provider_t *provider);
static json_t *oauthcc_status_json_by_state(oauthcc_writer_t *w,
    uint64_t *states);
static json_t *oauthcc_status_json_failures(oauthcc_writer_t *w,
    oauthcc_snapshot_t *report);
static json_t *oauthcc_status_json_entry(oauthcc_writer_t *w,
    oauthcc_snapshot_entry_t *entry);
static void oauthcc_status_json_metrics(oauthcc_writer_t *w, json_t *object,
    oauthcc_metrics_t *metric, void *part);
static json_t *oauthcc_status_json_histogram(oauthcc_writer_t *w,
    oauthcc_histogram_t *histogram);
static int oauthcc_status_json_dump(const char *buffer, size_t size,
    void *data);


/* the names of oauthcc_result_e */

char  *oauthcc_status_json_results[] = {
    "success", "refused", "invalid", "timeout", "unreachable", "internal"
};


void
oauthcc_status_json(oauthcc_writer_t *w, oauthcc_snapshot_t *report)
{
    json_t     *root, *providers, *store;
    ngx_uint_t  i;

    root = json_pack("{s:i, s:o, s:I, s:I}",
                     "version", OAUTHCC_STATUS_JSON_VERSION,
                     "module_version",
                     oauthcc_status_json_text(w, &report->version,
                                              NGX_MAX_SIZE_T_VALUE),
                     "generated_at_unix_seconds", (json_int_t) report->time,
                     "counting_since_unix_seconds",
                     (json_int_t) report->since);

    oauthcc_status_json_metrics(w, root, oauthcc_metrics_zone, report);

    if (report->store.configured) {
        store = json_pack("{s:b}", "up", report->store.up != 0);

        oauthcc_status_json_metrics(w, store, oauthcc_metrics_store,
                                    &report->store);
        oauthcc_status_json_put(w, root, "store", store);
    }

    providers = json_array();

    for (i = 0; i < report->nproviders; i++) {

        if (!report->providers[i].hidden) {
            oauthcc_status_json_put(w, providers, NULL,
                                    oauthcc_status_json_provider(w,
                                                    &report->providers[i]));
        }
    }

    oauthcc_status_json_put(w, root, "entries_by_state",
                            oauthcc_status_json_by_state(w, report->states));
    oauthcc_status_json_put(w, root, "providers", providers);
    oauthcc_status_json_put(w, root, "last_failures",
                            oauthcc_status_json_failures(w, report));

    oauthcc_status_json_write(w, root,
                    JSON_INDENT(2)
                    |JSON_REAL_PRECISION(OAUTHCC_STATUS_JSON_DIGITS));
}


void
oauthcc_status_json_write(oauthcc_writer_t *w, json_t *root, size_t flags)
{
    /* in ASCII, text from outside cannot harm a terminal either */

    if (json_dump_callback(root, oauthcc_status_json_dump, w,
                           flags|JSON_ENSURE_ASCII)
        != 0)
    {
        w->failed = 1;
    }

    json_decref(root);

    oauthcc_writer_put(w, "\n");
}


static json_t *
oauthcc_status_json_provider(oauthcc_writer_t *w,
    oauthcc_snapshot_provider_t *provider)
{
    json_t     *o, *entries;
    ngx_uint_t  i;

    /*
     * texts of the configuration are not cut: a name may be used in an order
     */

    o = json_pack("{s:o, s:o, s:o, s:o, s:o}",
                  "name", oauthcc_status_json_text(w, &provider->name,
                                                   NGX_MAX_SIZE_T_VALUE),
                  "token_endpoint",
                  oauthcc_status_json_text(w, &provider->endpoint,
                                           NGX_MAX_SIZE_T_VALUE),
                  "auth_method",
                  oauthcc_status_json_text(w, &provider->auth_method,
                                           OAUTHCC_TEXT),
                  "client_id", provider->client_id.len
                               ? oauthcc_status_json_text(w,
                                                          &provider->client_id,
                                                          OAUTHCC_TEXT)
                               : json_null(),
                  "backoff_seconds",
                  oauthcc_status_json_seconds(provider->backoff));

    oauthcc_status_json_metrics(w, o, oauthcc_metrics_provider, provider);
    oauthcc_status_json_put(w, o, "dpop",
                            provider->dpop
                            ? oauthcc_status_json_dpop(w, provider)
                            : json_null());

    entries = json_array();

    for (i = 0; i < provider->nentries; i++) {
        oauthcc_status_json_put(w, entries, NULL,
                                oauthcc_status_json_entry(w,
                                                    &provider->entries[i]));
    }

    oauthcc_status_json_put(w, o, "entry_count",
                            json_integer((json_int_t) provider->all));
    oauthcc_status_json_put(w, o, "entries_by_state",
                            oauthcc_status_json_by_state(w, provider->states));
    oauthcc_status_json_put(w, o, "matching_entry_count",
                            json_integer((json_int_t) provider->matching));
    oauthcc_status_json_put(w, o, "entries", entries);

    return o;
}


static json_t *
oauthcc_status_json_dpop(oauthcc_writer_t *w,
    oauthcc_snapshot_provider_t *provider)
{
    json_t  *o, *thumbprint, *alg;

    if (provider->dpop_alg.len) {
        thumbprint = oauthcc_status_json_text(w, &provider->dpop_thumbprint,
                                              OAUTHCC_TEXT);
        alg = oauthcc_status_json_text(w, &provider->dpop_alg, OAUTHCC_TEXT);

    } else {
        thumbprint = json_null();
        alg = json_null();
    }

    o = json_pack("{s:o, s:o}", "jkt", thumbprint, "alg", alg);

    oauthcc_status_json_metrics(w, o, oauthcc_metrics_dpop, provider);

    return o;
}


/* How many entries are in each of the states. */

static json_t *
oauthcc_status_json_by_state(oauthcc_writer_t *w, uint64_t *states)
{
    json_t      *o;
    ngx_uint_t   i;

    o = json_object();

    for (i = 0; i < OAUTHCC_SNAPSHOT_STATES; i++) {
        oauthcc_status_json_put(w, o, oauthcc_snapshot_states[i],
                                json_integer((json_int_t) states[i]));
    }

    return o;
}


static json_t *
oauthcc_status_json_failures(oauthcc_writer_t *w, oauthcc_snapshot_t *report)
{
    json_t                      *list, *entry, *status;
    ngx_uint_t                   i;
    oauthcc_snapshot_failure_t  *failure;

    list = json_array();

    for (i = 0; i < report->nfailures; i++) {
        failure = &report->failures[i];

        entry = failure->entry.len
                ? oauthcc_status_json_text(w, &failure->entry, OAUTHCC_TEXT)
                : json_null();
        status = failure->status
                 ? json_integer((json_int_t) failure->status) : json_null();

        oauthcc_status_json_put(w, list, NULL,
            json_pack("{s:I, s:o, s:o, s:s, s:o, s:o, s:o}",
                      "unix_seconds", (json_int_t) failure->time,
                      "provider",
                      oauthcc_status_json_text(w,
                                 &report->providers[failure->provider].name,
                                 NGX_MAX_SIZE_T_VALUE),
                      "entry", entry,
                      "status", oauthcc_status_json_results[failure->result],
                      "http_status", status,
                      "error",
                      oauthcc_status_json_text(w, &failure->error,
                                               OAUTHCC_TEXT),
                      "duration_seconds",
                      oauthcc_status_json_seconds(failure->took)));
    }

    return list;
}


static json_t *
oauthcc_status_json_entry(oauthcc_writer_t *w, oauthcc_snapshot_entry_t *entry)
{
    json_t     *o, *error, *ago, *status;
    ngx_msec_t  life, left;

    /* without a token there is no lifetime */

    life = entry->life ? entry->life : OAUTHCC_NEVER;
    left = entry->life ? entry->left : OAUTHCC_NEVER;

    o = json_pack("{s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o}",
            "id", oauthcc_status_json_text(w, &entry->id, OAUTHCC_TEXT),
            "scope", oauthcc_status_json_text(w, &entry->scope, OAUTHCC_TEXT),
            "audience",
            oauthcc_status_json_text(w, &entry->audience, OAUTHCC_TEXT),
            "resource",
            oauthcc_status_json_text(w, &entry->resource, OAUTHCC_TEXT),
            "state", oauthcc_snapshot_states[entry->state],
            "life_seconds", oauthcc_status_json_seconds(life),
            "expires_in_seconds", oauthcc_status_json_seconds(left),
            "refresh_in_seconds",
            oauthcc_status_json_seconds(entry->refresh_in),
            "last_login_ago_seconds",
            oauthcc_status_json_seconds(entry->login_ago),
            "last_login_duration_seconds",
            oauthcc_status_json_seconds(entry->login_time),
            "backoff_seconds", oauthcc_status_json_seconds(entry->backoff));

    oauthcc_status_json_metrics(w, o, oauthcc_metrics_entry, entry);

    if (entry->error.len) {
        error = oauthcc_status_json_text(w, &entry->error, OAUTHCC_TEXT);
        ago = oauthcc_status_json_seconds(entry->error_ago);

    } else {
        error = json_null();
        ago = json_null();
    }

    status = entry->error.len && entry->error_status
             ? json_integer((json_int_t) entry->error_status) : json_null();

    oauthcc_status_json_put(w, o, "last_error", error);
    oauthcc_status_json_put(w, o, "last_error_ago_seconds", ago);
    oauthcc_status_json_put(w, o, "last_error_http_status", status);

    return o;
}


static void
oauthcc_status_json_metrics(oauthcc_writer_t *w, json_t *object,
    oauthcc_metrics_t *metric, void *part)
{
    json_t                    *to, *value;
    oauthcc_metrics_series_t  *series;

    for ( /* void */ ; metric->series[0].n; metric++) {
        to = object;

        if (metric->object) {

            if (json_object_get(object, metric->object) == NULL) {
                oauthcc_status_json_put(w, object, metric->object,
                                        json_object());
            }

            to = json_object_get(object, metric->object);
        }

        for (series = metric->series; series->n; series++) {

            if (series->name == NULL) {
                continue;
            }

            switch (metric->type) {

            case OAUTHCC_METRICS_TIME:
                value = oauthcc_status_json_seconds(
                                           oauthcc_metrics_time(series, part));
                break;

            case OAUTHCC_METRICS_HISTOGRAM:
                value = oauthcc_status_json_histogram(w,
                                             oauthcc_metrics_at(series, part));
                break;

            case OAUTHCC_METRICS_SECONDS:
                value = json_real(oauthcc_metrics_count(series, part)
                                  / 1000000.0);
                break;

            case OAUTHCC_METRICS_DATE:

                if (oauthcc_metrics_count(series, part) == 0) {
                    value = json_null();
                    break;
                }

                /* fall through */

            default:

                /* integers of jansson are signed; no counter gets that far */

                value = json_integer((json_int_t)
                                     oauthcc_metrics_count(series, part));
            }

            oauthcc_status_json_put(w, to, series->name, value);
        }
    }
}


static json_t *
oauthcc_status_json_histogram(oauthcc_writer_t *w,
    oauthcc_histogram_t *histogram)
{
    json_t     *buckets;
    uint64_t    n;
    ngx_uint_t  i;

    n = 0;
    buckets = json_array();

    for (i = 0; i < OAUTHCC_HISTOGRAM_BUCKETS; i++) {
        n += histogram->buckets[i];

        oauthcc_status_json_put(w, buckets, NULL,
            json_pack("{s:o, s:I}", "up_to_seconds",
                      oauthcc_status_json_seconds(
                                            oauthcc_histogram_bounds[i].msec),
                      "count", (json_int_t) n));
    }

    return json_pack("{s:I, s:f, s:o}", "count", (json_int_t) n,
                     "sum_seconds", histogram->sum / 1000.0,
                     "buckets", buckets);
}


/*
 * Adds a value to an object, or, without a name, to an array; it is taken
 * over.
 */

void
oauthcc_status_json_put(oauthcc_writer_t *w, json_t *to, char *name,
    json_t *value)
{
    if ((name ? json_object_set_new(to, name, value)
              : json_array_append_new(to, value))
        != 0)
    {
        w->failed = 1;
    }
}


json_t *
oauthcc_status_json_seconds(ngx_msec_t msec)
{
    return msec == OAUTHCC_NEVER ? json_null() : json_real(msec / 1000.0);
}


json_t *
oauthcc_status_json_text(oauthcc_writer_t *w, ngx_str_t *text, size_t max)
{
    ngx_str_t  utf8;

    if (oauthcc_escape_utf8(w->pool, text, max, &utf8) != NGX_OK) {
        return NULL;
    }

    /* an empty text may have no address */

    return json_stringn(utf8.len ? (char *) utf8.data : "", utf8.len);
}


static int
oauthcc_status_json_dump(const char *buffer, size_t size, void *data)
{
    oauthcc_writer_t *w = data;

    oauthcc_writer_bytes(w, (u_char *) buffer, size);

    return w->failed ? -1 : 0;
}
