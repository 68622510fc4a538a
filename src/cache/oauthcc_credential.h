
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_CREDENTIAL_H_INCLUDED_
#define _OAUTHCC_CREDENTIAL_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_types.h"


/*
 * The bytes of a credential: an access token, which may be empty, and the
 * items to put on requests, with items NULL the usual "Authorization: Bearer"
 * header.  They lie in the pool, or are those of the token.  NGX_ERROR if
 * memory runs out.
 */
ngx_int_t oauthcc_credential_pack(ngx_pool_t *pool, ngx_str_t *access_token,
    oauthcc_fields_t *items, oauthcc_packed_t *packed);

/* How much memory a credential of these bytes takes in a worker. */
size_t oauthcc_credential_size(oauthcc_packed_t *packed);

/* Where in memory of that size they are to be put first. */
u_char *oauthcc_credential_bytes(oauthcc_credential_t *credential,
    oauthcc_packed_t *packed);

/*
 * Makes memory that has them there a credential, with one reference; the
 * points are the caller's to set.  Of packed, data is not looked at.
 */
void oauthcc_credential_unpack(oauthcc_credential_t *credential,
    oauthcc_packed_t *packed);

/* Drops a reference. */
void oauthcc_credential_release(oauthcc_credential_t *credential);


#endif /* _OAUTHCC_CREDENTIAL_H_INCLUDED_ */
