
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include "login_json/php/oauthcc_php_function.h"
#include "login_json/php/oauthcc_php_date.h"
#include "login_json/php/oauthcc_php_sprintf.h"
#include "login_json/php/oauthcc_php_strtotime.h"
#include "core/oauthcc_text.h"


typedef struct {
    ngx_str_t  name;
    const EVP_MD                     *(*md)(void);
} oauthcc_php_function_hash_t;


static ngx_int_t oauthcc_php_function_concat(ngx_pool_t *pool,
    oauthcc_php_scalar_t *args, ngx_uint_t n, oauthcc_php_scalar_t *out,
    char **err);
static ngx_int_t oauthcc_php_function_implode(ngx_pool_t *pool,
    oauthcc_php_scalar_t *args, ngx_uint_t n, oauthcc_php_scalar_t *out,
    char **err);
static ngx_int_t oauthcc_php_function_base64_encode(ngx_pool_t *pool,
    oauthcc_php_scalar_t *args, ngx_uint_t n, oauthcc_php_scalar_t *out,
    char **err);
static ngx_int_t oauthcc_php_function_md5(ngx_pool_t *pool,
    oauthcc_php_scalar_t *args, ngx_uint_t n, oauthcc_php_scalar_t *out,
    char **err);
static ngx_int_t oauthcc_php_function_sha1(ngx_pool_t *pool,
    oauthcc_php_scalar_t *args, ngx_uint_t n, oauthcc_php_scalar_t *out,
    char **err);
static ngx_int_t oauthcc_php_function_hash(ngx_pool_t *pool,
    oauthcc_php_scalar_t *args, ngx_uint_t n, oauthcc_php_scalar_t *out,
    char **err);
static ngx_int_t oauthcc_php_function_hash_hmac(ngx_pool_t *pool,
    oauthcc_php_scalar_t *args, ngx_uint_t n, oauthcc_php_scalar_t *out,
    char **err);
static ngx_int_t oauthcc_php_function_sprintf(ngx_pool_t *pool,
    oauthcc_php_scalar_t *args, ngx_uint_t n, oauthcc_php_scalar_t *out,
    char **err);
static ngx_int_t oauthcc_php_function_ifempty(ngx_pool_t *pool,
    oauthcc_php_scalar_t *args, ngx_uint_t n, oauthcc_php_scalar_t *out,
    char **err);
static ngx_int_t oauthcc_php_function_time(ngx_pool_t *pool,
    oauthcc_php_scalar_t *args, ngx_uint_t n, oauthcc_php_scalar_t *out,
    char **err);
static ngx_int_t oauthcc_php_function_date(ngx_pool_t *pool,
    oauthcc_php_scalar_t *args, ngx_uint_t n, oauthcc_php_scalar_t *out,
    char **err);
static ngx_int_t oauthcc_php_function_strtotime(ngx_pool_t *pool,
    oauthcc_php_scalar_t *args, ngx_uint_t n, oauthcc_php_scalar_t *out,
    char **err);
static ngx_int_t oauthcc_php_function_check_hash(oauthcc_php_scalar_t *first,
    ngx_uint_t n, char **err);
static ngx_int_t oauthcc_php_function_check_hmac(oauthcc_php_scalar_t *first,
    ngx_uint_t n, char **err);
static ngx_int_t oauthcc_php_function_check_sprintf(
    oauthcc_php_scalar_t *first, ngx_uint_t n, char **err);
static ngx_int_t oauthcc_php_function_check_strtotime(
    oauthcc_php_scalar_t *first, ngx_uint_t n, char **err);
static ngx_int_t oauthcc_php_function_join(ngx_pool_t *pool, ngx_str_t *glue,
    oauthcc_php_scalar_t *args, ngx_uint_t n, oauthcc_php_scalar_t *out);
static ngx_int_t oauthcc_php_function_digest(ngx_pool_t *pool,
    const EVP_MD *md, oauthcc_php_scalar_t *data, oauthcc_php_scalar_t *key,
    oauthcc_php_scalar_t *binary, oauthcc_php_scalar_t *out, char **err);
