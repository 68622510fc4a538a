
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_blocks.h"


/* state of a block: a bit for each part in use, and one for a whole block */
#define OAUTHCC_BLOCKS_WHOLE  0x20


/* Free parts are in a queue; its links are stored in the parts themselves. */

#define oauthcc_blocks_part(block, i)                                         \
    ((ngx_queue_t *) ((block) + (i) * OAUTHCC_ZONE_PART))


static void *oauthcc_blocks_take(oauthcc_zone_t *shared);


void
oauthcc_blocks_reset(oauthcc_zone_t *shared)
{
    u_char      *block;
    ngx_uint_t   n;

    ngx_queue_init(&shared->free);
    ngx_queue_init(&shared->parts);
    shared->nfree = 0;

    for (n = 1; n <= shared->nblocks; n++) {

        if (shared->used[n - 1] & OAUTHCC_BLOCKS_KEPT) {
            continue;
        }

        block = oauthcc_blocks_at(shared, n);

        shared->used[n - 1] = OAUTHCC_BLOCKS_WHOLE;
        oauthcc_blocks_free(shared, block);
    }
}


static void *
oauthcc_blocks_take(oauthcc_zone_t *shared)
{
    ngx_queue_t  *q;

    if (ngx_queue_empty(&shared->free)) {
        return NULL;
    }

    q = ngx_queue_head(&shared->free);
    ngx_queue_remove(q);
    ngx_memzero(q, sizeof(ngx_queue_t));

    shared->used[oauthcc_blocks_number(shared, q) - 1] = OAUTHCC_BLOCKS_WHOLE;
    shared->nfree -= OAUTHCC_ZONE_PARTS;

    return q;
}


/* A whole block is divided only if no other block has a free part. */

void *
oauthcc_blocks_take_part(oauthcc_zone_t *shared)
{
    u_char       *block;
    ngx_uint_t    i, n;
    ngx_queue_t  *q;

    if (ngx_queue_empty(&shared->parts)) {
        block = oauthcc_blocks_take(shared);

        if (block == NULL) {
            return NULL;
        }

        shared->used[oauthcc_blocks_number(shared, block) - 1] = 0;
        shared->nfree += OAUTHCC_ZONE_PARTS;

        for (i = 0; i < OAUTHCC_ZONE_PARTS; i++) {
            ngx_queue_insert_tail(&shared->parts,
                                  oauthcc_blocks_part(block, i));
        }
    }

    q = ngx_queue_head(&shared->parts);
    ngx_queue_remove(q);
    ngx_memzero(q, sizeof(ngx_queue_t));

    n = oauthcc_blocks_number(shared, q);
    i = ((u_char *) q - oauthcc_blocks_at(shared, n)) / OAUTHCC_ZONE_PART;

    shared->used[n - 1] |= 1 << i;
    shared->nfree--;

    return q;
}


void *
oauthcc_blocks_alloc(oauthcc_zone_t *shared, size_t size)
{
    return (size <= OAUTHCC_ZONE_PART) ? oauthcc_blocks_take_part(shared)
                                       : oauthcc_blocks_take(shared);
}


void
oauthcc_blocks_free(oauthcc_zone_t *shared, void *p)
{
    u_char      *block, *used;
    ngx_uint_t   i, n;

    n = oauthcc_blocks_number(shared, p);
    block = oauthcc_blocks_at(shared, n);
    used = &shared->used[n - 1];

    if (*used == OAUTHCC_BLOCKS_WHOLE) {
        ngx_explicit_memzero(block, OAUTHCC_ZONE_BLOCK);

        *used = 0;
        ngx_queue_insert_head(&shared->free, (ngx_queue_t *) block);
        shared->nfree += OAUTHCC_ZONE_PARTS;
        return;
    }

    i = ((u_char *) p - block) / OAUTHCC_ZONE_PART;

    ngx_explicit_memzero(p, OAUTHCC_ZONE_PART);

    *used &= ~(1 << i);
    ngx_queue_insert_head(&shared->parts, oauthcc_blocks_part(block, i));
    shared->nfree++;

    if (*used) {
        return;
    }

    for (i = 0; i < OAUTHCC_ZONE_PARTS; i++) {
        ngx_queue_remove(oauthcc_blocks_part(block, i));
        ngx_memzero(oauthcc_blocks_part(block, i), sizeof(ngx_queue_t));
    }

    ngx_queue_insert_head(&shared->free, (ngx_queue_t *) block);
}


void
oauthcc_blocks_keep(oauthcc_zone_t *shared, void *block, u_char kind)
{
    shared->used[oauthcc_blocks_number(shared, block) - 1] = kind;
}


void *
oauthcc_blocks_kept(oauthcc_zone_t *shared, u_char kind, ngx_uint_t *n)
{
    while (*n < shared->nblocks) {
        (*n)++;

        if (shared->used[*n - 1] == kind) {
            return oauthcc_blocks_at(shared, *n);
        }
    }

    return NULL;
}
