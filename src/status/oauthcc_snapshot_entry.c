
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_clock.h"
#include "status/oauthcc_snapshot_entry.h"
#include "cache/oauthcc_lease.h"
#include "cache/oauthcc_backoff.h"
#include "core/oauthcc_lifetime.h"
#include "cache/oauthcc_entry_text.h"
#include "cache/oauthcc_slot.h"
#include "cache/oauthcc_waiter_count.h"


static void oauthcc_snapshot_entry_error(oauthcc_entry_t *entry,
    oauthcc_snapshot_entry_t *report, oauthcc_snapshot_entry_text_t *text);
static ngx_msec_t oauthcc_snapshot_entry_ago(oauthcc_time_t point);


char  *oauthcc_snapshot_states[] = {
    "empty",
    "fresh",
    "refresh_due",
    "logging_in",
    "refreshing",
    "failing",
    "backing_off"
};


void
oauthcc_snapshot_entry(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    oauthcc_snapshot_entry_t *report, oauthcc_snapshot_entry_text_t *text)
{
    ngx_str_t               scope, audience, resource;
    oauthcc_history_t      *history;
    oauthcc_slot_counts_t  *counts;

    history = &entry->history;

    report->id.data = text->pos;
    text->pos = ngx_sprintf(text->pos, "%016xL", history->id);
    report->id.len = text->pos - report->id.data;

    oauthcc_entry_text_label(cache, entry, text->pos, &scope, &audience,
                             &resource);
    text->pos += entry->history.label;

    if (scope.data) {
        report->scope = scope;
    }

    if (audience.data) {
        report->audience = audience;
    }

    if (resource.data) {
        report->resource = resource;
    }

    report->state = oauthcc_snapshot_entry_state(entry);

    report->life = 0;
    report->left = 0;
    report->login_ago = OAUTHCC_NEVER;
    report->login_time = OAUTHCC_NEVER;
    report->refresh_in = OAUTHCC_NEVER;

    if (entry->packed.data) {
        report->life = entry->expires
                       - (history->logged_in - entry->lease.took);
        report->left = oauthcc_snapshot_entry_left(entry->expires);
        report->login_ago = oauthcc_snapshot_entry_ago(history->logged_in);
        report->login_time = entry->lease.took;

        if (oauthcc_backoff_usable(entry)) {
            report->refresh_in = oauthcc_snapshot_entry_left(entry->refresh);
        }
    }

    report->backoff = oauthcc_backoff_waits(entry, 0);

    counts = oauthcc_slot_counts(cache->shared, entry->version);

    report->hits = __atomic_load_n(&counts->hits, __ATOMIC_RELAXED);
    report->replays = __atomic_load_n(&counts->replays, __ATOMIC_RELAXED);
    report->waiters = oauthcc_waiter_count_get(cache, &counts->waiters);
    report->logins = history->nlogins;
    report->failures = history->nfailures;

    oauthcc_snapshot_entry_error(entry, report, text);
}


oauthcc_snapshot_state_e
oauthcc_snapshot_entry_state(oauthcc_entry_t *entry)
{
    ngx_uint_t          usable, failed;
    oauthcc_history_t  *history;

    history = &entry->history;
    usable = oauthcc_backoff_usable(entry);

    if (oauthcc_lease_leased(entry)) {
        return usable ? OAUTHCC_SNAPSHOT_REFRESH
                      : OAUTHCC_SNAPSHOT_LOGIN;
    }

    /* the last login of its own, or, without a token, of its provider */

    failed = history->failing
             || (!usable && entry->client->failures);

    if (failed) {
        return oauthcc_backoff_waits(entry, 0)
               ? OAUTHCC_SNAPSHOT_BACKOFF
               : OAUTHCC_SNAPSHOT_FAILING;
    }

    if (!usable) {
        return OAUTHCC_SNAPSHOT_EMPTY;
    }

    return oauthcc_lifetime_reached(oauthcc_clock_msec(), entry->refresh)
           ? OAUTHCC_SNAPSHOT_DUE : OAUTHCC_SNAPSHOT_FRESH;
}


/* The name of the last failure, and what the server has said of it. */

static void
oauthcc_snapshot_entry_error(oauthcc_entry_t *entry,
    oauthcc_snapshot_entry_t *report, oauthcc_snapshot_entry_text_t *text)
{
    ngx_str_t          detail;
    oauthcc_failure_t  failure;

    ngx_str_null(&report->error);
    report->error_ago = OAUTHCC_NEVER;
    report->error_status = 0;

    if (entry->history.failed == 0) {
        return;
    }

    report->error_ago = oauthcc_snapshot_entry_ago(entry->history.failed_at);

    if (entry->history.reason) {
        report->error_status = entry->history.reason->status;
    }

    oauthcc_entry_text_get(entry, &failure);
    oauthcc_entry_text_detail(entry, &detail);

    report->error.data = text->pos;
    text->pos = ngx_cpymem(text->pos, failure.text, failure.len);

    if (detail.len) {
        text->pos = ngx_cpymem(text->pos, ": ", sizeof(": ") - 1);
        text->pos = ngx_cpymem(text->pos, detail.data, detail.len);
    }

    report->error.len = text->pos - report->error.data;
}


/* A machine with 32 bits says 49 days of what is longer ago. */

static ngx_msec_t
oauthcc_snapshot_entry_ago(oauthcc_time_t point)
{
    return (ngx_msec_t) ngx_min(oauthcc_clock_msec() - point,
                                OAUTHCC_NEVER - 1);
}


ngx_msec_t
oauthcc_snapshot_entry_left(oauthcc_time_t point)
{
    int64_t  left;

    left = (int64_t) (point - oauthcc_clock_msec());

    return ngx_max(left, 0);
}
