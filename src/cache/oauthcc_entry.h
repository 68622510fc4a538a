
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


/* unused for this long, in milliseconds, an entry is idle */
#define OAUTHCC_ENTRY_IDLE    10000


/* The entries of a zone, in its memory.  All calls are made under its lock. */


/* The entry with this digest, or NULL. */
oauthcc_entry_t *oauthcc_entry_lookup(oauthcc_cache_t *cache, u_char *digest);

/* Makes one of this origin.  NULL: the zone is full of what is in use. */
oauthcc_entry_t *oauthcc_entry_create(oauthcc_cache_t *cache, u_char *digest,
    oauthcc_origin_t *origin);

/* That with this lease, or NULL. */
oauthcc_entry_t *oauthcc_entry_leased(oauthcc_cache_t *cache, u_char *digest,
    uint64_t lease);

/*
 * That of the client node which was used before this one; NULL stands for what
 * is before the most recent and after the least recent one.
 */
oauthcc_entry_t *oauthcc_entry_next(oauthcc_client_node_t *client,
    oauthcc_entry_t *entry);

/* Ends the lease of an entry without a token. */
void oauthcc_entry_end_lease(oauthcc_cache_t *cache, oauthcc_entry_t *entry);

/* Frees one.  Its client node ends with its last. */
void oauthcc_entry_drop(oauthcc_cache_t *cache, oauthcc_entry_t *entry);

/* Notes that an entry is in use. */
void oauthcc_entry_use(oauthcc_cache_t *cache, oauthcc_entry_t *entry);

/*
 * Notes from when on it may be evicted: the end of its token, or when it was
 * unused for OAUTHCC_ENTRY_IDLE.  To be called when these have changed, or its
 * lease has ended.
 */
void oauthcc_entry_idle(oauthcc_cache_t *cache, oauthcc_entry_t *entry);

/* Gives its word a new value: no local entry is the present one then. */
void oauthcc_entry_changed(oauthcc_cache_t *cache, oauthcc_entry_t *entry);

/*
 * Gives an entry this token in place of the one that it has.  NGX_DECLINED
 * if there is no room: then it keeps what it has.
 */
ngx_int_t oauthcc_entry_store(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    oauthcc_issued_t *login);

/* Copies the bytes of its credential, of which packed.len says how many. */
void oauthcc_entry_read(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    u_char *to);

/* Copies the credential itself, into memory of a worker. */
void oauthcc_entry_copy(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    oauthcc_credential_t *credential);

/*
 * Memory of the zone, of zeros: a part of a block, or a whole one, and no
 * more.  Entries that are idle make room, "keep" (it may be NULL) never.
 * NULL if none are.
 */
void *oauthcc_entry_alloc(oauthcc_cache_t *cache, size_t size,
    oauthcc_entry_t *keep);

/* The same for so many parts of a chain, which stay free; or NGX_DECLINED. */
ngx_int_t oauthcc_entry_room(oauthcc_cache_t *cache, size_t parts,
    oauthcc_entry_t *keep);

/* One of those that a client node counts is gone; it ends with the last. */
void oauthcc_entry_leave(oauthcc_cache_t *cache,
    oauthcc_client_node_t *client);


#endif /* _OAUTHCC_ENTRY_H_INCLUDED_ */
