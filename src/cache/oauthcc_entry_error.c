
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_entry_error.h"


void
oauthcc_entry_error_set(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    oauthcc_failure_t *failure, ngx_str_t *detail)
{
    size_t                  len, size;
    u_char                 *p;
    oauthcc_entry_error_t  *reason;
    oauthcc_history_t      *history;

    history = entry->history;

    history->status = failure->status;
    entry->account->failure = *failure;

    if (history->reason) {
        reason = history->reason;
        history->reason = NULL;
        ngx_slab_free_locked(cache->shpool, reason);
    }

    len = ngx_min(detail->len, OAUTHCC_ENTRY_ERROR_DETAIL);
    size = sizeof(oauthcc_entry_error_t) + failure->len;

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
oauthcc_entry_error_get(oauthcc_entry_t *entry, oauthcc_failure_t *failure)
{
    oauthcc_entry_error_t  *reason;

    reason = entry->history->reason;

    *failure = entry->account->failure;
    failure->status = entry->history->status;

    if (reason) {
        failure->len = reason->error;
        ngx_memcpy(failure->text, &reason[1], reason->error);
    }
}


void
oauthcc_entry_error_detail(oauthcc_entry_t *entry, ngx_str_t *detail)
{
    oauthcc_entry_error_t  *reason;

    reason = entry->history->reason;

    if (reason == NULL) {
        ngx_str_null(detail);
        return;
    }

    detail->data = (u_char *) &reason[1] + reason->error;
    detail->len = reason->detail;
}