static ngx_int_t oauthcc_php_function_crc32b(ngx_pool_t *pool,
    oauthcc_php_scalar_t *data, oauthcc_php_scalar_t *binary,
    oauthcc_php_scalar_t *out);
static ngx_int_t oauthcc_php_function_bytes(ngx_pool_t *pool, u_char *bytes,
    size_t len, oauthcc_php_scalar_t *binary, oauthcc_php_scalar_t *out);
static ngx_uint_t oauthcc_php_function_is_crc32b(oauthcc_php_scalar_t *name);
static const EVP_MD *oauthcc_php_function_md(ngx_str_t *name);


static oauthcc_php_function_t  oauthcc_functions[] = {

    { ngx_string("concat"), 0, OAUTHCC_PHP_FUNCTION_ANY, 0, 0,
      oauthcc_php_function_concat, NULL },

    { ngx_string("implode"), 1, 2, 0, 1,
      oauthcc_php_function_implode, NULL },

    { ngx_string("base64_encode"), 1, 1, 0, 0,
      oauthcc_php_function_base64_encode, NULL },

    { ngx_string("md5"), 1, 2, 0, 0,
      oauthcc_php_function_md5, NULL },

    { ngx_string("sha1"), 1, 2, 0, 0,
      oauthcc_php_function_sha1, NULL },

    { ngx_string("hash"), 2, 3, 0, 0,
      oauthcc_php_function_hash,
      oauthcc_php_function_check_hash },

    { ngx_string("hash_hmac"), 3, 4, 0, 0,
      oauthcc_php_function_hash_hmac,
      oauthcc_php_function_check_hmac },

    { ngx_string("sprintf"), 1, OAUTHCC_PHP_FUNCTION_ANY, 0, 0,
      oauthcc_php_function_sprintf,
      oauthcc_php_function_check_sprintf },

    { ngx_string("ifempty"), 2, 2, 0, 0,
      oauthcc_php_function_ifempty, NULL },

    { ngx_string("time"), 0, 0, 1, 0,
      oauthcc_php_function_time, NULL },

    { ngx_string("date"), 1, 2, 1, 0,
      oauthcc_php_function_date, NULL },

    { ngx_string("strtotime"), 1, 2, 1, 0,
      oauthcc_php_function_strtotime,
      oauthcc_php_function_check_strtotime },

    { ngx_null_string, 0, 0, 0, 0, NULL, NULL }
};


/* PHP's names of the digests */

static oauthcc_php_function_hash_t  oauthcc_php_function_hashes[] = {
    { ngx_string("md5"), EVP_md5 },
    { ngx_string("sha1"), EVP_sha1 },
#ifndef OPENSSL_NO_RMD160
    { ngx_string("ripemd160"), EVP_ripemd160 },
#endif
    { ngx_string("sha224"), EVP_sha224 },
    { ngx_string("sha256"), EVP_sha256 },
    { ngx_string("sha384"), EVP_sha384 },
    { ngx_string("sha512"), EVP_sha512 },
    { ngx_string("sha512/256"), EVP_sha512_256 },
#if !(defined OPENSSL_IS_BORINGSSL)
    { ngx_string("sha512/224"), EVP_sha512_224 },
    { ngx_string("sha3-224"), EVP_sha3_224 },
    { ngx_string("sha3-256"), EVP_sha3_256 },
    { ngx_string("sha3-384"), EVP_sha3_384 },
    { ngx_string("sha3-512"), EVP_sha3_512 },
#endif
    { ngx_null_string, NULL }
};


oauthcc_php_function_t *
oauthcc_php_function_find(ngx_str_t *name)
{
    oauthcc_php_function_t  *function;

    for (function = oauthcc_functions; function->name.len; function++) {
        if (oauthcc_text_eq(&function->name, name)) {
            return function;
        }
    }

    return NULL;
}


static ngx_int_t
oauthcc_php_function_concat(ngx_pool_t *pool, oauthcc_php_scalar_t *args,
    ngx_uint_t n, oauthcc_php_scalar_t *out, char **err)
{
    ngx_str_t  none;

    ngx_str_null(&none);

    return oauthcc_php_function_join(pool, &none, args, n, out);
}


