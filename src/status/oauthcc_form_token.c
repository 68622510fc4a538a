
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include "status/oauthcc_form_token.h"


#define OAUTHCC_FORM_TOKEN_HOUR  3600

/* what an entry is called, in bytes; more is none */
#define OAUTHCC_FORM_TOKEN_ENTRY  16


ngx_int_t
oauthcc_form_token_init(oauthcc_form_token_t *form, oauthcc_cache_t *cache)
{
    if (RAND_bytes(form->key, OAUTHCC_ZONE_KEY) != 1) {
        ERR_clear_error();
        return NGX_ERROR;
    }

    oauthcc_zone_key_get(cache, form->key);

    form->hour = (uint64_t) ngx_time() / OAUTHCC_FORM_TOKEN_HOUR;

    return NGX_OK;
}


/*
 * The key makes a digest of each provider first: so neither its name nor the
 * entry's has to be told from what stands beside it.
 */

ngx_int_t
oauthcc_form_token_write(oauthcc_form_token_t *form, ngx_str_t *provider,
    ngx_str_t *entry, u_char token[OAUTHCC_FORM_TOKEN_LEN])
{
    u_char        *p;
    ngx_int_t      rc;
    u_char         text[sizeof(uint64_t) + OAUTHCC_FORM_TOKEN_ENTRY];
    u_char         key[EVP_MAX_MD_SIZE], digest[EVP_MAX_MD_SIZE];
    unsigned int   len;

    if (entry->len > OAUTHCC_FORM_TOKEN_ENTRY) {
        return NGX_ERROR;
    }

    p = ngx_cpymem(text, &form->hour, sizeof(uint64_t));

    if (entry->len) {
        p = ngx_cpymem(p, entry->data, entry->len);
    }

    if (HMAC(EVP_sha256(), form->key, OAUTHCC_ZONE_KEY, provider->data,
             provider->len, key, &len)
        == NULL
        || HMAC(EVP_sha256(), key, len, text, p - text, digest, &len) == NULL)
    {
        ERR_clear_error();
        rc = NGX_ERROR;

    } else {
        (void) ngx_hex_dump(token, digest, len);
        rc = NGX_OK;
    }

    ngx_explicit_memzero(key, sizeof(key));

    return rc;
}


ngx_uint_t
oauthcc_form_token_valid(oauthcc_cache_t *cache, ngx_str_t *provider,
    ngx_str_t *entry, ngx_str_t *token)
{
    ngx_uint_t            i, valid;
    u_char                expected[OAUTHCC_FORM_TOKEN_LEN];
    oauthcc_form_token_t  form;

    if (token->len != OAUTHCC_FORM_TOKEN_LEN
        || !oauthcc_zone_key_made(cache)
        || oauthcc_form_token_init(&form, cache) != NGX_OK)
    {
        return 0;
    }

    valid = 0;

    for (i = 0; i < 2; i++) {

        if (oauthcc_form_token_write(&form, provider, entry, expected)
            == NGX_OK)
        {
            valid |= (CRYPTO_memcmp(expected, token->data,
                                    OAUTHCC_FORM_TOKEN_LEN)
                      == 0);
        }

        form.hour--;
    }

    ngx_explicit_memzero(&form, sizeof(oauthcc_form_token_t));

    return valid;
}
