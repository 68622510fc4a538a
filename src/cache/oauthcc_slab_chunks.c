
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_slab_chunks.h"


/*
 * All but the last begin with where the next one is: how far it lies from the
 * beginning of the pool, in units of the smallest, 0 while there is none.
 * That is half the size of a pointer.
 */

#define OAUTHCC_SLAB_CHUNKS_LINK   sizeof(uint32_t)


static size_t oauthcc_slab_chunks_size(size_t len);
static size_t oauthcc_slab_chunks_waste(size_t len);
static size_t oauthcc_slab_chunks_round(size_t len);
static u_char *oauthcc_slab_chunks_next(ngx_slab_pool_t *pool, u_char *piece);


u_char *
oauthcc_slab_chunks_write(ngx_slab_pool_t *pool, u_char *bytes, size_t len,
    oauthcc_slab_chunks_alloc_pt alloc, void *data)
{
    size_t    size, rest;
    u_char   *piece, *first, *last;
    uint32_t  link;

    first = NULL;
    last = NULL;

    for (rest = len; /* void */ ; rest -= size) {
        size = oauthcc_slab_chunks_size(rest);

        piece = alloc(data, size);

        if (piece == NULL) {
            break;
        }

        if (last) {
            link = (uint32_t) ((size_t) (piece - (u_char *) pool)
                               / OAUTHCC_SLAB_CHUNKS_MIN);
            ngx_memcpy(last, &link, OAUTHCC_SLAB_CHUNKS_LINK);

        } else {
            first = piece;
        }

        if (size >= rest) {
            ngx_memcpy(piece, bytes, rest);
            return first;
        }

        ngx_memzero(piece, OAUTHCC_SLAB_CHUNKS_LINK);

        last = piece;
        size -= OAUTHCC_SLAB_CHUNKS_LINK;

        ngx_memcpy(piece + OAUTHCC_SLAB_CHUNKS_LINK, bytes, size);
        bytes += size;
    }

    if (first) {
        oauthcc_slab_chunks_free(pool, first, len);
    }

    return NULL;
}


void
oauthcc_slab_chunks_read(ngx_slab_pool_t *pool, u_char *piece, size_t len,
    u_char *to)
{
    size_t  size;

    for ( ;; ) {
        size = oauthcc_slab_chunks_size(len);

        if (size >= len) {
            ngx_memcpy(to, piece, len);
            return;
        }

        size -= OAUTHCC_SLAB_CHUNKS_LINK;

        to = ngx_cpymem(to, piece + OAUTHCC_SLAB_CHUNKS_LINK, size);
        len -= size;

        piece = oauthcc_slab_chunks_next(pool, piece);
    }
}


/* Also those of a run whose last pieces are missing. */

void
oauthcc_slab_chunks_free(ngx_slab_pool_t *pool, u_char *piece, size_t len)
{
    size_t   size;
    u_char  *next;

    while (piece) {
        size = oauthcc_slab_chunks_size(len);

        if (size >= len) {
            next = NULL;

        } else {
            next = oauthcc_slab_chunks_next(pool, piece);
            len -= size - OAUTHCC_SLAB_CHUNKS_LINK;
        }

        ngx_explicit_memzero(piece, size);
        ngx_slab_free_locked(pool, piece);

        piece = next;
    }
}


/* Of the first piece of so many bytes: the last one, if they fit. */

static size_t
oauthcc_slab_chunks_size(size_t len)
{
    size_t  size;

    if (len > ngx_pagesize) {
        return ngx_pagesize;
    }

    size = oauthcc_slab_chunks_round(len);

    return (oauthcc_slab_chunks_waste(len) == size - len) ? size
                                                              : size / 2;
}


/*
 * How much more than so many bytes, at most a page, their pieces take: either
 * one is larger than they are, or one of half that size is full, and others
 * have the rest.
 */

static size_t
oauthcc_slab_chunks_waste(size_t len)
{
    size_t  size, half, rest;

    size = oauthcc_slab_chunks_round(len);

    if (size == OAUTHCC_SLAB_CHUNKS_MIN) {
        return size - len;
    }

    half = size / 2 - OAUTHCC_SLAB_CHUNKS_LINK;
    rest = oauthcc_slab_chunks_waste(len - half);

    return ngx_min(size - len, OAUTHCC_SLAB_CHUNKS_LINK + rest);
}


static size_t
oauthcc_slab_chunks_round(size_t len)
{
    size_t  size;

    size = OAUTHCC_SLAB_CHUNKS_MIN;

    while (size < len) {
        size *= 2;
    }

    return size;
}


static u_char *
oauthcc_slab_chunks_next(ngx_slab_pool_t *pool, u_char *piece)
{
    uint32_t  link;

    ngx_memcpy(&link, piece, OAUTHCC_SLAB_CHUNKS_LINK);

    if (link == 0) {
        return NULL;
    }

    return (u_char *) pool + (size_t) link * OAUTHCC_SLAB_CHUNKS_MIN;
}
