
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_clock.h"
#include "cache/oauthcc_refusal.h"
#include "cache/oauthcc_blocks.h"
#include "cache/oauthcc_entry.h"


/*
 * the bits of a serial that a record keeps to tell a token from the next ones
 */
#define OAUTHCC_REFUSAL_SERIAL   0x1ffffff

/* upper limit of an interval, milliseconds */
#define OAUTHCC_REFUSAL_MAX      600000

/* upper limit of doublings: the shortest interval is a millisecond */
#define OAUTHCC_REFUSAL_DOUBLED  20

/* records of an entry: what fits into a part, and into a block */
#define OAUTHCC_REFUSAL_FIRST    5
#define OAUTHCC_REFUSAL_LAST     15

/* an accepted token is reported again after this part of an interval */
#define OAUTHCC_REFUSAL_PART     8

/*
 * This many forced logins in a row may be in vain, with no request accepted
 * since, before they become rarer.  A single user's wrong password can cause
 * the first; whether others were refused then is not known.
 */
#define OAUTHCC_REFUSAL_VAIN     2


/* Times are the low 32 bits of the clock, and never older than an interval. */

#define oauthcc_refusal_reached(now, point)                                   \
    ((int32_t) ((uint32_t) (now) - (uint32_t) (point)) >= 0)

#define oauthcc_refusal_first(refusals)                                       \
    ((oauthcc_refusal_t *) &(refusals)[1])

#define oauthcc_refusal_size(n)                                               \
    (sizeof(oauthcc_refusals_t)                                               \
     + (n) * sizeof(oauthcc_refusal_t))

/* no location gets a record of its own any more: the last record is shared */

#define oauthcc_refusal_full(refusals)                                        \
    ((refusals)->n >= OAUTHCC_REFUSAL_LAST - 1)


static void oauthcc_refusal_imported(oauthcc_entry_t *entry,
    oauthcc_issued_t *login);
static oauthcc_refusal_t *oauthcc_refusal_find(oauthcc_refusals_t *refusals,
    uint32_t location);
static oauthcc_refusal_t *oauthcc_refusal_add(oauthcc_cache_t *cache,
    oauthcc_entry_t *entry, uint32_t location);
static ngx_int_t oauthcc_refusal_grow(oauthcc_cache_t *cache,
    oauthcc_entry_t *entry);
static void oauthcc_refusal_forget(oauthcc_refusals_t *refusals);
static void oauthcc_refusal_free(oauthcc_cache_t *cache,
    oauthcc_entry_t *entry);
static ngx_uint_t oauthcc_refusal_silent(oauthcc_refusals_t *refusals,
    uint32_t interval);
static uint32_t oauthcc_refusal_interval(uint32_t interval,
    ngx_uint_t doubled);
static uint32_t oauthcc_refusal_part(oauthcc_refusals_t *refusals);


oauthcc_refusal_t *
oauthcc_refusal_note(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    uint32_t location, ngx_msec_t interval)
{
    uint32_t             serial;
    ngx_uint_t           known;
    oauthcc_history_t   *history;
    oauthcc_refusal_t   *refusal;
    oauthcc_refusals_t  *refusals;

    history = &entry->history;
    refusal = NULL;

    if (history->refusals) {
        oauthcc_refusal_forget(history->refusals);

        refusal = oauthcc_refusal_find(history->refusals, location);
    }

    known = (refusal != NULL);

    if (!known) {
        refusal = oauthcc_refusal_add(cache, entry, location);

        if (refusal == NULL) {
            return NULL;
        }
    }

    refusals = history->refusals;
    refusals->interval = (uint32_t) ngx_min(interval, NGX_MAX_INT32_VALUE);

    serial = entry->serial & OAUTHCC_REFUSAL_SERIAL;

    if (known && refusal->serial != serial && history->forced) {

        /* the forced login's token is refused as well: double, once a token */

        if (refusal->doubled < OAUTHCC_REFUSAL_DOUBLED) {
            refusal->doubled++;
        }

        refusal->forced = 1;
        refusal->since = (uint32_t) history->forced_at;
    }

    refusal->serial = serial;
    refusal->refused = (uint32_t) oauthcc_clock_msec();

    if (refusals->trial) {
        refusals->trial = 0;
        refusals->steady = (uint32_t) oauthcc_clock_msec();

        if (refusals->vain < OAUTHCC_REFUSAL_DOUBLED) {
            refusals->vain++;
        }
    }

    return refusal;
}


