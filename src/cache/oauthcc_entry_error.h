
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_ENTRY_ERROR_H_INCLUDED_
#define _OAUTHCC_ENTRY_ERROR_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_zone.h"


/* of what is said of a failure besides its text, in bytes */
#define OAUTHCC_ENTRY_ERROR_DETAIL  256


/*
 * Why the last login of an entry has failed.  All calls are made under the
 * zone's lock.
 */


/*
 * Keeps it.  Without room for its text the entry has, from then on, that of
 * the last failure of its account: for now this one.
 */
void oauthcc_entry_error_set(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    oauthcc_failure_t *failure, ngx_str_t *detail);

/* Copies it. */
void oauthcc_entry_error_get(oauthcc_entry_t *entry,
    oauthcc_failure_t *failure);

/* What was said besides, or an empty text; the bytes are the zone's. */
void oauthcc_entry_error_detail(oauthcc_entry_t *entry, ngx_str_t *detail);


#endif /* _OAUTHCC_ENTRY_ERROR_H_INCLUDED_ */
