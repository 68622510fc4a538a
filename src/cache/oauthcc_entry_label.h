
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_ENTRY_LABEL_H_INCLUDED_
#define _OAUTHCC_ENTRY_LABEL_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_zone.h"


/*
 * What tells an operator which entry of a provider it is: the scope, audience
 * and resources that a request has set, and no other of its parameters.
 */

/* How many bytes the label of these parameters takes; 0: they need none. */
size_t oauthcc_entry_label_size(oauthcc_origin_t *origin);

/* Writes it to memory of that size. */
void oauthcc_entry_label_write(oauthcc_entry_label_t *label,
    oauthcc_origin_t *origin);

/*
 * Reads it: the texts that the request has set, also if to nothing; the others
 * have no data.  The bytes are the label's.
 */
void oauthcc_entry_label_read(oauthcc_entry_label_t *label, ngx_str_t *scope,
    ngx_str_t *audience, ngx_str_t *resource);


#endif /* _OAUTHCC_ENTRY_LABEL_H_INCLUDED_ */
