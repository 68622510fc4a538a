
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_index.h"
#include "cache/oauthcc_blocks.h"


/* so many buckets are looked at in a row, if they are empty */
#define OAUTHCC_INDEX_EMPTY  512


static uint32_t *oauthcc_index_bucket(oauthcc_zone_t *shared, u_char *digest,
    oauthcc_zone_kind_e kind);


void *
oauthcc_index_find(oauthcc_zone_t *shared, u_char *digest,
    oauthcc_zone_kind_e kind)
{
    uint32_t              number;
    oauthcc_zone_node_t  *node;

    for (number = *oauthcc_index_bucket(shared, digest, kind);
         number;
         number = node->next)
    {
        node = (oauthcc_zone_node_t *) oauthcc_blocks_at(shared, number);

        if (ngx_memcmp(node->digest, digest, OAUTHCC_DIGEST_LEN) == 0) {
            return node;
        }
    }

    return NULL;
}


ngx_uint_t
oauthcc_index_walk(oauthcc_zone_t *shared, oauthcc_zone_kind_e kind,
    ngx_uint_t *bucket, ngx_uint_t n,
    void (*handler)(void *data, void *node), void *data)
{
    uint32_t              number;
    ngx_uint_t            i, visited;
    oauthcc_zone_node_t  *node;

    visited = 0;

    for (i = 0;
         *bucket < shared->nbuckets[kind] && visited < n
         && i < OAUTHCC_INDEX_EMPTY;
         i++)
    {
        number = shared->buckets[kind][(*bucket)++];

        while (number) {
            node = (oauthcc_zone_node_t *) oauthcc_blocks_at(shared, number);
            number = node->next;

            handler(data, node);
            visited++;
        }
    }

    return *bucket < shared->nbuckets[kind];
}


void *
oauthcc_index_next(oauthcc_zone_t *shared, u_char *bytes, size_t len,
    oauthcc_zone_kind_e kind, void *after)
{
    uint32_t              number;
    oauthcc_zone_node_t  *node;

    node = after;

    for (number = node ? node->next
                       : *oauthcc_index_bucket(shared, bytes, kind);
         number;
         number = node->next)
    {
        node = (oauthcc_zone_node_t *) oauthcc_blocks_at(shared, number);

        if (ngx_memcmp(node->digest, bytes, len) == 0) {
            return node;
        }
    }

    return NULL;
}


void
oauthcc_index_add(oauthcc_zone_t *shared, oauthcc_zone_node_t *node,
    u_char *digest, oauthcc_zone_kind_e kind)
{
    uint32_t  *bucket;

    ngx_memcpy(node->digest, digest, OAUTHCC_DIGEST_LEN);

    bucket = oauthcc_index_bucket(shared, digest, kind);

    node->next = *bucket;
    *bucket = oauthcc_blocks_number(shared, node);
}


void
oauthcc_index_remove(oauthcc_zone_t *shared, oauthcc_zone_node_t *node,
    oauthcc_zone_kind_e kind)
{
    uint32_t             *link, number;
    oauthcc_zone_node_t  *other;

    link = oauthcc_index_bucket(shared, node->digest, kind);
    number = oauthcc_blocks_number(shared, node);

    while (*link != number) {
        other = (oauthcc_zone_node_t *) oauthcc_blocks_at(shared, *link);
        link = &other->next;
    }

    *link = node->next;
}


/* The digest is that of a cryptographic hash: any part of it is uniform. */

static uint32_t *
oauthcc_index_bucket(oauthcc_zone_t *shared, u_char *digest,
    oauthcc_zone_kind_e kind)
{
    uint32_t  hash;

    ngx_memcpy(&hash, digest, sizeof(uint32_t));

    return &shared->buckets[kind][hash % shared->nbuckets[kind]];
}
