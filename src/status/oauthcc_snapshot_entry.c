
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "status/oauthcc_snapshot_entry.h"
#include "cache/oauthcc_lease.h"
#include "cache/oauthcc_cache.h"
#include "core/oauthcc_lifetime.h"
#include "cache/oauthcc_entry_text.h"


/* an id in hexadecimal */
#define OAUTHCC_SNAPSHOT_ENTRY_ID     16


static oauthcc_snapshot_state_e oauthcc_snapshot_entry_state(
    oauthcc_entry_t *entry);
static void oauthcc_snapshot_entry_error(oauthcc_entry_t *entry,
    oauthcc_snapshot_entry_t *report, oauthcc_snapshot_entry_text_t *text);
static void oauthcc_snapshot_entry_put(oauthcc_snapshot_entry_text_t *text,
    ngx_str_t *to, ngx_str_t *from);


void
oauthcc_snapshot_entry(oauthcc_entry_t *entry,
    oauthcc_snapshot_entry_t *report, oauthcc_snapshot_entry_text_t *text)
{
    u_char              id[OAUTHCC_SNAPSHOT_ENTRY_ID];
    ngx_str_t           str, scope, audience, resource;
    oauthcc_history_t  *history;

    history = entry->history;

    str.data = id;
    str.len = ngx_sprintf(id, "%016xL", history->id) - id;

    ngx_str_null(&report->id);
    oauthcc_snapshot_entry_put(text, &report->id, &str);

    if (history->label) {
        oauthcc_entry_text_label(history->label, &scope, &audience, &resource);

        oauthcc_snapshot_entry_put(text, &report->scope, &scope);
        oauthcc_snapshot_entry_put(text, &report->audience, &audience);
        oauthcc_snapshot_entry_put(text, &report->resource, &resource);
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
        report->login_ago = ngx_current_msec - history->logged_in;
        report->login_time = entry->lease.took;

        if (oauthcc_cache_usable(entry)) {
            report->refresh_in = oauthcc_snapshot_entry_left(entry->refresh);
        }
    }

    report->backoff = oauthcc_cache_waits(entry);

    report->hits = history->hits;
    report->logins = history->nlogins;
    report->failures = history->nfailures;
    report->replays = history->replays;
    report->waiters = history->waiters;

    oauthcc_snapshot_entry_error(entry, report, text);
}


static oauthcc_snapshot_state_e
oauthcc_snapshot_entry_state(oauthcc_entry_t *entry)
{
    ngx_uint_t          usable, failed;
    oauthcc_history_t  *history;

    history = entry->history;
    usable = oauthcc_cache_usable(entry);

    if (oauthcc_lease_leased(entry)) {
        return usable ? OAUTHCC_SNAPSHOT_REFRESH
                      : OAUTHCC_SNAPSHOT_LOGIN;
    }

    /* the last login of its own, or, without a token, of its provider */

    failed = (history->failed && history->failed == history->ended)
             || (!usable && entry->client->failures);

    if (failed) {
        return oauthcc_cache_waits(entry)
               ? OAUTHCC_SNAPSHOT_BACKOFF
               : OAUTHCC_SNAPSHOT_FAILING;
    }

    if (!usable) {
        return OAUTHCC_SNAPSHOT_EMPTY;
    }

    return oauthcc_lifetime_reached(ngx_current_msec, entry->refresh)
           ? OAUTHCC_SNAPSHOT_DUE : OAUTHCC_SNAPSHOT_FRESH;
}


/* The name of the last failure, and what the server has said of it. */

static void
oauthcc_snapshot_entry_error(oauthcc_entry_t *entry,
    oauthcc_snapshot_entry_t *report, oauthcc_snapshot_entry_text_t *text)
{
    u_char            *p;
    ngx_str_t          str, detail;
    oauthcc_failure_t  failure;
    u_char             buf[OAUTHCC_ERROR_LEN + sizeof(": ") - 1
                           + OAUTHCC_ENTRY_TEXT_DETAIL];

    ngx_str_null(&report->error);
    report->error_ago = OAUTHCC_NEVER;

    if (entry->history->failed == 0) {
        return;
    }

    oauthcc_entry_text_get(entry, &failure);
    oauthcc_entry_text_detail(entry, &detail);

    p = ngx_cpymem(buf, failure.text, failure.len);

    if (detail.len) {
        p = ngx_cpymem(p, ": ", sizeof(": ") - 1);
        p = ngx_cpymem(p, detail.data, detail.len);
    }

    str.data = buf;
    str.len = p - buf;

    oauthcc_snapshot_entry_put(text, &report->error, &str);
    report->error_ago = ngx_current_msec - entry->history->failed_at;
}


/* Without room, or if there is no such text, the other one stays. */

static void
oauthcc_snapshot_entry_put(oauthcc_snapshot_entry_text_t *text, ngx_str_t *to,
    ngx_str_t *from)
{
    text->needed += from->len;

    if (from->data == NULL
        || (size_t) (text->end - text->pos) < from->len)
    {
        return;
    }

    to->data = text->pos;
    to->len = from->len;

    text->pos = ngx_cpymem(text->pos, from->data, from->len);
}


ngx_msec_t
oauthcc_snapshot_entry_left(ngx_msec_t point)
{
    ngx_msec_int_t  left;

    left = (ngx_msec_int_t) (point - ngx_current_msec);

    return ngx_max(left, 0);
}