static ngx_int_t
oauthcc_php_function_implode(ngx_pool_t *pool, oauthcc_php_scalar_t *args,
    ngx_uint_t n, oauthcc_php_scalar_t *out, char **err)
{
    ngx_str_t  glue;

    if (oauthcc_php_scalar_string(pool, &args[0], &glue) != NGX_OK) {
        return NGX_ERROR;
    }

    return oauthcc_php_function_join(pool, &glue, &args[1], n - 1, out);
}


static ngx_int_t
oauthcc_php_function_base64_encode(ngx_pool_t *pool,
    oauthcc_php_scalar_t *args, ngx_uint_t n, oauthcc_php_scalar_t *out,
    char **err)
{
    ngx_str_t  plain;

    if (oauthcc_php_scalar_string(pool, &args[0], &plain) != NGX_OK) {
        return NGX_ERROR;
    }

    out->string.data = ngx_pnalloc(pool,
                                   ngx_base64_encoded_length(plain.len) + 1);
    if (out->string.data == NULL) {
        return NGX_ERROR;
    }

    out->type = OAUTHCC_PHP_SCALAR_STRING;

    ngx_encode_base64(&out->string, &plain);

    return NGX_OK;
}


static ngx_int_t
oauthcc_php_function_md5(ngx_pool_t *pool, oauthcc_php_scalar_t *args,
    ngx_uint_t n, oauthcc_php_scalar_t *out, char **err)
{
    return oauthcc_php_function_digest(pool, EVP_md5(), &args[0], NULL,
                                       n > 1 ? &args[1] : NULL, out,
                                       err);
}


static ngx_int_t
oauthcc_php_function_sha1(ngx_pool_t *pool, oauthcc_php_scalar_t *args,
    ngx_uint_t n, oauthcc_php_scalar_t *out, char **err)
{
    return oauthcc_php_function_digest(pool, EVP_sha1(), &args[0], NULL,
                                       n > 1 ? &args[1] : NULL, out,
                                       err);
}


static ngx_int_t
oauthcc_php_function_hash(ngx_pool_t *pool, oauthcc_php_scalar_t *args,
    ngx_uint_t n, oauthcc_php_scalar_t *out, char **err)
{
    if (oauthcc_php_function_check_hash(&args[0], n, err) != NGX_OK) {
        return NGX_DECLINED;
    }

    if (oauthcc_php_function_is_crc32b(&args[0])) {
        return oauthcc_php_function_crc32b(pool, &args[1],
                                           n > 2 ? &args[2] : NULL, out);
    }

    return oauthcc_php_function_digest(pool,
                             oauthcc_php_function_md(&args[0].string),
                             &args[1], NULL, n > 2 ? &args[2] : NULL, out,
                                       err);
}


static ngx_int_t
oauthcc_php_function_hash_hmac(ngx_pool_t *pool, oauthcc_php_scalar_t *args,
    ngx_uint_t n, oauthcc_php_scalar_t *out, char **err)
{
    if (oauthcc_php_function_check_hmac(&args[0], n, err) != NGX_OK) {
        return NGX_DECLINED;
    }

    return oauthcc_php_function_digest(pool,
                             oauthcc_php_function_md(&args[0].string),
                             &args[1], &args[2], n > 3 ? &args[3] : NULL, out,
                                       err);
}


static ngx_int_t
oauthcc_php_function_sprintf(ngx_pool_t *pool, oauthcc_php_scalar_t *args,
    ngx_uint_t n, oauthcc_php_scalar_t *out, char **err)
{
    ngx_str_t  format;

    if (oauthcc_php_scalar_string(pool, &args[0], &format) != NGX_OK) {
        return NGX_ERROR;
    }

    out->type = OAUTHCC_PHP_SCALAR_STRING;

    return oauthcc_php_sprintf(pool, &format, &args[1], n - 1,
                               &out->string, err);
}


