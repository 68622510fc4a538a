
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_REDACT_URL_H_INCLUDED_
#define _OAUTHCC_REDACT_URL_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/*
 * The form of a configured text for messages: in a URL, user info and
 * arguments become "...".  Returns the text itself if there is nothing to
 * hide, else pool memory, or "..." when memory runs out; never NULL.
 */
ngx_str_t *oauthcc_redact_url_text(ngx_pool_t *pool, ngx_str_t *text);

/* The same for a URL, whose scheme may be missing. */
ngx_str_t *oauthcc_redact_url(ngx_pool_t *pool, ngx_str_t *url);

/* The same for NAME=VALUE; a value of four bytes or more may be a secret. */
ngx_str_t *oauthcc_redact_url_value(ngx_pool_t *pool, ngx_str_t *text);


#endif /* _OAUTHCC_REDACT_URL_H_INCLUDED_ */
