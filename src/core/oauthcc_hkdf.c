
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include "core/oauthcc_hkdf.h"

#if (defined OPENSSL_IS_BORINGSSL)

#include <openssl/hkdf.h>


ngx_int_t
oauthcc_hkdf(ngx_str_t *secret, ngx_str_t *info, u_char *key, size_t len)
{
    if (HKDF(key, len, EVP_sha256(), secret->data, secret->len, NULL, 0,
             info->data, info->len)
        != 1)
    {
        ERR_clear_error();
        return NGX_ERROR;
    }

    return NGX_OK;
}

#else

#include <openssl/kdf.h>


ngx_int_t
oauthcc_hkdf(ngx_str_t *secret, ngx_str_t *info, u_char *key, size_t len)
{
    size_t         derived;
    ngx_int_t      rc;
    EVP_PKEY_CTX  *ctx;

    ctx = EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, NULL);
    derived = len;

    rc = ctx
         && EVP_PKEY_derive_init(ctx) == 1
         && EVP_PKEY_CTX_set_hkdf_md(ctx, EVP_sha256()) == 1
         && EVP_PKEY_CTX_set1_hkdf_key(ctx, secret->data, (int) secret->len)
            == 1
         && EVP_PKEY_CTX_add1_hkdf_info(ctx, info->data, (int) info->len) == 1
         && EVP_PKEY_derive(ctx, key, &derived) == 1
         && derived == len
         ? NGX_OK : NGX_ERROR;

    EVP_PKEY_CTX_free(ctx);

    /* clear the error queue, or nginx blames a connection for it */

    ERR_clear_error();

    return rc;
}

#endif
