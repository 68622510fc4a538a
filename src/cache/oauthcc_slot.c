
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_slot.h"
#include "cache/oauthcc_blocks.h"


#define OAUTHCC_SLOT_ALL  ((1 << OAUTHCC_ZONE_SLOTS) - 1)


static oauthcc_slots_t *oauthcc_slot_block(oauthcc_zone_t *shared,
    oauthcc_version_t *version, ngx_uint_t *i);
static void oauthcc_slot_add(oauthcc_zone_t *shared, oauthcc_slots_t *slots,
    ngx_uint_t free);


oauthcc_version_t *
oauthcc_slot_take(oauthcc_zone_t *shared)
{
    ngx_uint_t              i;
    oauthcc_slots_t        *slots;
    oauthcc_slot_counts_t  *counts;

    slots = shared->slots;

    if (slots == NULL) {
        return NULL;
    }

    for (i = 0; !(slots->free & (1 << i)); i++) { /* void */ }

    slots->free &= ~(1 << i);

    if (slots->free == 0) {
        shared->slots = slots->next;
    }

    counts = &slots->counts[i];

    __atomic_store_n(&counts->hits, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&counts->replays, 0, __ATOMIC_RELAXED);

    return &slots->versions[i];
}


void
oauthcc_slot_more(oauthcc_zone_t *shared, void *block)
{
    oauthcc_blocks_keep(shared, block, OAUTHCC_BLOCKS_SLOTS);
    oauthcc_slot_add(shared, block, OAUTHCC_SLOT_ALL);
}


void
oauthcc_slot_free(oauthcc_zone_t *shared, oauthcc_version_t *version)
{
    ngx_uint_t        i;
    oauthcc_slots_t  *slots;

    slots = oauthcc_slot_block(shared, version, &i);

    if (slots->free == 0) {
        oauthcc_slot_add(shared, slots, 1 << i);

    } else {
        slots->free |= 1 << i;
    }
}


void
oauthcc_slot_change(oauthcc_zone_t *shared, oauthcc_version_t *version)
{
    __atomic_store_n(&version->generation, oauthcc_zone_next(shared),
                     __ATOMIC_RELEASE);
}


void
oauthcc_slot_reset(oauthcc_zone_t *shared)
{
    ngx_uint_t        i, n;
    oauthcc_slots_t  *slots;

    shared->slots = NULL;

    n = 0;

    while ((slots = oauthcc_blocks_kept(shared, OAUTHCC_BLOCKS_SLOTS, &n))) {

        for (i = 0; i < OAUTHCC_ZONE_SLOTS; i++) {
            slots->before[i] = slots->versions[i].generation;
            oauthcc_slot_change(shared, &slots->versions[i]);
        }

        oauthcc_slot_add(shared, slots, OAUTHCC_SLOT_ALL);
    }
}


oauthcc_slot_counts_t *
oauthcc_slot_counts(oauthcc_zone_t *shared, oauthcc_version_t *version)
{
    ngx_uint_t        i;
    oauthcc_slots_t  *slots;

    slots = oauthcc_slot_block(shared, version, &i);

    return &slots->counts[i];
}


uint64_t
oauthcc_slot_before(oauthcc_zone_t *shared, oauthcc_version_t *version)
{
    ngx_uint_t        i;
    oauthcc_slots_t  *slots;

    slots = oauthcc_slot_block(shared, version, &i);

    return slots->before[i];
}


static oauthcc_slots_t *
oauthcc_slot_block(oauthcc_zone_t *shared, oauthcc_version_t *version,
    ngx_uint_t *i)
{
    ngx_uint_t        n;
    oauthcc_slots_t  *slots;

    n = oauthcc_blocks_number(shared, version);
    slots = (oauthcc_slots_t *) oauthcc_blocks_at(shared, n);

    *i = version - slots->versions;

    return slots;
}


static void
oauthcc_slot_add(oauthcc_zone_t *shared, oauthcc_slots_t *slots,
    ngx_uint_t free)
{
    slots->free = free;
    slots->next = shared->slots;
    shared->slots = slots;
}
