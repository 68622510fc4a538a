
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "store/oauthcc_store_seal.h"
#include "store/oauthcc_store_shared.h"


/* seconds between two lines of the log that say the same */
#define OAUTHCC_STORE_SHARED_QUIET  60


#define oauthcc_store_shared_load(word)                                       \
    __atomic_load_n(&(word), __ATOMIC_RELAXED)

#define oauthcc_store_shared_set(word, value)                                 \
    __atomic_store_n(&(word), value, __ATOMIC_RELAXED)


ngx_int_t
oauthcc_store_shared_init(ngx_shm_zone_t *zone, void *data)
{
    ngx_slab_pool_t         *shpool;
    oauthcc_store_t         *store, *previous;
    oauthcc_store_shared_t  *shared;

    store = zone->data;
    previous = data;

    if (previous) {
        store->shared = previous->shared;
        return NGX_OK;
    }

    shpool = (ngx_slab_pool_t *) zone->shm.addr;

    if (zone->shm.exists) {
        store->shared = shpool->data;
        return NGX_OK;
    }

    shared = ngx_slab_calloc(shpool, sizeof(oauthcc_store_shared_t));
    if (shared == NULL) {
        return NGX_ERROR;
    }

    do {
        if (oauthcc_store_seal_random(&shared->gateway, sizeof(uint64_t))
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    } while (shared->gateway == 0);

    shared->since = ngx_time();

    shpool->data = shared;
    store->shared = shared;

    return NGX_OK;
}


void
oauthcc_store_shared_note(oauthcc_store_shared_t *shared,
    oauthcc_store_shared_e state)
{
    oauthcc_store_shared_worker_t  *worker;

    if (ngx_worker >= OAUTHCC_STORE_SHARED_WORKERS) {
        return;
    }

    worker = &shared->workers[ngx_worker];

    /* the worker that has taken this one's place says what counts */

    if (state != OAUTHCC_STORE_SHARED_NONE && !ngx_exiting) {
        oauthcc_store_shared_set(worker->pid, ngx_pid);

    } else if (oauthcc_store_shared_load(worker->pid) != ngx_pid) {
        return;
    }

    oauthcc_store_shared_set(worker->state, state);
}


ngx_uint_t
oauthcc_store_shared_tell_down(oauthcc_store_shared_t *shared)
{
    uint64_t  told, at, now;

    told = 0;
    now = ngx_time();

    if (!__atomic_compare_exchange_n(&shared->told_down, &told, 1, 0,
                                     __ATOMIC_RELAXED, __ATOMIC_RELAXED))
    {
        return 0;
    }

    oauthcc_store_shared_set(shared->since, now);

    at = oauthcc_store_shared_load(shared->told_at);

    if (at && now >= at && now - at < OAUTHCC_STORE_SHARED_QUIET) {

        /* nor will there be a line at its return */

        oauthcc_store_shared_set(shared->told_down, 2);
        return 0;
    }

    oauthcc_store_shared_set(shared->told_at, now);

    return 1;
}


ngx_uint_t
oauthcc_store_shared_tell_up(oauthcc_store_shared_t *shared)
{
    uint64_t  told;

    told = __atomic_exchange_n(&shared->told_down, 0, __ATOMIC_RELAXED);

    if (told) {
        oauthcc_store_shared_set(shared->since, ngx_time());
    }

    return told == 1;
}


ngx_uint_t
oauthcc_store_shared_tell_broken(oauthcc_store_shared_t *shared)
{
    uint64_t  told, now;

    now = ngx_time();
    told = oauthcc_store_shared_load(shared->told_broken);

    if (told && now >= told && now - told < OAUTHCC_STORE_SHARED_QUIET) {
        return 0;
    }

    return __atomic_compare_exchange_n(&shared->told_broken, &told, now, 0,
                                       __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}


void
oauthcc_store_shared_sum(oauthcc_store_shared_t *shared,
    oauthcc_store_state_t *state)
{
    ngx_uint_t  i;

    ngx_memzero(state, sizeof(oauthcc_store_state_t));

    for (i = 0; i < OAUTHCC_STORE_SHARED_WORKERS; i++) {

        switch (oauthcc_store_shared_load(shared->workers[i].state)) {

        case OAUTHCC_STORE_SHARED_UP:
            state->up++;
            break;

        case OAUTHCC_STORE_SHARED_DOWN:
            state->down++;
            break;

        default:
            break;
        }
    }

    for (i = 0; i < OAUTHCC_STORE_ASKS; i++) {
        state->asks[i] = oauthcc_store_shared_load(shared->asks[i]);
    }

    for (i = 0; i < OAUTHCC_STORE_PUTS; i++) {
        state->puts[i] = oauthcc_store_shared_load(shared->puts[i]);
    }

    state->subscribed = oauthcc_store_shared_load(shared->subscribed);
    state->since = oauthcc_store_shared_load(shared->since);
    state->lost = oauthcc_store_shared_load(shared->lost);
    state->replies = oauthcc_store_shared_load(shared->replies);
    state->reply_time = oauthcc_store_shared_load(shared->reply_time);
}
