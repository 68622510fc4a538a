
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_entry_error.h"


void
ngx_http_oauthcc_reason_set(ngx_http_oauthcc_cache_t *cache,
    ngx_http_oauthcc_entry_t *entry, ngx_http_oauthcc_failure_t *failure,
    ngx_str_t *detail)
{
    size_t                       len, size;
    u_char                      *p;
    ngx_http_oauthcc_reason_t   *reason;
    ngx_http_oauthcc_history_t  *history;

    history = entry->history;

    history->status = failure->status;
    entry->account->failure = *failure;

    if (history->reason) {
        reason = history->reason;
        history->reason = NULL;
        ngx_slab_free_locked(cache->shpool, reason);
    }

    len = ngx_min(detail->len, NGX_HTTP_OAUTHCC_REASON_DETAIL);
    size = sizeof(ngx_http_oauthcc_reason_t) + failure->len;

    /* what others have failed for is worth no less than its text: none goes */

    reason = ngx_slab_alloc_locked(cache->shpool, size + len);

    if (reason == NULL && len) {
        len = 0;
        reason = ngx_slab_alloc_locked(cache->shpool, size);
    }

    if (reason == NULL) {
        return;
    }

    reason->error = failure->len;
    reason->detail = (uint16_t) len;

    p = ngx_cpymem(&reason[1], failure->text, failure->len);

    if (len) {
        ngx_memcpy(p, detail->data, len);
    }

    history->reason = reason;
}


void
ngx_http_oauthcc_reason_get(ngx_http_oauthcc_entry_t *entry,
    ngx_http_oauthcc_failure_t *failure)
{
    ngx_http_oauthcc_reason_t  *reason;

    reason = entry->history->reason;

    *failure = entry->account->failure;
    failure->status = entry->history->status;

    if (reason) {
        failure->len = reason->error;
        ngx_memcpy(failure->text, &reason[1], reason->error);
    }
}


void
ngx_http_oauthcc_reason_detail(ngx_http_oauthcc_entry_t *entry,
    ngx_str_t *detail)
{
    ngx_http_oauthcc_reason_t  *reason;

    reason = entry->history->reason;

    if (reason == NULL) {
        ngx_str_null(detail);
        return;
    }

    detail->data = (u_char *) &reason[1] + reason->error;
    detail->len = reason->detail;
}
