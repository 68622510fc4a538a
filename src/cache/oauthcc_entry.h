
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_ENTRY_H_INCLUDED_
#define _OAUTHCC_ENTRY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_credential.h"
#include "core/oauthcc_provider_conf.h"
#include "cache/oauthcc_zone.h"


/* unused for this long, in milliseconds, an entry may make room */
#define OAUTHCC_ENTRY_IDLE    10000


/* The entries of a zone, in its memory.  All calls are made under its lock. */


/* Sets up an empty zone. */
void oauthcc_entry_init(oauthcc_zone_t *shared);

/* The entry with this digest, or NULL. */
oauthcc_entry_t *oauthcc_entry_lookup(oauthcc_cache_t *cache, u_char *digest);

/* Makes one of this origin.  NULL: the zone is full of what cannot go. */
oauthcc_entry_t *oauthcc_entry_create(oauthcc_cache_t *cache, u_char *digest,
    oauthcc_origin_t *origin);

/* Frees one.  Its client node ends with its last. */
void oauthcc_entry_drop(oauthcc_cache_t *cache, oauthcc_entry_t *entry);

/* Notes that an entry is in use. */
void oauthcc_entry_use(oauthcc_cache_t *cache, oauthcc_entry_t *entry);

/* Gives its word a new value: no local entry is the present one then. */
void oauthcc_entry_changed(oauthcc_cache_t *cache, oauthcc_entry_t *entry);

/*
 * Gives an entry this token in place of the one that it has.  NGX_DECLINED
 * if there is no room: then it keeps what it has.
 */
ngx_int_t oauthcc_entry_store(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    oauthcc_issued_t *login);

/*
 * Memory of the zone.  Entries whose credentials have ended make room, with
 * "live" those that are good but idle too, and "keep" (it may be NULL) never.
 */
void *oauthcc_entry_alloc(oauthcc_cache_t *cache, size_t size, ngx_uint_t live,
    oauthcc_entry_t *keep);

/* One of those that a client node counts is gone; it ends with the last. */
void oauthcc_entry_leave(oauthcc_cache_t *cache,
    oauthcc_client_node_t *client);


#endif /* _OAUTHCC_ENTRY_H_INCLUDED_ */
