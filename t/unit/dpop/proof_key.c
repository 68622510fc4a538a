
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <openssl/err.h>
#include "dpop/oauthcc_proof_key.h"
#include "oauthcc_unit.h"


typedef struct {
    char  *name;
    int    type;
    int    param;
    char  *alg;
} oauthcc_unit_proof_key_kind_t;


static oauthcc_unit_proof_key_kind_t  oauthcc_unit_proof_key_kinds[] = {
    { "RSA", EVP_PKEY_RSA, 2048, "RS256" },
    { "P-256", EVP_PKEY_EC, NID_X9_62_prime256v1, "ES256" },
    { "P-384", EVP_PKEY_EC, NID_secp384r1, "ES384" },
    { "P-521", EVP_PKEY_EC, NID_secp521r1, "ES512" },
    { "Ed25519", EVP_PKEY_ED25519, 0, "EdDSA" },
    { NULL, 0, 0, NULL }
};


static ngx_int_t oauthcc_unit_proof_key_kind(oauthcc_unit_t *unit,
    oauthcc_unit_proof_key_kind_t *kind);
static void oauthcc_unit_proof_key_signs(oauthcc_unit_t *unit, char *name,
    oauthcc_proof_key_t *pk);
static void oauthcc_unit_proof_key_derived(oauthcc_unit_t *unit);


ngx_int_t
oauthcc_unit_proof_key(oauthcc_unit_t *unit)
{
    oauthcc_unit_proof_key_kind_t  *kind;

    for (kind = oauthcc_unit_proof_key_kinds; kind->name; kind++) {
        if (oauthcc_unit_proof_key_kind(unit, kind) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    oauthcc_unit_proof_key_derived(unit);

    oauthcc_unit_ok(unit, ERR_peek_error() == 0, "the error queue is empty");

    return NGX_OK;
}


static ngx_int_t
oauthcc_unit_proof_key_kind(oauthcc_unit_t *unit,
    oauthcc_unit_proof_key_kind_t *kind)
{
    u_char                  json[2048];
    json_t                 *head;
    EVP_PKEY               *pkey;
    ngx_int_t               rc;
    ngx_str_t               pem, none, err, src, dst;
    json_error_t            error;
    oauthcc_proof_key_t     pk;
    oauthcc_signing_key_t   key;

    ngx_str_null(&none);

    pkey = oauthcc_unit_generate(kind->type, kind->param, 0);

    rc = pkey ? oauthcc_unit_pem(unit->pool, pkey, NULL, &pem) : NGX_ERROR;

    EVP_PKEY_free(pkey);

    if (rc != NGX_OK
        || oauthcc_signing_key_read(unit->pool, &pem, &none, &none, "dpop",
                                    &key, &err)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    oauthcc_unit_number(unit, oauthcc_proof_key_open(&pk, &key, unit->log),
                        NGX_OK, kind->name);

    oauthcc_unit_ok(unit, pk.len && pk.head[pk.len - 1] == '.',
                    "%s: a head", kind->name);

    src.data = pk.head;
    src.len = pk.len - 1;
    dst.data = json;

    oauthcc_unit_number(unit, ngx_decode_base64url(&dst, &src), NGX_OK,
                        "in base64url");

    head = json_loadb((char *) dst.data, dst.len, 0, &error);

    oauthcc_unit_number(unit, json_object_size(head), 3, "members of a head");
    oauthcc_unit_ok(unit, head
                    && ngx_strcmp(json_string_value(
                                      json_object_get(head, "typ")),
                                  "dpop+jwt") == 0
                    && ngx_strcmp(json_string_value(
                                      json_object_get(head, "alg")),
                                  kind->alg) == 0,
                    "%s: typ and alg", kind->name);
    oauthcc_unit_ok(unit, json_object_get(json_object_get(head, "jwk"), "d")
                          == NULL, "%s: a public key", kind->name);

    json_decref(head);

    /* as often as contexts are kept for */

    oauthcc_unit_proof_key_signs(unit, kind->name, &pk);
    oauthcc_unit_proof_key_signs(unit, kind->name, &pk);

    oauthcc_proof_key_close(&pk);
    oauthcc_signing_key_free(&key);

    return NGX_OK;
}


static void
oauthcc_unit_proof_key_signs(oauthcc_unit_t *unit, char *name,
    oauthcc_proof_key_t *pk)
{
    u_char      bytes[4096];
    size_t      len;
    ngx_str_t   text, signature;
    ngx_uint_t  i, bad;

    bad = 0;

    /* r and s are shorter now and then */

    for (i = 0; i < (pk->sign ? oauthcc_unit_signatures() : 3); i++) {

        text.data = bytes;
        text.len = ngx_sprintf(bytes, "%*s%ui.text", pk->len, pk->head, i)
                   - bytes;

        signature.data = bytes + sizeof(bytes) / 2;

        if (oauthcc_proof_key_sign(pk, &text, signature.data, &len) != NGX_OK
            || len > oauthcc_proof_key_size(pk))
        {
            bad++;
            continue;
        }

        signature.len = len;

        bad += !oauthcc_unit_verify(pk->key, &text, &signature);
    }

    oauthcc_unit_number(unit, bad, 0, name);
}


static void
oauthcc_unit_proof_key_derived(oauthcc_unit_t *unit)
{
    u_char               bytes[32];
    u_char               prints[4][OAUTHCC_JWK_THUMBPRINT_LEN];
    ngx_str_t            seed, info;
    ngx_uint_t           i;
    oauthcc_proof_key_t  pk;

    ngx_memset(bytes, 0x5a, sizeof(bytes));

    seed.data = bytes;
    seed.len = sizeof(bytes);

    for (i = 0; i < 4; i++) {

        /* twice the same, for another one, of another seed */

        ngx_str_set(&info, "account");

        if (i == 2) {
            ngx_str_set(&info, "accounu");
        }

        if (i == 3) {
            bytes[31] ^= 1;
        }

        oauthcc_unit_number(unit, oauthcc_proof_key_derive(&pk, &seed, &info,
                                                           unit->log),
                            NGX_OK, "a derived key");
        oauthcc_unit_number(unit, oauthcc_proof_key_thumbprint(pk.key,
                                                               prints[i]),
                            NGX_OK, "its thumbprint");

        oauthcc_unit_proof_key_signs(unit, "derived", &pk);
        oauthcc_proof_key_close(&pk);
    }

    oauthcc_unit_ok(unit, ngx_memcmp(prints[0], prints[1], sizeof(prints[0]))
                          == 0, "the same seed, the same key");
    oauthcc_unit_ok(unit, ngx_memcmp(prints[0], prints[2], sizeof(prints[0]))
                          != 0, "for another one, another key");
    oauthcc_unit_ok(unit, ngx_memcmp(prints[0], prints[3], sizeof(prints[0]))
                          != 0, "of another seed, another key");
}