ngx_uint_t
oauthcc_refusal_due(oauthcc_entry_t *entry, oauthcc_refusal_t *refusal)
{
    uint32_t             interval;
    ngx_uint_t           vain;
    oauthcc_refusals_t  *refusals;

    refusals = entry->history.refusals;

    interval = oauthcc_refusal_interval(refusals->interval, refusal->doubled);

    if (!refusal->forced
        || oauthcc_refusal_reached(oauthcc_clock_msec(),
                                   refusal->since + interval))
    {
        refusals->silent = 0;
        return 1;
    }

    vain = refusals->vain;
    vain -= ngx_min(vain, OAUTHCC_REFUSAL_VAIN);

    interval = oauthcc_refusal_interval(refusals->interval, vain);

    refusals->silent = oauthcc_refusal_silent(refusals, interval);

    return refusals->silent;
}


ngx_uint_t
oauthcc_refusal_refused(oauthcc_entry_t *entry)
{
    ngx_uint_t           i;
    oauthcc_refusal_t   *refusal;
    oauthcc_refusals_t  *refusals;

    refusals = entry->history.refusals;

    if (refusals == NULL) {
        return 0;
    }

    refusal = oauthcc_refusal_first(refusals);

    for (i = 0; i < refusals->n; i++) {
        if (refusal[i].serial == (entry->serial & OAUTHCC_REFUSAL_SERIAL)) {
            return 1;
        }
    }

    return 0;
}


void
oauthcc_refusal_force(oauthcc_entry_t *entry, oauthcc_refusal_t *refusal)
{
    refusal->forced = 1;
    refusal->since = (uint32_t) entry->history.forced_at;
}


void
oauthcc_refusal_stored(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    oauthcc_issued_t *login)
{
    oauthcc_history_t   *history;
    oauthcc_refusals_t  *refusals;

    history = &entry->history;
    refusals = history->refusals;

    if (login->imported) {
        oauthcc_refusal_imported(entry, login);
    }

    history->forced = history->forcing;
    history->forcing = 0;

    if (refusals == NULL) {
        return;
    }

    refusals->trial = 0;

    if (history->forced) {
        refusals->trial = refusals->silent;
        refusals->was_taken = 0;
    }

    refusals->silent = 0;

    oauthcc_refusal_forget(refusals);
    oauthcc_refusal_free(cache, entry);
}


/*
 * Another gateway has got the token.  If no refusal has forced it to, a
 * location that has asked for the token may force a login at any time;
 * otherwise all gateways together force no more logins than one does.
 */

static void
oauthcc_refusal_imported(oauthcc_entry_t *entry, oauthcc_issued_t *login)
{
    ngx_uint_t           i, n;
    oauthcc_history_t   *history;
    oauthcc_refusal_t   *refusal;
    oauthcc_refusals_t  *refusals;

    history = &entry->history;
    refusals = history->refusals;

    if (history->forcing && !login->forced && refusals) {
        refusal = oauthcc_refusal_first(refusals);
        n = refusals->n;

        for (i = 0; i < n; i++) {
            if (refusal[i].since == (uint32_t) history->forced_at) {
                refusal[i].forced = 0;
            }
        }
    }

    history->forcing = (login->forced != 0);
    history->was_forced = history->forcing;
    history->forced_at = oauthcc_clock_msec() - login->age;
}


ngx_msec_t
oauthcc_refusal_taken(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    ngx_uint_t healed)
{
    ngx_uint_t           unsteady;
    oauthcc_refusals_t  *refusals;

    refusals = entry->history.refusals;

    if (refusals == NULL) {
        return 0;
    }

    if (healed) {
        refusals->vain = 0;
        refusals->trial = 0;
    }

    /*
     * If requests are rare, it means nothing that none is accepted for a
     * while. "vain" is reduced step by step once they are frequent.
     */

    unsteady = !refusals->was_taken
               || oauthcc_refusal_silent(refusals, refusals->interval);
    if (unsteady) {
        refusals->steady = (uint32_t) oauthcc_clock_msec();

    } else if (refusals->vain
               && oauthcc_refusal_reached(oauthcc_clock_msec(),
                             refusals->steady + OAUTHCC_REFUSAL_MAX))
    {
        refusals->steady = (uint32_t) oauthcc_clock_msec();
        refusals->vain--;
    }

    refusals->was_taken = 1;
    refusals->taken = (uint32_t) oauthcc_clock_msec();

    oauthcc_refusal_forget(refusals);
    oauthcc_refusal_free(cache, entry);

    return entry->history.refusals ? oauthcc_refusal_part(refusals)
                                    : 0;
}


