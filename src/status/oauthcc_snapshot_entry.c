
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
#include "cache/oauthcc_entry_label.h"
#include "cache/oauthcc_entry_error.h"


/* an id in hexadecimal */
#define NGX_HTTP_OAUTHCC_PROFILE_ID     16


static ngx_http_oauthcc_report_state_e ngx_http_oauthcc_profile_state(
    ngx_http_oauthcc_entry_t *entry);
static void ngx_http_oauthcc_profile_error(ngx_http_oauthcc_entry_t *entry,
    ngx_http_oauthcc_report_entry_t *report,
    ngx_http_oauthcc_profile_text_t *text);
static void ngx_http_oauthcc_profile_put(ngx_http_oauthcc_profile_text_t *text,
    ngx_str_t *to, ngx_str_t *from);


void
ngx_http_oauthcc_profile_entry(ngx_http_oauthcc_entry_t *entry,
    ngx_http_oauthcc_report_entry_t *report,
    ngx_http_oauthcc_profile_text_t *text)
{
    u_char                       id[NGX_HTTP_OAUTHCC_PROFILE_ID];
    ngx_str_t                    str, scope, audience, resource;
    ngx_http_oauthcc_history_t  *history;

    history = entry->history;

    str.data = id;
    str.len = ngx_sprintf(id, "%016xL", history->id) - id;

    ngx_str_null(&report->id);
    ngx_http_oauthcc_profile_put(text, &report->id, &str);

    if (history->label) {
        ngx_http_oauthcc_label_read(history->label, &scope, &audience,
                                    &resource);

        ngx_http_oauthcc_profile_put(text, &report->scope, &scope);
        ngx_http_oauthcc_profile_put(text, &report->audience, &audience);
        ngx_http_oauthcc_profile_put(text, &report->resource, &resource);
    }

    report->state = ngx_http_oauthcc_profile_state(entry);

    report->life = 0;
    report->left = 0;
    report->login_ago = NGX_HTTP_OAUTHCC_REPORT_NEVER;
    report->login_time = NGX_HTTP_OAUTHCC_REPORT_NEVER;
    report->refresh_in = NGX_HTTP_OAUTHCC_REPORT_NEVER;

    if (entry->packed.data) {
        report->life = entry->expires
                       - (history->logged_in - entry->login_time);
        report->left = ngx_http_oauthcc_profile_left(entry->expires);
        report->login_ago = ngx_current_msec - history->logged_in;
        report->login_time = entry->login_time;

        if (ngx_http_oauthcc_cache_usable(entry)) {
            report->refresh_in = ngx_http_oauthcc_profile_left(entry->refresh);
        }
    }

    report->backoff = ngx_http_oauthcc_cache_waits(entry);

    report->hits = history->hits;
    report->logins = history->nlogins;
    report->failures = history->nfailures;
    report->replays = history->replays;
    report->waiters = history->waiters;

    ngx_http_oauthcc_profile_error(entry, report, text);
}


static ngx_http_oauthcc_report_state_e
ngx_http_oauthcc_profile_state(ngx_http_oauthcc_entry_t *entry)
{
    ngx_uint_t                   usable, failed;
    ngx_http_oauthcc_history_t  *history;

    history = entry->history;
    usable = ngx_http_oauthcc_cache_usable(entry);

    if (ngx_http_oauthcc_account_leased(entry)) {
        return usable ? NGX_HTTP_OAUTHCC_REPORT_REFRESH
                      : NGX_HTTP_OAUTHCC_REPORT_LOGIN;
    }

    /* the last login of its own, or, without a token, of its provider */

    failed = (history->failed && history->failed == history->ended)
             || (!usable && entry->account->failures);

    if (failed) {
        return ngx_http_oauthcc_cache_waits(entry)
               ? NGX_HTTP_OAUTHCC_REPORT_BACKOFF
               : NGX_HTTP_OAUTHCC_REPORT_FAILING;
    }

    if (!usable) {
        return NGX_HTTP_OAUTHCC_REPORT_EMPTY;
    }

    return ngx_http_oauthcc_clock_reached(ngx_current_msec, entry->refresh)
           ? NGX_HTTP_OAUTHCC_REPORT_DUE : NGX_HTTP_OAUTHCC_REPORT_FRESH;
}


/* The name of the last failure, and what the server has said of it. */

static void
ngx_http_oauthcc_profile_error(ngx_http_oauthcc_entry_t *entry,
    ngx_http_oauthcc_report_entry_t *report,
    ngx_http_oauthcc_profile_text_t *text)
{
    u_char                      *p;
    ngx_str_t                    str, detail;
    ngx_http_oauthcc_failure_t   failure;

    u_char                       buf[NGX_HTTP_OAUTHCC_ERROR_LEN
                                     + sizeof(": ") - 1
                                     + NGX_HTTP_OAUTHCC_REASON_DETAIL];

    ngx_str_null(&report->error);
    report->error_ago = NGX_HTTP_OAUTHCC_REPORT_NEVER;

    if (entry->history->failed == 0) {
        return;
    }

    ngx_http_oauthcc_reason_get(entry, &failure);
    ngx_http_oauthcc_reason_detail(entry, &detail);

    p = ngx_cpymem(buf, failure.text, failure.len);

    if (detail.len) {
        p = ngx_cpymem(p, ": ", sizeof(": ") - 1);
        p = ngx_cpymem(p, detail.data, detail.len);
    }

    str.data = buf;
    str.len = p - buf;

    ngx_http_oauthcc_profile_put(text, &report->error, &str);
    report->error_ago = ngx_current_msec - entry->history->failed_at;
}


/* Without room, or if there is no such text, the other one stays. */

static void
ngx_http_oauthcc_profile_put(ngx_http_oauthcc_profile_text_t *text,
    ngx_str_t *to, ngx_str_t *from)
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
ngx_http_oauthcc_profile_left(ngx_msec_t point)
{
    ngx_msec_int_t  left;

    left = (ngx_msec_int_t) (point - ngx_current_msec);

    return ngx_max(left, 0);
}
