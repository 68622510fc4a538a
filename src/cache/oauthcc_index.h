
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_INDEX_H_INCLUDED_
#define _OAUTHCC_INDEX_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_zone.h"


/*
 * What is found by a digest: client nodes and entries, which are blocks and
 * begin with a node.  All calls are made under the zone's lock.
 */


/* The one of this kind with this digest, or NULL. */
void *oauthcc_index_find(oauthcc_zone_t *shared, u_char *digest,
    oauthcc_zone_kind_e kind);

/*
 * Calls the handler for the nodes of this kind, from *bucket on, which begins
 * with 0: for about n of them, to be called again without having held the lock
 * meanwhile.  What is there all the time is visited once, whatever happens to
 * others.  0: that was the last one.
 */
ngx_uint_t oauthcc_index_walk(oauthcc_zone_t *shared,
    oauthcc_zone_kind_e kind, ngx_uint_t *bucket, ngx_uint_t n,
    void (*handler)(void *data, void *node), void *data);

/*
 * The next node, after one of those before it, or from the first on (NULL),
 * whose digest begins with these bytes, at least four; or NULL.
 */
void *oauthcc_index_next(oauthcc_zone_t *shared, u_char *bytes, size_t len,
    oauthcc_zone_kind_e kind, void *after);

/* Makes it found, and not found any more. */
void oauthcc_index_add(oauthcc_zone_t *shared, oauthcc_zone_node_t *node,
    u_char *digest, oauthcc_zone_kind_e kind);
void oauthcc_index_remove(oauthcc_zone_t *shared, oauthcc_zone_node_t *node,
    oauthcc_zone_kind_e kind);


#endif /* _OAUTHCC_INDEX_H_INCLUDED_ */