static oauthcc_refusal_t *
oauthcc_refusal_find(oauthcc_refusals_t *refusals, uint32_t location)
{
    ngx_uint_t          i;
    oauthcc_refusal_t  *refusal;

    refusal = oauthcc_refusal_first(refusals);

    for (i = 0; i < refusals->n; i++) {
        if (refusal[i].location == location) {
            return &refusal[i];
        }
    }

    if (location && oauthcc_refusal_full(refusals)) {
        return oauthcc_refusal_find(refusals, 0);
    }

    return NULL;
}


/*
 * Adds a record; the number of records has a limit, whatever the number of
 * locations.
 */

static oauthcc_refusal_t *
oauthcc_refusal_add(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    uint32_t location)
{
    oauthcc_refusal_t   *refusal;
    oauthcc_refusals_t  *refusals;

    refusals = entry->history.refusals;

    if ((refusals == NULL || refusals->n == refusals->size)
        && oauthcc_refusal_grow(cache, entry) != NGX_OK)
    {
        return NULL;
    }

    refusals = entry->history.refusals;
    refusal = oauthcc_refusal_first(refusals) + refusals->n;

    ngx_memzero(refusal, sizeof(oauthcc_refusal_t));

    refusal->location = oauthcc_refusal_full(refusals) ? 0 : location;

    refusals->n++;

    return refusal;
}


static ngx_int_t
oauthcc_refusal_grow(oauthcc_cache_t *cache, oauthcc_entry_t *entry)
{
    ngx_uint_t           n;
    oauthcc_history_t   *history;
    oauthcc_refusals_t  *old, *refusals;

    history = &entry->history;
    old = history->refusals;

    n = old ? OAUTHCC_REFUSAL_LAST : OAUTHCC_REFUSAL_FIRST;

    refusals = oauthcc_entry_alloc(cache, oauthcc_refusal_size(n), entry);
    if (refusals == NULL) {
        return NGX_ERROR;
    }

    if (old) {
        ngx_memcpy(refusals, old, oauthcc_refusal_size(old->size));
        oauthcc_blocks_free(cache->shared, old);
    }

    refusals->size = n;
    history->refusals = refusals;

    return NGX_OK;
}


/* Deletes the records of locations without a refusal in their interval. */

static void
oauthcc_refusal_forget(oauthcc_refusals_t *refusals)
{
    uint32_t            interval;
    ngx_uint_t          i, n;
    oauthcc_refusal_t  *refusal;

    refusal = oauthcc_refusal_first(refusals);
    n = 0;

    for (i = 0; i < refusals->n; i++) {
        interval = oauthcc_refusal_interval(refusals->interval,
                                            refusal[i].doubled);

        if ((uint32_t) oauthcc_clock_msec() - refusal[i].refused < interval) {
            refusal[n++] = refusal[i];
        }
    }

    refusals->n = n;
}


static void
oauthcc_refusal_free(oauthcc_cache_t *cache, oauthcc_entry_t *entry)
{
    oauthcc_refusals_t  *refusals;

    refusals = entry->history.refusals;

    if (refusals->n == 0) {
        entry->history.refusals = NULL;
        oauthcc_blocks_free(cache->shared, refusals);
    }
}


/* Whether no request was accepted for an interval, after some had been. */

static ngx_uint_t
oauthcc_refusal_silent(oauthcc_refusals_t *refusals, uint32_t interval)
{
    return refusals->was_taken
           && oauthcc_refusal_reached(oauthcc_clock_msec(),
                                      refusals->taken + interval
                                      + oauthcc_refusal_part(refusals));
}


static uint32_t
oauthcc_refusal_interval(uint32_t interval, ngx_uint_t doubled)
{
    while (doubled && interval < OAUTHCC_REFUSAL_MAX) {
        interval = ngx_min(2 * interval, OAUTHCC_REFUSAL_MAX);
        doubled--;
    }

    return interval;
}


static uint32_t
oauthcc_refusal_part(oauthcc_refusals_t *refusals)
{
    return ngx_max(refusals->interval / OAUTHCC_REFUSAL_PART, 1);
}
