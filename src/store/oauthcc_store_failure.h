
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_STORE_FAILURE_H_INCLUDED_
#define _OAUTHCC_STORE_FAILURE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "store/oauthcc_store.h"


/*
 * A failed login, as it is stored:
 *
 *     UNTIL COUNT STATUS CODE SEAL
 *
 * UNTIL is the end of the backoff in milliseconds of the store; CODE may be
 * empty.  SEAL are the hexadecimal digits of an empty sealed text, see
 * store_seal, which authenticates what is before it and the name it is stored
 * under: who may write to the store, but has no key, cannot keep gateways from
 * logging in.
 */

/* characters of it, at most */
#define OAUTHCC_STORE_FAILURE_TEXT  192


/* The text, in a buffer of that size.  NGX_ERROR: OpenSSL has failed. */
ngx_int_t oauthcc_store_failure_write(oauthcc_store_t *store, ngx_str_t *name,
    oauthcc_store_failure_t *failure, int64_t until, ngx_str_t *text);

/* NGX_DECLINED: it was written with none of our keys. */
ngx_int_t oauthcc_store_failure_read(oauthcc_store_t *store, ngx_str_t *name,
    ngx_str_t *text, oauthcc_store_failure_t *failure, int64_t *until);


#endif /* _OAUTHCC_STORE_FAILURE_H_INCLUDED_ */
