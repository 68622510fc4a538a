
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_CHAIN_H_INCLUDED_
#define _OAUTHCC_CHAIN_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_zone.h"


/*
 * Byte strings of any length in a zone, as chains of parts.  A chain is the
 * number of its first part, 0 if it has none.  All calls are made under the
 * zone's lock.
 */


/* The number of parts for so many bytes. */
#define oauthcc_chain_parts(len)                                              \
    (((len) + OAUTHCC_ZONE_PART - 1) / OAUTHCC_ZONE_PART)

/*
 * Writes bytes into the chain from this offset on, where it ends then.  What
 * followed is wiped and freed.  The zone must have enough parts, see
 * entry_room().
 */
void oauthcc_chain_write(oauthcc_zone_t *shared, uint32_t *chain,
    size_t offset, u_char *bytes, size_t len);

/* Reads bytes from it. */
void oauthcc_chain_read(oauthcc_zone_t *shared, uint32_t chain, size_t offset,
    u_char *to, size_t len);

/* Wipes and frees all of it. */
void oauthcc_chain_free(oauthcc_zone_t *shared, uint32_t *chain);


#endif /* _OAUTHCC_CHAIN_H_INCLUDED_ */
