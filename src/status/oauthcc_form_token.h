
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_FORM_TOKEN_H_INCLUDED_
#define _OAUTHCC_FORM_TOKEN_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_zone_key.h"


/*
 * Tokens of the forms on the status page: a page of another site cannot know
 * them.  Each is an HMAC under the secret of the zone, over provider, entry
 * and hour; it is accepted in its hour and the next one.
 */


/* of a token, in hexadecimal digits */
#define OAUTHCC_FORM_TOKEN_LEN  64


typedef struct {
    u_char    key[OAUTHCC_ZONE_KEY];
    uint64_t  hour;
} oauthcc_form_token_t;


/* For the tokens of a page.  NGX_ERROR: OpenSSL has no random bytes. */
ngx_int_t oauthcc_form_token_init(oauthcc_form_token_t *form,
    oauthcc_cache_t *cache);

/*
 * Writes the token for this provider and entry, which is empty for all of its
 * entries.  NGX_ERROR: OpenSSL has failed.
 */
ngx_int_t oauthcc_form_token_write(oauthcc_form_token_t *form,
    ngx_str_t *provider, ngx_str_t *entry,
    u_char token[OAUTHCC_FORM_TOKEN_LEN]);

/* Whether a text is such a token, of a page that is not too old. */
ngx_uint_t oauthcc_form_token_valid(oauthcc_cache_t *cache,
    ngx_str_t *provider, ngx_str_t *entry, ngx_str_t *token);


#endif /* _OAUTHCC_FORM_TOKEN_H_INCLUDED_ */
