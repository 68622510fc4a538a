
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_ENTRY_TEXT_H_INCLUDED_
#define _OAUTHCC_ENTRY_TEXT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_cache_query.h"
#include "cache/oauthcc_zone.h"


/* of what is said of a failure besides its text, in bytes */
#define OAUTHCC_ENTRY_TEXT_DETAIL  232


/*
 * What tells an operator which entry of a provider it is: the scope, audience
 * and resources that a request has set, and no other of its parameters.
 */

/* the most bytes that it takes; each text is as long as a page may show it */
#define OAUTHCC_ENTRY_TEXT_LEN    (4 * (OAUTHCC_TEXT + 1))
#define OAUTHCC_ENTRY_TEXT_LABEL                                              \
    (sizeof(oauthcc_entry_label_t) + 3 * OAUTHCC_ENTRY_TEXT_LEN)

/*
 * Writes the label of these parameters to memory of OAUTHCC_ENTRY_TEXT_LABEL
 * bytes.  Returns its length, 0: they need none.
 */
size_t oauthcc_entry_text_label_write(oauthcc_origin_t *origin, u_char *buf);

/*
 * Copies that of an entry to such memory, where the texts then
 * are that the request has set, also if to nothing; the others have no data.
 */
void oauthcc_entry_text_label(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    u_char *buf, ngx_str_t *scope, ngx_str_t *audience, ngx_str_t *resource);


/*
 * Why the last login of an entry has failed, under the lock of its zone.
 */

/*
 * Keeps it.  Without room for its text the entry has, from then on, that of
 * the last failure of its client node: for now this one.
 */
void oauthcc_entry_text_set(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    oauthcc_cache_failed_t *failed);

/* Frees it, and what was wanted of the user. */
void oauthcc_entry_text_drop(oauthcc_cache_t *cache, oauthcc_entry_t *entry);

/* Copies it. */
void oauthcc_entry_text_get(oauthcc_entry_t *entry,
    oauthcc_failure_t *failure);

/* What was said besides, or an empty text; the bytes are the zone's. */
void oauthcc_entry_text_detail(oauthcc_entry_t *entry, ngx_str_t *detail);


#endif /* _OAUTHCC_ENTRY_TEXT_H_INCLUDED_ */