static ngx_int_t
oauthcc_php_function_ifempty(ngx_pool_t *pool, oauthcc_php_scalar_t *args,
    ngx_uint_t n, oauthcc_php_scalar_t *out, char **err)
{
    *out = oauthcc_php_scalar_empty(&args[0]) ? args[1] : args[0];

    return NGX_OK;
}


static ngx_int_t
oauthcc_php_function_time(ngx_pool_t *pool, oauthcc_php_scalar_t *args,
    ngx_uint_t n, oauthcc_php_scalar_t *out, char **err)
{
    out->type = OAUTHCC_PHP_SCALAR_INTEGER;
    out->integer = ngx_time();

    return NGX_OK;
}


static ngx_int_t
oauthcc_php_function_date(ngx_pool_t *pool, oauthcc_php_scalar_t *args,
    ngx_uint_t n, oauthcc_php_scalar_t *out, char **err)
{
    int64_t    sec;
    ngx_str_t  format;

    if (oauthcc_php_scalar_string(pool, &args[0], &format) != NGX_OK) {
        return NGX_ERROR;
    }

    sec = (n > 1) ? oauthcc_php_scalar_integer(&args[1]) : ngx_time();

    out->type = OAUTHCC_PHP_SCALAR_STRING;

    return oauthcc_php_date(pool, &format, sec, &out->string);
}


static ngx_int_t
oauthcc_php_function_strtotime(ngx_pool_t *pool, oauthcc_php_scalar_t *args,
    ngx_uint_t n, oauthcc_php_scalar_t *out, char **err)
{
    int64_t    now;
    ngx_str_t  text;

    if (oauthcc_php_scalar_string(pool, &args[0], &text) != NGX_OK) {
        return NGX_ERROR;
    }

    now = (n > 1) ? oauthcc_php_scalar_integer(&args[1]) : ngx_time();

    out->type = OAUTHCC_PHP_SCALAR_INTEGER;

    if (oauthcc_php_strtotime(&text, now, &out->integer) != NGX_OK) {
        *err = "strtotime() does not understand its text";
        return NGX_DECLINED;
    }

    return NGX_OK;
}


/* A checksum such as crc32 is no digest and has no HMAC. */

static ngx_int_t
oauthcc_php_function_check_hash(oauthcc_php_scalar_t *first, ngx_uint_t n,
    char **err)
{
    return oauthcc_php_function_is_crc32b(first)
           ? NGX_OK : oauthcc_php_function_check_hmac(first, n, err);
}


static ngx_int_t
oauthcc_php_function_check_hmac(oauthcc_php_scalar_t *first, ngx_uint_t n,
    char **err)
{
    if (first->type != OAUTHCC_PHP_SCALAR_STRING
        || oauthcc_php_function_md(&first->string) == NULL)
    {
        *err = "unknown hash algorithm";
        return NGX_DECLINED;
    }

    return NGX_OK;
}


static ngx_int_t
oauthcc_php_function_check_sprintf(oauthcc_php_scalar_t *first, ngx_uint_t n,
    char **err)
{
    if (first->type != OAUTHCC_PHP_SCALAR_STRING) {
        return NGX_OK;
    }

    return oauthcc_php_sprintf_check(&first->string, n - 1, err);
}


static ngx_int_t
oauthcc_php_function_check_strtotime(oauthcc_php_scalar_t *first, ngx_uint_t n,
    char **err)
{
    int64_t  sec;

    if (first->type == OAUTHCC_PHP_SCALAR_STRING
        && oauthcc_php_strtotime(&first->string, 0, &sec) != NGX_OK)
    {
        *err = "strtotime() does not understand its text";
        return NGX_DECLINED;
    }

    return NGX_OK;
}


