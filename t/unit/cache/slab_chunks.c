
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_slab_chunks.h"
#include "oauthcc_unit.h"


#define OAUTHCC_UNIT_POOL   (256 * 1024)
#define OAUTHCC_UNIT_LEN    (5 * 4096)

/* more pieces than such a length has */
#define OAUTHCC_UNIT_MANY   16

/* that of the bytes that are written: nothing else has it */
#define OAUTHCC_UNIT_SIGN   0xa5


/* where pieces come from, and how many of them there are to be */

typedef struct {
    ngx_slab_pool_t  *pool;
    size_t            taken;
    ngx_uint_t        n;
    ngx_uint_t        max;
} oauthcc_unit_pieces_t;


static ngx_slab_pool_t *oauthcc_unit_pieces_pool(oauthcc_unit_t *unit);
static void *oauthcc_unit_pieces_alloc(void *data, size_t size);
static void oauthcc_unit_pieces_all(oauthcc_unit_t *unit,
    ngx_slab_pool_t *pool, u_char *bytes);
static void oauthcc_unit_pieces_some(oauthcc_unit_t *unit,
    ngx_slab_pool_t *pool, u_char *bytes);
static ngx_uint_t oauthcc_unit_pieces_traces(ngx_slab_pool_t *pool);


ngx_int_t
oauthcc_unit_slab_chunks(oauthcc_unit_t *unit)
{
    u_char           *bytes;
    ngx_slab_pool_t  *pool;

    pool = oauthcc_unit_pieces_pool(unit);
    if (pool == NULL) {
        return NGX_ERROR;
    }

    bytes = ngx_palloc(unit->pool, OAUTHCC_UNIT_LEN);
    if (bytes == NULL) {
        return NGX_ERROR;
    }

    ngx_memset(bytes, OAUTHCC_UNIT_SIGN, OAUTHCC_UNIT_LEN);

    oauthcc_unit_pieces_all(unit, pool, bytes);
    oauthcc_unit_pieces_some(unit, pool, bytes);

    return NGX_OK;
}


static ngx_slab_pool_t *
oauthcc_unit_pieces_pool(oauthcc_unit_t *unit)
{
    ngx_slab_pool_t  *pool;

    pool = ngx_pmemalign(unit->pool, OAUTHCC_UNIT_POOL,
                         ngx_pagesize);
    if (pool == NULL) {
        return NULL;
    }

    ngx_memzero(pool, OAUTHCC_UNIT_POOL);

    pool->addr = pool;
    pool->end = (u_char *) pool + OAUTHCC_UNIT_POOL;
    pool->min_shift = 3;

    ngx_slab_init(pool);

    pool->log_nomem = 0;

    return pool;
}


static void *
oauthcc_unit_pieces_alloc(void *data, size_t size)
{
    oauthcc_unit_pieces_t  *pieces = data;

    if (pieces->n == pieces->max) {
        return NULL;
    }

    pieces->n++;
    pieces->taken += size;

    return ngx_slab_alloc_locked(pieces->pool, size);
}


/* Of each length: it comes out as it went in, and takes little more. */

static void
oauthcc_unit_pieces_all(oauthcc_unit_t *unit, ngx_slab_pool_t *pool,
    u_char *bytes)
{
    size_t                 len, limit;
    u_char                *piece, *to;
    ngx_uint_t             i, pages, none, other, large, many, lost;
    oauthcc_unit_pieces_t  pieces;

    pages = pool->pfree;

    none = 0;
    other = 0;
    large = 0;
    many = 0;
    lost = 0;

    for (len = 1; len <= OAUTHCC_UNIT_LEN; len += (len > 5000) ? 31 : 1)
    {

        /* no two bytes near each other are alike, but for the last ones */

        for (i = 0; i < len; i++) {
            bytes[i] = (i < len - ngx_min(len, 16))
                       ? (u_char) (i ^ i >> 8)
                       : OAUTHCC_UNIT_SIGN;
        }

        ngx_memzero(&pieces, sizeof(oauthcc_unit_pieces_t));
        pieces.pool = pool;
        pieces.max = (ngx_uint_t) -1;

        piece = oauthcc_slab_chunks_write(pool, bytes, len,
                                          oauthcc_unit_pieces_alloc, &pieces);
        if (piece == NULL) {
            none++;
            continue;
        }

        /* of its own, without a byte behind it */

        to = ngx_alloc(len, unit->log);
        if (to == NULL) {
            none++;
            continue;
        }

        oauthcc_slab_chunks_read(pool, piece, len, to);
        other += (ngx_memcmp(bytes, to, len) != 0);
        ngx_free(to);

        limit = 56 + 4 * (len / 4096);
        large += (pieces.taken - len > limit);
        many += (pieces.n > 7 + len / 4096);

        /* a power of two is one piece */

        if (len <= 4096 && len >= 32 && (len & (len - 1)) == 0) {
            large += (pieces.taken != len);
        }

        oauthcc_slab_chunks_free(pool, piece, len);
        lost += (pool->pfree != pages);
    }

    oauthcc_unit_number(unit, none, 0, "each length fits");
    oauthcc_unit_number(unit, other, 0, "comes out as it went in");
    oauthcc_unit_number(unit, large, 0, "takes little more");
    oauthcc_unit_number(unit, many, 0, "is in few pieces");
    oauthcc_unit_number(unit, lost, 0, "and is given back");
    oauthcc_unit_number(unit, oauthcc_unit_pieces_traces(pool), 0,
                        "and overwritten");
}


/* Without room for one of its pieces none of the others is kept. */

static void
oauthcc_unit_pieces_some(oauthcc_unit_t *unit, ngx_slab_pool_t *pool,
    u_char *bytes)
{
    size_t                 len;
    u_char                *piece;
    ngx_uint_t             max, pages, kept, lost;
    oauthcc_unit_pieces_t  pieces;

    pages = pool->pfree;

    kept = 0;
    lost = 0;

    ngx_memset(bytes, OAUTHCC_UNIT_SIGN, OAUTHCC_UNIT_LEN);

    for (len = 1; len <= OAUTHCC_UNIT_LEN; len += 7) {

        for (max = 0; max < OAUTHCC_UNIT_MANY; max++) {
            ngx_memzero(&pieces, sizeof(oauthcc_unit_pieces_t));
            pieces.pool = pool;
            pieces.max = max;

            piece = oauthcc_slab_chunks_write(pool, bytes, len,
                                              oauthcc_unit_pieces_alloc,
                                              &pieces);
            if (piece) {
                kept += (pieces.n != max);
                oauthcc_slab_chunks_free(pool, piece, len);
                break;
            }

            lost += (pool->pfree != pages);
        }

        kept += (max == OAUTHCC_UNIT_MANY);
    }

    oauthcc_unit_number(unit, kept, 0, "all pieces, or none");
    oauthcc_unit_number(unit, lost, 0, "which gives back the others");
    oauthcc_unit_number(unit, oauthcc_unit_pieces_traces(pool), 0,
                        "overwritten");
}


/* How often the sign is in the pages of the pool, in a row of eight. */

static ngx_uint_t
oauthcc_unit_pieces_traces(ngx_slab_pool_t *pool)
{
    u_char     *p;
    ngx_uint_t  n, row;

    n = 0;
    row = 0;

    for (p = pool->start; p < pool->end; p++) {
        row = (*p == OAUTHCC_UNIT_SIGN) ? row + 1 : 0;
        n += (row == 8);
    }

    return n;
}
