
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_STORE_PAYLOAD_H_INCLUDED_
#define _OAUTHCC_STORE_PAYLOAD_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_credential.h"


/* what is sealed: the credential of a login, and what is known of it */

typedef struct {
    oauthcc_packed_t  packed;
    ngx_msec_t        login_time;
    uint64_t          content;   /* see store_value_t */
    ngx_uint_t        reduced;
    ngx_uint_t        limited;
} oauthcc_store_payload_t;


/* A JSON text in the pool.  NGX_ERROR: no memory. */
ngx_int_t oauthcc_store_payload_write(ngx_pool_t *pool,
    oauthcc_store_payload_t *payload, ngx_str_t *text);

/*
 * Reads one: it is checked as the response of a login is.  NGX_DECLINED: it is
 * none; NGX_ERROR: no memory.
 */
ngx_int_t oauthcc_store_payload_read(ngx_pool_t *pool, ngx_str_t *text,
    oauthcc_store_payload_t *payload);

/* A number of n hexadecimal digits.  NGX_ERROR: it is none. */
ngx_int_t oauthcc_store_payload_digits(u_char *text, size_t n,
    uint64_t *value);


#endif /* _OAUTHCC_STORE_PAYLOAD_H_INCLUDED_ */
