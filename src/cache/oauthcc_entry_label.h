
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _NGX_HTTP_OAUTHCC_LABEL_H_INCLUDED_
#define _NGX_HTTP_OAUTHCC_LABEL_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_zone.h"


/*
 * What tells an operator which entry of a provider it is: the scope, audience
 * and resources that a request has set, and no other of its parameters.
 */

/* How many bytes the label of these parameters takes; 0: they need none. */
size_t ngx_http_oauthcc_label_size(ngx_http_oauthcc_origin_t *origin);

/* Writes it to memory of that size. */
void ngx_http_oauthcc_label_write(ngx_http_oauthcc_label_t *label,
    ngx_http_oauthcc_origin_t *origin);

/*
 * Reads it: the texts that the request has set, also if to nothing; the others
 * have no data.  The bytes are the label's.
 */
void ngx_http_oauthcc_label_read(ngx_http_oauthcc_label_t *label,
    ngx_str_t *scope, ngx_str_t *audience, ngx_str_t *resource);


#endif /* _NGX_HTTP_OAUTHCC_LABEL_H_INCLUDED_ */
