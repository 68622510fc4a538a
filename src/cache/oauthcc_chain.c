
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_chain.h"
#include "cache/oauthcc_blocks.h"


#define oauthcc_chain_at(shared, part)                                        \
    ((shared)->blocks + ((part) - 1) * OAUTHCC_ZONE_PART)


void
oauthcc_chain_write(oauthcc_zone_t *shared, uint32_t *chain, size_t offset,
    u_char *bytes, size_t len)
{
    size_t   from, n;
    u_char  *part;

    while (offset + len) {

        if (*chain == 0) {
            part = oauthcc_blocks_take_part(shared);
            *chain = 1 + (part - shared->blocks) / OAUTHCC_ZONE_PART;
        }

        part = oauthcc_chain_at(shared, *chain);

        from = ngx_min(offset, OAUTHCC_ZONE_PART);
        n = ngx_min(len, OAUTHCC_ZONE_PART - from);

        if (n) {
            ngx_memcpy(part + from, bytes, n);
            bytes += n;
            len -= n;
        }

        ngx_explicit_memzero(part + from + n, OAUTHCC_ZONE_PART - from - n);

        offset -= from;
        chain = &shared->links[*chain - 1];
    }

    oauthcc_chain_free(shared, chain);
}


void
oauthcc_chain_read(oauthcc_zone_t *shared, uint32_t chain, size_t offset,
    u_char *to, size_t len)
{
    size_t  from, n;

    while (len) {
        from = ngx_min(offset, OAUTHCC_ZONE_PART);
        n = ngx_min(len, OAUTHCC_ZONE_PART - from);

        if (n) {
            to = ngx_cpymem(to, oauthcc_chain_at(shared, chain) + from, n);
            len -= n;
        }

        offset -= from;
        chain = shared->links[chain - 1];
    }
}


void
oauthcc_chain_free(oauthcc_zone_t *shared, uint32_t *chain)
{
    uint32_t  part, next;

    part = *chain;
    *chain = 0;

    while (part) {
        next = shared->links[part - 1];
        shared->links[part - 1] = 0;

        oauthcc_blocks_free(shared, oauthcc_chain_at(shared, part));
        part = next;
    }
}
