
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_SLOT_H_INCLUDED_
#define _OAUTHCC_SLOT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_zone.h"


/*
 * The version of an entry, which workers load without the lock, and its
 * counts.  They stay where they are for as long as the zone lives; a slot may
 * become that of another entry.
 */


/* Under the lock: a free one, or NULL; more of them, in this block. */
oauthcc_version_t *oauthcc_slot_take(oauthcc_zone_t *shared);
void oauthcc_slot_more(oauthcc_zone_t *shared, void *block);

/* Under the lock: gives it back. */
void oauthcc_slot_free(oauthcc_zone_t *shared, oauthcc_version_t *version);

/* Under the lock: gives it a new value, so that no local entry is present. */
void oauthcc_slot_change(oauthcc_zone_t *shared, oauthcc_version_t *version);

/* Changes all, and makes them free. */
void oauthcc_slot_reset(oauthcc_zone_t *shared);

/* Its counts. */
oauthcc_slot_counts_t *oauthcc_slot_counts(oauthcc_zone_t *shared,
    oauthcc_version_t *version);

/* Under the lock: its value when the zone was reset. */
uint64_t oauthcc_slot_before(oauthcc_zone_t *shared,
    oauthcc_version_t *version);


#endif /* _OAUTHCC_SLOT_H_INCLUDED_ */