static ngx_int_t
oauthcc_php_function_join(ngx_pool_t *pool, ngx_str_t *glue,
    oauthcc_php_scalar_t *args, ngx_uint_t n, oauthcc_php_scalar_t *out)
{
    size_t      len;
    u_char     *p;
    ngx_str_t  *text;
    ngx_uint_t  i;

    text = ngx_palloc(pool, (n + 1) * sizeof(ngx_str_t));
    if (text == NULL) {
        return NGX_ERROR;
    }

    len = 0;

    for (i = 0; i < n; i++) {

        if (oauthcc_php_scalar_string(pool, &args[i], &text[i])
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        len += glue->len + text[i].len;
    }

    p = ngx_pnalloc(pool, len + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    out->type = OAUTHCC_PHP_SCALAR_STRING;
    out->string.data = p;

    for (i = 0; i < n; i++) {

        if (i && glue->len) {
            p = ngx_cpymem(p, glue->data, glue->len);
        }

        /* null has no address */

        if (text[i].len) {
            p = ngx_cpymem(p, text[i].data, text[i].len);
        }
    }

    out->string.len = p - out->string.data;

    return NGX_OK;
}


/* A digest or an HMAC, in hexadecimal unless binary output is asked for. */

static ngx_int_t
oauthcc_php_function_digest(ngx_pool_t *pool, const EVP_MD *md,
    oauthcc_php_scalar_t *data, oauthcc_php_scalar_t *key,
    oauthcc_php_scalar_t *binary, oauthcc_php_scalar_t *out, char **err)
{
    u_char      bytes[EVP_MAX_MD_SIZE];
    ngx_str_t   text, secret;
    ngx_uint_t  done;
    unsigned    len;

    if (oauthcc_php_scalar_string(pool, data, &text) != NGX_OK) {
        return NGX_ERROR;
    }

    if (key) {
        if (oauthcc_php_scalar_string(pool, key, &secret) != NGX_OK) {
            return NGX_ERROR;
        }

        /* OpenSSL takes a NULL key for the key of the last call */

        done = HMAC(md, secret.len ? secret.data : (u_char *) "",
                    (int) secret.len, text.data, text.len, bytes, &len)
               != NULL;

    } else {
        done = (EVP_Digest(text.data, text.len, bytes, &len, md, NULL) == 1);
    }

    if (!done) {
        ERR_clear_error();
        *err = "OpenSSL does not make this hash";
        return NGX_DECLINED;
    }

    return oauthcc_php_function_bytes(pool, bytes, len, binary, out);
}


static ngx_int_t
oauthcc_php_function_crc32b(ngx_pool_t *pool, oauthcc_php_scalar_t *data,
    oauthcc_php_scalar_t *binary, oauthcc_php_scalar_t *out)
{
    u_char      bytes[4];
    uint32_t    crc;
    ngx_str_t   text;
    ngx_uint_t  i;

    if (oauthcc_php_scalar_string(pool, data, &text) != NGX_OK) {
        return NGX_ERROR;
    }

    crc = ngx_crc32_long(text.data, text.len);

    for (i = 0; i < 4; i++) {
        bytes[i] = (u_char) (crc >> (24 - 8 * i));
    }

    return oauthcc_php_function_bytes(pool, bytes, 4, binary, out);
}


static ngx_int_t
oauthcc_php_function_bytes(ngx_pool_t *pool, u_char *bytes, size_t len,
    oauthcc_php_scalar_t *binary, oauthcc_php_scalar_t *out)
{
    u_char  *p;

    p = ngx_pnalloc(pool, 2 * len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    out->type = OAUTHCC_PHP_SCALAR_STRING;
    out->string.data = p;

    if (binary && !oauthcc_php_scalar_empty(binary)) {
        out->string.len = len;
        ngx_memcpy(p, bytes, len);

    } else {
        out->string.len = 2 * len;
        (void) ngx_hex_dump(p, bytes, len);
    }

    return NGX_OK;
}


static ngx_uint_t
oauthcc_php_function_is_crc32b(oauthcc_php_scalar_t *name)
{
    return name->type == OAUTHCC_PHP_SCALAR_STRING
           && oauthcc_text_iis(&name->string, "crc32b");
}


static const EVP_MD *
oauthcc_php_function_md(ngx_str_t *name)
{
    oauthcc_php_function_hash_t  *hash;

    for (hash = oauthcc_php_function_hashes; hash->name.len; hash++) {
        if (oauthcc_text_ieq(&hash->name, name)) {
            return hash->md();
        }
    }

    return NULL;
}
