
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PAGE_CACHE_KEY_H_INCLUDED_
#define _OAUTHCC_PAGE_CACHE_KEY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_context.h"


/*
 * Records cache keys from here to the end of the http block: their modules
 * keep them private.
 */
ngx_int_t oauthcc_page_cache_key_record(ngx_conf_t *cf);
void oauthcc_page_cache_key_end(void *data);

/* A block inherits the key of the enclosing one, unless it has its own. */
void oauthcc_page_cache_key_merge(ngx_http_oauthcc_loc_conf_t *prev,
    ngx_http_oauthcc_loc_conf_t *conf);

/*
 * Warns of a block with a cache if its key cannot contain what the oauthcc
 * directive takes from the request.  NGX_ERROR: that is "subject_token=", and
 * the key is the same for all callers.
 */
ngx_int_t oauthcc_page_cache_key_check(ngx_conf_t *cf,
    ngx_http_oauthcc_loc_conf_t *prev, ngx_http_oauthcc_loc_conf_t *conf,
    ngx_uint_t gate);


#endif /* _OAUTHCC_PAGE_CACHE_KEY_H_INCLUDED_ */
