
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_BLOCKS_H_INCLUDED_
#define _OAUTHCC_BLOCKS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_zone.h"


/*
 * The memory of a zone: blocks of one size, each whole or divided into parts.
 * All calls are made under the zone's lock.
 */


/* kinds of blocks that are never freed */
#define OAUTHCC_BLOCKS_SLOTS  0x40
#define OAUTHCC_BLOCKS_STATS  0x80
#define OAUTHCC_BLOCKS_KEPT   (OAUTHCC_BLOCKS_SLOTS|OAUTHCC_BLOCKS_STATS)


/* The block of this number, which begins at 1, and the number of a block. */

#define oauthcc_blocks_at(shared, number)                                     \
    ((shared)->blocks + ((number) - 1) * OAUTHCC_ZONE_BLOCK)

#define oauthcc_blocks_number(shared, p)                                      \
    (1 + (size_t) ((u_char *) (p) - (shared)->blocks) / OAUTHCC_ZONE_BLOCK)


/* Frees and wipes all blocks but those that are kept. */
void oauthcc_blocks_reset(oauthcc_zone_t *shared);

/* Allocates a zeroed part, or what has this size; NULL if there is none. */
void *oauthcc_blocks_take_part(oauthcc_zone_t *shared);
void *oauthcc_blocks_alloc(oauthcc_zone_t *shared, size_t size);

/* Wipes and frees a block or a part. */
void oauthcc_blocks_free(oauthcc_zone_t *shared, void *p);

/* Keeps a block for ever, as one of this kind; it must be complete. */
void oauthcc_blocks_keep(oauthcc_zone_t *shared, void *block, u_char kind);

/* The first kept block of this kind after that number, or NULL. */
void *oauthcc_blocks_kept(oauthcc_zone_t *shared, u_char kind, ngx_uint_t *n);


#endif /* _OAUTHCC_BLOCKS_H_INCLUDED_ */
