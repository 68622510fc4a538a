
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_CLAIMS_H_INCLUDED_
#define _OAUTHCC_CLAIMS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_zone.h"


/*
 * What a server wants of a user before it gives a token, beside the reason of
 * an entry's failed login: all who ask are to be told.
 */

/* of the text, in bytes: a longer one is not kept */
#define OAUTHCC_CLAIMS_MAX  2048


/*
 * Under the lock: keeps the text with the reason of the entry, unless it is
 * empty.  Without room for it the status of the failure is 403.
 */
void oauthcc_claims_set(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    ngx_str_t *claims);

/*
 * Takes the lock: copies that of the entry with this digest to memory of
 * OAUTHCC_CLAIMS_MAX bytes.  Returns its length, 0: there is none.
 */
size_t oauthcc_claims_get(oauthcc_cache_t *cache, u_char *digest, u_char *to);


#endif /* _OAUTHCC_CLAIMS_H_INCLUDED_ */
