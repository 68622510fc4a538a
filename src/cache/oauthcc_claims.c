
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "cache/oauthcc_claims.h"
#include "cache/oauthcc_chain.h"
#include "cache/oauthcc_entry.h"
#include "cache/oauthcc_lock.h"


void
oauthcc_claims_set(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    ngx_str_t *claims)
{
    oauthcc_entry_error_t  *reason;

    if (claims->len == 0) {
        return;
    }

    reason = entry->history.reason;

    if (reason == NULL || claims->len > OAUTHCC_CLAIMS_MAX
        || oauthcc_entry_room(cache, oauthcc_chain_parts(claims->len), entry)
           != NGX_OK)
    {
        entry->history.status = NGX_HTTP_FORBIDDEN;
        return;
    }

    oauthcc_chain_write(cache->shared, &reason->text, 0, claims->data,
                        claims->len);

    reason->claims = claims->len;
}


size_t
oauthcc_claims_get(oauthcc_cache_t *cache, u_char *digest, u_char *to)
{
    size_t                  len;
    oauthcc_entry_t        *entry;
    oauthcc_entry_error_t  *reason;

    len = 0;

    oauthcc_lock_read(cache);

    entry = oauthcc_entry_lookup(cache, digest);
    reason = entry ? entry->history.reason : NULL;

    if (reason && reason->claims) {
        len = reason->claims;
        oauthcc_chain_read(cache->shared, reason->text, 0, to, len);
    }

    oauthcc_lock_release(cache);

    return len;
}
