
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_UNIT_H_INCLUDED_
#define _OAUTHCC_UNIT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "login_json/php/oauthcc_php_scalar.h"
#include <openssl/evp.h>
#include "oauth/oauthcc_signing_key.h"
#include "cache/oauthcc_zone.h"
#include "store/oauthcc_store_types.h"


/* a run of the cases of one room; the pool ends with it */

typedef struct {
    ngx_pool_t  *pool;
    ngx_log_t   *log;
    ngx_str_t    dir;     /* with a last slash */
    ngx_uint_t   number;  /* of cases so far */
} oauthcc_unit_t;


/* Prints "ok N - ..." or "not ok N - ...", and gives passed back. */

ngx_uint_t oauthcc_unit_ok(oauthcc_unit_t *unit, ngx_uint_t passed,
    const char *fmt, ...);

/* Prints a line that explains. */

void oauthcc_unit_diag(const char *fmt, ...);

/* A case that compares two strings, or two numbers. */

void oauthcc_unit_string(oauthcc_unit_t *unit, ngx_str_t *got,
    ngx_str_t *expected, char *name);
void oauthcc_unit_number(oauthcc_unit_t *unit, int64_t got, int64_t expected,
    char *name);

/*
 * How many signatures show that a byte of zero at their beginning is kept, of
 * which one in 128 has one; fewer where TEST_NGINX_SLOWER is set.
 */

ngx_uint_t oauthcc_unit_signatures(void);

ngx_uint_t oauthcc_unit_equal(ngx_str_t *a, ngx_str_t *b);

/* What initializes a datum. */

#define oauthcc_unit_null                                                     \
    { OAUTHCC_PHP_SCALAR_NULL, 0, 0, ngx_null_string }
#define oauthcc_unit_bool(value)                                              \
    { OAUTHCC_PHP_SCALAR_BOOL, value, 0, ngx_null_string }
#define oauthcc_unit_integer(value)                                           \
    { OAUTHCC_PHP_SCALAR_INTEGER, value, 0, ngx_null_string }
#define oauthcc_unit_real(value)                                              \
    { OAUTHCC_PHP_SCALAR_REAL, 0, value, ngx_null_string }
#define oauthcc_unit_bytes(value)                                             \
    { OAUTHCC_PHP_SCALAR_STRING, 0, 0, ngx_string(value) }

/* A copy without a byte behind it, for a reader may go too far; ngx_free(). */

ngx_int_t oauthcc_unit_copy(oauthcc_unit_t *unit, ngx_str_t *from,
    ngx_str_t *to);


/* Sets ngx_current_msec and the clock of the zone to this time. */

void oauthcc_unit_clock_set(oauthcc_time_t now);


/* A zone in memory of so many bytes, or, with NULL, in that of the pool. */

ngx_int_t oauthcc_unit_zone(oauthcc_unit_t *unit, u_char *memory, size_t size,
    oauthcc_cache_t *cache);

/* A store with these keys, in the pool: texts of files, then NULL. */

ngx_int_t oauthcc_unit_store(oauthcc_unit_t *unit, oauthcc_store_t *store,
    char **keys);


/* What runs the cases of a room, a file each: t/unit/FOLDER/ROOM.c. */

#define OAUTHCC_UNIT(room)                                                    \
    ngx_int_t oauthcc_unit_##room(oauthcc_unit_t *unit);

#include "oauthcc_unit_rooms.h"

#undef OAUTHCC_UNIT


/* A fresh key of OpenSSL's, and one as PEM; a password encrypts it. */

EVP_PKEY *oauthcc_unit_generate(int type, int param, int pss);
ngx_int_t oauthcc_unit_pem(ngx_pool_t *pool, EVP_PKEY *pkey, char *password,
    ngx_str_t *pem);

/* A certificate for a key, self-signed, that ends so many seconds from now. */

ngx_int_t oauthcc_unit_certify(ngx_pool_t *pool, EVP_PKEY *pkey, long seconds,
    ngx_str_t *pem, ngx_str_t *sha256);

/* Whether OpenSSL takes a signature of JWS for one of this text. */

ngx_uint_t oauthcc_unit_verify(oauthcc_signing_key_t *key, ngx_str_t *text,
    ngx_str_t *signature);


#endif /* _OAUTHCC_UNIT_H_INCLUDED_ */
