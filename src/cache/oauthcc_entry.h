
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


/* an entry is idle if it was not used for this time, in milliseconds */
#define OAUTHCC_ENTRY_IDLE    10000


/* The entries of a zone, in its memory.  All calls are made under its lock. */


/* The entry with this digest, or NULL. */
oauthcc_entry_t *oauthcc_entry_lookup(oauthcc_cache_t *cache, u_char *digest);

/* Creates one.  NULL: the zone is full, and no entry can be evicted. */
oauthcc_entry_t *oauthcc_entry_create(oauthcc_cache_t *cache, u_char *digest,
    oauthcc_origin_t *origin);

/* The entry with this digest while this lease is held, or NULL. */
oauthcc_entry_t *oauthcc_entry_leased(oauthcc_cache_t *cache, u_char *digest,
    uint64_t lease);

/*
 * The entry of a client node that was used before this one, the most recent
 * one for NULL; NULL after the last.
 */
oauthcc_entry_t *oauthcc_entry_next(oauthcc_client_node_t *client,
    oauthcc_entry_t *entry);

/* Ends the lease of an entry without a token. */
void oauthcc_entry_end_lease(oauthcc_cache_t *cache, oauthcc_entry_t *entry);

/* Frees an entry, and its client node with its last entry. */
void oauthcc_entry_drop(oauthcc_cache_t *cache, oauthcc_entry_t *entry);

/* Notes that an entry is used now. */
void oauthcc_entry_use(oauthcc_cache_t *cache, oauthcc_entry_t *entry);

/* Changes its version, so that local entries are outdated. */
void oauthcc_entry_changed(oauthcc_cache_t *cache, oauthcc_entry_t *entry);

/*
 * Replaces the credential of an entry, and sets login->serial.  NGX_DECLINED:
 * the zone has no room, and the entry is unchanged.
 */
ngx_int_t oauthcc_entry_store(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    oauthcc_issued_t *login);

/* Copies the packed.len bytes of its credential. */
void oauthcc_entry_read(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    u_char *to);

/* Copies its credential to memory of the worker. */
void oauthcc_entry_copy(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    oauthcc_credential_t *credential);

/*
 * Allocates zeroed memory of the zone: a part of a block, or a whole block at
 * most.  Idle entries are evicted for it, but never "keep", which may be NULL.
 * NULL: there is none.
 */
void *oauthcc_entry_alloc(oauthcc_cache_t *cache, size_t size,
    oauthcc_entry_t *keep);

/* Evicts until so many parts are free; NGX_DECLINED: they are not. */
ngx_int_t oauthcc_entry_room(oauthcc_cache_t *cache, size_t parts,
    oauthcc_entry_t *keep);

/* Frees a client node if this was the last of its entries and leases. */
void oauthcc_entry_leave(oauthcc_cache_t *cache,
    oauthcc_client_node_t *client);


#endif /* _OAUTHCC_ENTRY_H_INCLUDED_ */
