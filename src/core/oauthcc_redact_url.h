
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_REDACT_URL_H_INCLUDED_
#define _OAUTHCC_REDACT_URL_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/*
 * What a message may show of a text of the configuration: in a URL, user info
 * and arguments become "...".  The text itself if there is nothing to hide, or
 * memory of the pool, or "..." when that runs out; never NULL.
 */
ngx_str_t *oauthcc_redact_url_text(ngx_pool_t *pool, ngx_str_t *text);

/* The same of what is to be a URL, and may lack its scheme. */
ngx_str_t *oauthcc_redact_url(ngx_pool_t *pool, ngx_str_t *url);

/* The same of NAME=VALUE, whose value may be a secret from four bytes on. */
ngx_str_t *oauthcc_redact_url_value(ngx_pool_t *pool, ngx_str_t *text);


#endif /* _OAUTHCC_REDACT_URL_H_INCLUDED_ */
