
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_SLAB_CHUNKS_H_INCLUDED_
#define _OAUTHCC_SLAB_CHUNKS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/*
 * A run of bytes in shared memory.  The slab allocator rounds a size up to a
 * power of two, and above half a page to whole pages, so that a token could
 * take twice as much as it has bytes.  So it lies in several pieces, each of
 * which is full but the last one.  How a run is cut depends on its length
 * alone.  All calls are made under the lock of the pool.
 */


/* none is smaller: it would not be worth its link to the next one */
#define OAUTHCC_SLAB_CHUNKS_MIN   32

/* what links reach */
#define OAUTHCC_SLAB_CHUNKS_POOL                                              \
    ((uint64_t) NGX_MAX_UINT32_VALUE * OAUTHCC_SLAB_CHUNKS_MIN)


/* Memory of the pool for one piece, or NULL. */
typedef void *(*oauthcc_slab_chunks_alloc_pt)(void *data, size_t size);


/*
 * Copies a run, which is not empty, into pieces that alloc(data, size) gives;
 * it may free anything but these.  The first of them, or NULL if there is no
 * room for all: then none is kept.
 */
u_char *oauthcc_slab_chunks_write(ngx_slab_pool_t *pool, u_char *bytes,
    size_t len, oauthcc_slab_chunks_alloc_pt alloc, void *data);

/* Copies it out of its pieces; "to" has room for all of it. */
void oauthcc_slab_chunks_read(ngx_slab_pool_t *pool, u_char *piece, size_t len,
    u_char *to);

/* Overwrites and frees the pieces. */
void oauthcc_slab_chunks_free(ngx_slab_pool_t *pool, u_char *piece,
    size_t len);


#endif /* _OAUTHCC_SLAB_CHUNKS_H_INCLUDED_ */
