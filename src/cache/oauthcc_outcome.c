
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_outcome.h"
#include "cache/oauthcc_credential.h"
#include "cache/oauthcc_entry.h"
#include "cache/oauthcc_lock.h"


/* an error, a detail, and what is between them */
#define OAUTHCC_OUTCOME_ERROR                                                 \
    (OAUTHCC_ERROR_LEN + sizeof(": ") - 1 + OAUTHCC_ENTRY_TEXT_DETAIL)


static ngx_int_t oauthcc_outcome_copy(ngx_pool_t *pool, ngx_str_t *text);
static oauthcc_entry_t *oauthcc_outcome_entry(oauthcc_cache_t *cache,
    oauthcc_outcome_target_t *target, oauthcc_outcome_t *outcome);
static void oauthcc_outcome_failure(oauthcc_entry_t *entry, u_char *buf,
    oauthcc_outcome_t *outcome);
static ngx_int_t oauthcc_outcome_scope(oauthcc_cache_t *cache,
    oauthcc_outcome_target_t *target, size_t size, ngx_pool_t *pool,
    ngx_str_t *scope);


void
oauthcc_outcome_await(oauthcc_entry_t *entry, uint64_t since,
    oauthcc_outcome_target_t *target)
{
    ngx_memcpy(target->digest, entry->node.digest, OAUTHCC_DIGEST_LEN);

    target->id = entry->history.id;
    target->since = since;

    entry->history.awaited = 1;
}


void
oauthcc_outcome_next(oauthcc_cache_t *cache, u_char *digest,
    oauthcc_outcome_target_t *target)
{
    ngx_memcpy(target->digest, digest, OAUTHCC_DIGEST_LEN);

    target->id = 0;
    target->since = 1 + __atomic_load_n(&cache->shared->generation,
                                        __ATOMIC_RELAXED);
}


void
oauthcc_outcome_begun(oauthcc_cache_t *cache, oauthcc_outcome_target_t *target)
{
    oauthcc_entry_t  *entry;

    oauthcc_lock_take(cache);

    entry = oauthcc_entry_lookup(cache, target->digest);

    if (entry) {
        target->id = entry->history.id;
        entry->history.awaited = 1;
    }

    oauthcc_lock_release(cache);
}


