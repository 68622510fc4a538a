
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_CHAIN_H_INCLUDED_
#define _OAUTHCC_CHAIN_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_zone.h"


/*
 * Bytes in a zone, of any length, in a chain of parts.  A chain is the number
 * of its first part, 0 if it has none.  All calls are made under the zone's
 * lock.
 */


/* How many parts so many bytes take. */
#define oauthcc_chain_parts(len)                                              \
    (((len) + OAUTHCC_ZONE_PART - 1) / OAUTHCC_ZONE_PART)

/*
 * Puts bytes into the chain from this offset on, where it ends then.  What it
 * had behind that is wiped and given back.  The zone has enough parts: see
 * entry_room().
 */
void oauthcc_chain_write(oauthcc_zone_t *shared, uint32_t *chain,
    size_t offset, u_char *bytes, size_t len);

/* Copies bytes out of it. */
void oauthcc_chain_read(oauthcc_zone_t *shared, uint32_t chain, size_t offset,
    u_char *to, size_t len);

/* Wipes and gives back all of it. */
void oauthcc_chain_free(oauthcc_zone_t *shared, uint32_t *chain);


#endif /* _OAUTHCC_CHAIN_H_INCLUDED_ */
