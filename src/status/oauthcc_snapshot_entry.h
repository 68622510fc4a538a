
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _NGX_HTTP_OAUTHCC_PROFILE_H_INCLUDED_
#define _NGX_HTTP_OAUTHCC_PROFILE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "cache/oauthcc_entry.h"
#include "status/oauthcc_snapshot.h"


/* texts are copied under the lock, where nothing is allocated */

typedef struct {
    u_char                             *pos;
    u_char                             *end;
    size_t                              needed;
} ngx_http_oauthcc_profile_text_t;


/* What operators are shown of an entry; to be called under the lock. */
void ngx_http_oauthcc_profile_entry(ngx_http_oauthcc_entry_t *entry,
    ngx_http_oauthcc_report_entry_t *report,
    ngx_http_oauthcc_profile_text_t *text);

/* How many milliseconds it is until then, 0 if that is over. */
ngx_msec_t ngx_http_oauthcc_profile_left(ngx_msec_t point);


#endif /* _NGX_HTTP_OAUTHCC_PROFILE_H_INCLUDED_ */
