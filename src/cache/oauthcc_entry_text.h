
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_ENTRY_TEXT_H_INCLUDED_
#define _OAUTHCC_ENTRY_TEXT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_cache_query.h"
#include "cache/oauthcc_zone.h"


/* maximum length of the detail of a failure */
#define OAUTHCC_ENTRY_TEXT_DETAIL  232


/*
 * The label of an entry, by which operators tell it from others: the scope,
 * audience and resources that a request has set, and no other parameter.
 */

/* its maximum length; that of each text is what the status page can show */
#define OAUTHCC_ENTRY_TEXT_LEN    (4 * (OAUTHCC_TEXT + 1))
#define OAUTHCC_ENTRY_TEXT_LABEL                                              \
    (sizeof(oauthcc_entry_label_t) + 3 * OAUTHCC_ENTRY_TEXT_LEN)

/*
 * Writes the label of these parameters to memory of OAUTHCC_ENTRY_TEXT_LABEL
 * bytes.  Returns its length; 0: none of them is set.
 */
size_t oauthcc_entry_text_label_write(oauthcc_origin_t *origin, u_char *buf);

/*
 * Copies the label of an entry to such memory, and sets the texts to their
 * places in it.  The data of a text that was not set is NULL.
 */
void oauthcc_entry_text_label(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    u_char *buf, ngx_str_t *scope, ngx_str_t *audience, ngx_str_t *resource);


/* The last failed login of an entry, under the lock of its zone. */

/*
 * Stores it.  If there is no room for its texts, those of the last failure of
 * the client node are used, which is this one until the next.
 */
void oauthcc_entry_text_set(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    oauthcc_cache_failed_t *failed);

/* Frees it, and the claims. */
void oauthcc_entry_text_drop(oauthcc_cache_t *cache, oauthcc_entry_t *entry);

/* Copies it. */
void oauthcc_entry_text_get(oauthcc_entry_t *entry,
    oauthcc_failure_t *failure);

/* Its detail, or an empty text; the bytes are in the zone. */
void oauthcc_entry_text_detail(oauthcc_entry_t *entry, ngx_str_t *detail);


#endif /* _OAUTHCC_ENTRY_TEXT_H_INCLUDED_ */
