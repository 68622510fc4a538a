
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_SNAPSHOT_ENTRY_H_INCLUDED_
#define _OAUTHCC_SNAPSHOT_ENTRY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "cache/oauthcc_entry.h"
#include "status/oauthcc_snapshot.h"


/* texts are copied under the lock, where nothing is allocated */

typedef struct {
    u_char  *pos;
    u_char  *end;
    size_t   needed;
} oauthcc_snapshot_entry_text_t;


/* What operators are shown of an entry; to be called under the lock. */
void oauthcc_snapshot_entry_entry(oauthcc_entry_t *entry,
    oauthcc_snapshot_entry_t *report, oauthcc_snapshot_entry_text_t *text);

/* How many milliseconds it is until then, 0 if that is over. */
ngx_msec_t oauthcc_snapshot_entry_left(ngx_msec_t point);


#endif /* _OAUTHCC_SNAPSHOT_ENTRY_H_INCLUDED_ */
