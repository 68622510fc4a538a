
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include "core/oauthcc_hkdf.h"
#include "store/oauthcc_store_seal.h"


#define OAUTHCC_STORE_SEAL_INFO  "oauthcc store 1"
#define OAUTHCC_STORE_SEAL_ID    "oauthcc key id"

/* of OpenSSL, a length is an int: far above what is ever sealed */
#define OAUTHCC_STORE_SEAL_MAX   0x1000000


static ngx_int_t oauthcc_store_seal_id(oauthcc_store_key_bytes_t *key);
static ngx_uint_t oauthcc_store_seal_more(EVP_CIPHER_CTX *ctx, ngx_str_t *name,
    ngx_str_t *header);


ngx_int_t
oauthcc_store_seal_key(ngx_str_t *file, oauthcc_store_key_bytes_t *key)
{
    static ngx_str_t  info = ngx_string(OAUTHCC_STORE_SEAL_INFO);

    if (oauthcc_hkdf(file, &info, key->bytes, OAUTHCC_STORE_KEY) != NGX_OK) {
        return NGX_ERROR;
    }

    return oauthcc_store_seal_id(key);
}


static ngx_int_t
oauthcc_store_seal_id(oauthcc_store_key_bytes_t *key)
{
    u_char       digest[EVP_MAX_MD_SIZE];
    ngx_int_t    rc;
    EVP_MD_CTX  *ctx;

    ctx = EVP_MD_CTX_new();

    rc = (ctx
          && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1
          && EVP_DigestUpdate(ctx, OAUTHCC_STORE_SEAL_ID,
                              sizeof(OAUTHCC_STORE_SEAL_ID) - 1) == 1
          && EVP_DigestUpdate(ctx, key->bytes, OAUTHCC_STORE_KEY) == 1
          && EVP_DigestFinal_ex(ctx, digest, NULL) == 1)
         ? NGX_OK : NGX_ERROR;

    EVP_MD_CTX_free(ctx);

    /* clear the error queue, or nginx blames a connection for it */

    ERR_clear_error();

    ngx_memcpy(key->id, digest, OAUTHCC_STORE_KEY_ID);

    return rc;
}


ngx_int_t
oauthcc_store_seal_close(oauthcc_store_key_bytes_t *key, ngx_str_t *name,
    ngx_str_t *header, ngx_str_t *text, u_char *out)
{
    int              n, last;
    u_char          *p;
    ngx_int_t        rc;
    EVP_CIPHER_CTX  *ctx;

    if (text->len > OAUTHCC_STORE_SEAL_MAX
        || oauthcc_store_seal_random(out, OAUTHCC_STORE_SEAL_NONCE) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ctx = EVP_CIPHER_CTX_new();
    p = out + OAUTHCC_STORE_SEAL_NONCE;

    rc = (ctx
          && EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key->bytes, out)
             == 1
          && oauthcc_store_seal_more(ctx, name, header)
          && EVP_EncryptUpdate(ctx, p, &n, text->data, (int) text->len) == 1
          && (size_t) n == text->len
          && EVP_EncryptFinal_ex(ctx, p + n, &last) == 1
          && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG,
                                 OAUTHCC_STORE_SEAL_TAG, p + n) == 1)
         ? NGX_OK : NGX_ERROR;

    EVP_CIPHER_CTX_free(ctx);
    ERR_clear_error();

    return rc;
}


ssize_t
oauthcc_store_seal_open(oauthcc_store_key_bytes_t *key, ngx_str_t *name,
    ngx_str_t *header, ngx_str_t *sealed, u_char *out)
{
    int              n, last;
    u_char          *p;
    size_t           len;
    ssize_t          rc;
    EVP_CIPHER_CTX  *ctx;

    if (sealed->len < OAUTHCC_STORE_SEAL_MORE
        || sealed->len > OAUTHCC_STORE_SEAL_MAX)
    {
        return NGX_DECLINED;
    }

    len = sealed->len - OAUTHCC_STORE_SEAL_MORE;
    p = sealed->data + OAUTHCC_STORE_SEAL_NONCE;

    ctx = EVP_CIPHER_CTX_new();
    rc = NGX_ERROR;

    if (ctx
        && EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key->bytes,
                              sealed->data)
           == 1
        && oauthcc_store_seal_more(ctx, name, header)
        && EVP_DecryptUpdate(ctx, out, &n, p, (int) len) == 1
        && (size_t) n == len
        && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG,
                               OAUTHCC_STORE_SEAL_TAG, p + len)
           == 1)
    {
        rc = EVP_DecryptFinal_ex(ctx, out + n, &last) == 1
             ? (ssize_t) len : NGX_DECLINED;
    }

    if (rc < 0) {
        ngx_explicit_memzero(out, len);
    }

    EVP_CIPHER_CTX_free(ctx);
    ERR_clear_error();

    return rc;
}


static ngx_uint_t
oauthcc_store_seal_more(EVP_CIPHER_CTX *ctx, ngx_str_t *name,
    ngx_str_t *header)
{
    int  n;

    static const u_char  end[1];

    /* without an output it is data that is only authenticated */

    return EVP_CipherUpdate(ctx, NULL, &n, name->data, (int) name->len) == 1
           && EVP_CipherUpdate(ctx, NULL, &n, end, 1) == 1
           && EVP_CipherUpdate(ctx, NULL, &n, header->data,
                               (int) header->len)
              == 1;
}


ngx_int_t
oauthcc_store_seal_random(void *data, size_t len)
{
    if (RAND_bytes(data, (int) len) == 1) {
        return NGX_OK;
    }

    ERR_clear_error();

    return NGX_ERROR;
}
