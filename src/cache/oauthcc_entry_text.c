
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "cache/oauthcc_entry_text.h"
#include "cache/oauthcc_chain.h"
#include "cache/oauthcc_blocks.h"
#include "core/oauthcc_text.h"


static u_char *oauthcc_entry_text_write(oauthcc_origin_t *origin, char *name,
    u_char *p, int16_t *len);
static u_char *oauthcc_entry_text_read(u_char *p, int16_t len,
    ngx_str_t *text);
static ngx_int_t oauthcc_entry_text_values(oauthcc_origin_t *origin,
    char *name, u_char *text);


size_t
oauthcc_entry_text_label_write(oauthcc_origin_t *origin, u_char *buf)
{
    u_char                 *p;
    oauthcc_entry_label_t   label;

    p = buf + sizeof(oauthcc_entry_label_t);

    p = oauthcc_entry_text_write(origin, "scope", p, &label.scope);
    p = oauthcc_entry_text_write(origin, "audience", p, &label.audience);
    p = oauthcc_entry_text_write(origin, "resource", p, &label.resource);

    if (label.scope == -1 && label.audience == -1 && label.resource == -1) {
        return 0;
    }

    ngx_memcpy(buf, &label, sizeof(oauthcc_entry_label_t));

    return p - buf;
}


void
oauthcc_entry_text_label(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    u_char *buf, ngx_str_t *scope, ngx_str_t *audience, ngx_str_t *resource)
{
    u_char                 *p;
    oauthcc_entry_label_t   label;

    label.scope = -1;
    label.audience = -1;
    label.resource = -1;

    if (entry->history.label) {
        oauthcc_chain_read(cache->shared, entry->text, 0, buf,
                           entry->history.label);
        ngx_memcpy(&label, buf, sizeof(oauthcc_entry_label_t));
    }

    p = buf + sizeof(oauthcc_entry_label_t);

    p = oauthcc_entry_text_read(p, label.scope, scope);
    p = oauthcc_entry_text_read(p, label.audience, audience);
    (void) oauthcc_entry_text_read(p, label.resource, resource);
}


static u_char *
oauthcc_entry_text_write(oauthcc_origin_t *origin, char *name, u_char *p,
    int16_t *len)
{
    *len = (int16_t) oauthcc_entry_text_values(origin, name, p);

    return (*len > 0) ? p + *len : p;
}


static u_char *
oauthcc_entry_text_read(u_char *p, int16_t len, ngx_str_t *text)
{
    ngx_str_null(text);

    if (len == -1) {
        return p;
    }

    text->data = p;
    text->len = len;

    return p + len;
}


/*
 * Writes the values of all parameters of this name, separated by spaces, up to
 * the limit; -1 if there are none.  If text is NULL, only the length is
 * returned.
 */

static ngx_int_t
oauthcc_entry_text_values(oauthcc_origin_t *origin, char *name, u_char *text)
{
    size_t           len, n;
    ngx_uint_t       i, found;
    oauthcc_pair_t  *pair;

    len = 0;
    found = 0;
    pair = origin->parameters;

    for (i = 0; i < origin->nparameters; i++) {

        if (!oauthcc_text_is(&pair[i].name, name)) {
            continue;
        }

        found = 1;

        if (len && len < OAUTHCC_ENTRY_TEXT_LEN) {

            if (text) {
                text[len] = ' ';
            }

            len++;
        }

        n = ngx_min(pair[i].value.len, OAUTHCC_ENTRY_TEXT_LEN - len);

        if (text) {
            ngx_memcpy(text + len, pair[i].value.data, n);
        }

        len += n;
    }

    return found ? (ngx_int_t) len : -1;
}


void
oauthcc_entry_text_set(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    oauthcc_cache_failed_t *failed)
{
    size_t                  len, size;
    u_char                 *p;
    oauthcc_failure_t      *failure;
    oauthcc_history_t      *history;
    oauthcc_entry_error_t  *reason;

    failure = &failed->failure;
    history = &entry->history;

    history->status = failure->status;
    entry->client->failure = *failure;

    if (failure->status / 100 == 4) {

        /* that a caller's token is refused, is no answer for others */

        entry->client->failure.status = NGX_HTTP_BAD_GATEWAY;
    }

    oauthcc_entry_text_drop(cache, entry);

    len = ngx_min(failed->detail.len, OAUTHCC_ENTRY_TEXT_DETAIL);
    size = sizeof(oauthcc_entry_error_t) + failure->len + len;

    /* no entry is evicted for the sake of an error text */

    reason = oauthcc_blocks_alloc(cache->shared, size);

    if (reason == NULL) {
        return;
    }

    reason->error = failure->len;
    reason->detail = (uint16_t) len;
    reason->status = failed->status;
    reason->result = failed->result;
    reason->took = failed->took;

    p = ngx_cpymem(&reason[1], failure->text, failure->len);

    if (len) {
        ngx_memcpy(p, failed->detail.data, len);
    }

    history->reason = reason;
}


void
oauthcc_entry_text_drop(oauthcc_cache_t *cache, oauthcc_entry_t *entry)
{
    oauthcc_entry_error_t  *reason;

    reason = entry->history.reason;

    if (reason == NULL) {
        return;
    }

    oauthcc_chain_free(cache->shared, &reason->text);
    oauthcc_blocks_free(cache->shared, reason);

    entry->history.reason = NULL;
}


void
oauthcc_entry_text_get(oauthcc_entry_t *entry, oauthcc_failure_t *failure)
{
    oauthcc_entry_error_t  *reason;

    reason = entry->history.reason;

    *failure = entry->client->failure;
    failure->status = entry->history.status;

    if (reason) {
        failure->len = reason->error;
        ngx_memcpy(failure->text, &reason[1], reason->error);
    }
}


void
oauthcc_entry_text_detail(oauthcc_entry_t *entry, ngx_str_t *detail)
{
    oauthcc_entry_error_t  *reason;

    reason = entry->history.reason;

    if (reason == NULL) {
        ngx_str_null(detail);
        return;
    }

    detail->data = (u_char *) &reason[1] + reason->error;
    detail->len = reason->detail;
}