ngx_int_t
oauthcc_outcome_get(oauthcc_cache_t *cache, oauthcc_outcome_target_t *target,
    ngx_pool_t *pool, oauthcc_outcome_t *outcome)
{
    size_t              size;
    u_char              error[OAUTHCC_OUTCOME_ERROR];
    u_char              label[OAUTHCC_ENTRY_TEXT_LABEL];
    ngx_str_t           audience, resource;
    oauthcc_entry_t    *entry;
    oauthcc_history_t  *history;

    ngx_memzero(outcome, sizeof(oauthcc_outcome_t));

    outcome->took = OAUTHCC_NEVER;
    outcome->life = OAUTHCC_NEVER;

    size = 0;

    oauthcc_lock_read(cache);

    entry = oauthcc_outcome_entry(cache, target, outcome);

    if (entry && outcome->state == OAUTHCC_OUTCOME_FAILED) {
        oauthcc_outcome_failure(entry, error, outcome);

    } else if (entry && outcome->state == OAUTHCC_OUTCOME_SUCCESS) {
        history = &entry->history;

        outcome->took = entry->lease.took;
        outcome->life = entry->expires
                        - (history->logged_in - entry->lease.took);

        oauthcc_entry_text_label(cache, entry, label, &outcome->scope,
                                 &audience, &resource);

        if (history->scoped) {
            size = oauthcc_credential_size(&entry->packed);
        }
    }

    oauthcc_lock_release(cache);

    if (oauthcc_outcome_copy(pool, &outcome->error) != NGX_OK
        || oauthcc_outcome_copy(pool, &outcome->scope) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return size ? oauthcc_outcome_scope(cache, target, size, pool,
                                        &outcome->scope)
                : NGX_OK;
}


static ngx_int_t
oauthcc_outcome_copy(ngx_pool_t *pool, ngx_str_t *text)
{
    u_char  *p;

    if (text->data == NULL) {
        return NGX_OK;
    }

    p = ngx_pnalloc(pool, text->len + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(p, text->data, text->len);
    text->data = p;

    return NGX_OK;
}


/* The entry, and the state. */

static oauthcc_entry_t *
oauthcc_outcome_entry(oauthcc_cache_t *cache, oauthcc_outcome_target_t *target,
    oauthcc_outcome_t *outcome)
{
    uint64_t          failed;
    oauthcc_entry_t  *entry;

    entry = oauthcc_entry_lookup(cache, target->digest);

    if (entry == NULL || (target->id && entry->history.id != target->id)) {
        outcome->state = target->id ? OAUTHCC_OUTCOME_GONE
                                    : OAUTHCC_OUTCOME_PENDING;
        outcome->id = target->id;

        return NULL;
    }

    outcome->id = entry->history.id;

    /* if there was another one since, the first is meant: the lesser number */

    failed = entry->history.failed;

    if (entry->packed.data && entry->serial >= target->since
        && (failed < target->since || failed > entry->serial))
    {
        outcome->state = OAUTHCC_OUTCOME_SUCCESS;

    } else if (failed >= target->since) {
        outcome->state = OAUTHCC_OUTCOME_FAILED;

    } else {
        outcome->state = OAUTHCC_OUTCOME_PENDING;
    }

    return entry;
}


static void
oauthcc_outcome_failure(oauthcc_entry_t *entry, u_char *buf,
    oauthcc_outcome_t *outcome)
{
    u_char                 *p;
    ngx_str_t               detail;
    oauthcc_failure_t       failure;
    oauthcc_entry_error_t  *reason;

    oauthcc_entry_text_get(entry, &failure);
    oauthcc_entry_text_detail(entry, &detail);

    p = ngx_cpymem(buf, failure.text, failure.len);

    if (detail.len) {
        p = ngx_cpymem(p, ": ", sizeof(": ") - 1);
        p = ngx_cpymem(p, detail.data, detail.len);
    }

    outcome->error.data = buf;
    outcome->error.len = p - buf;

    reason = entry->history.reason;
    outcome->result = OAUTHCC_RESULT_INTERNAL;

    if (reason) {
        outcome->result = reason->result;
        outcome->status = reason->status;
        outcome->took = reason->took;
    }
}


/* As of a hit, in memory of the worker's: it holds the token too. */

static ngx_int_t
oauthcc_outcome_scope(oauthcc_cache_t *cache, oauthcc_outcome_target_t *target,
    size_t size, ngx_pool_t *pool, ngx_str_t *scope)
{
    ngx_int_t              rc;
    ngx_str_t              granted;
    oauthcc_entry_t       *entry;
    oauthcc_outcome_t      outcome;
    oauthcc_credential_t  *credential;

    credential = ngx_alloc(size, ngx_cycle->log);
    if (credential == NULL) {
        return NGX_ERROR;
    }

    oauthcc_lock_read(cache);

    entry = oauthcc_outcome_entry(cache, target, &outcome);

    if (entry && entry->history.scoped && entry->packed.data
        && oauthcc_credential_size(&entry->packed) <= size)
    {
        oauthcc_entry_read(cache, entry,
                           oauthcc_credential_bytes(credential,
                                                    &entry->packed));
        oauthcc_credential_unpack(credential, &entry->packed);

    } else {
        entry = NULL;
    }

    oauthcc_lock_release(cache);

    if (entry == NULL) {
        ngx_free(credential);
        return NGX_OK;
    }

    rc = NGX_OK;

    if (oauthcc_credential_scope(credential, &granted)) {
        *scope = granted;
        rc = oauthcc_outcome_copy(pool, scope);
    }

    oauthcc_credential_release(credential);

    return rc;
}
