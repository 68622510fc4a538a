
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include "dpop/oauthcc_jwk.h"
#include "oauthcc_unit.h"


typedef struct {
    char  *name;
    int    type;
    int    param;   /* bits, or a curve */
    char  *kty;
    char  *crv;     /* NULL: RSA */
    int    size;    /* of a coordinate, in bytes */
} oauthcc_unit_jwk_kind_t;


static oauthcc_unit_jwk_kind_t  oauthcc_unit_jwk_kinds[] = {
    { "RSA", EVP_PKEY_RSA, 2048, "RSA", NULL, 0 },
    { "P-256", EVP_PKEY_EC, NID_X9_62_prime256v1, "EC", "P-256", 32 },
    { "P-384", EVP_PKEY_EC, NID_secp384r1, "EC", "P-384", 48 },
    { "P-521", EVP_PKEY_EC, NID_secp521r1, "EC", "P-521", 66 },
    { "Ed25519", EVP_PKEY_ED25519, 0, "OKP", "Ed25519", 32 },
#if !(defined OPENSSL_IS_BORINGSSL)
    { "RSA-PSS", EVP_PKEY_RSA_PSS, 2048, "RSA", NULL, 0 },
    { "Ed448", EVP_PKEY_ED448, 0, "OKP", "Ed448", 57 },
#endif
    { NULL, 0, 0, NULL, NULL, 0 }
};


/* the example of RFC 7638 section 3.1 */

static char  oauthcc_unit_jwk_example[] =
    "{\"kty\":\"RSA\","
    "\"n\":\"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zw"
    "u1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9y"
    "BXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c"
    "7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd"
    "2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw\","
    "\"e\":\"AQAB\",\"alg\":\"RS256\",\"kid\":\"2011-04-29\"}";


static void oauthcc_unit_jwk_kind(oauthcc_unit_t *unit,
    oauthcc_unit_jwk_kind_t *kind);
static void oauthcc_unit_jwk_vector(oauthcc_unit_t *unit);
static size_t oauthcc_unit_jwk_length(json_t *jwk, char *name);


ngx_int_t
oauthcc_unit_jwk(oauthcc_unit_t *unit)
{
    json_t                   *jwk;
    EVP_PKEY                 *pkey;
    oauthcc_unit_jwk_kind_t  *kind;

    oauthcc_unit_jwk_vector(unit);

    for (kind = oauthcc_unit_jwk_kinds; kind->name; kind++) {
        oauthcc_unit_jwk_kind(unit, kind);
    }

    pkey = oauthcc_unit_generate(EVP_PKEY_X25519, 0, 0);
    jwk = pkey ? oauthcc_jwk_public(pkey) : NULL;

    oauthcc_unit_ok(unit, pkey && jwk == NULL, "X25519 cannot sign");
    EVP_PKEY_free(pkey);

    pkey = oauthcc_unit_generate(EVP_PKEY_EC, NID_secp224r1, 0);
    jwk = pkey ? oauthcc_jwk_public(pkey) : NULL;

    oauthcc_unit_ok(unit, pkey && jwk == NULL, "P-224 is no curve of JWKs");
    EVP_PKEY_free(pkey);

    oauthcc_unit_ok(unit, ERR_peek_error() == 0, "the error queue is empty");

    return NGX_OK;
}


/* All members are there, no other is, and none says anything private. */

static void
oauthcc_unit_jwk_kind(oauthcc_unit_t *unit, oauthcc_unit_jwk_kind_t *kind)
{
    json_t      *jwk;
    u_char       one[OAUTHCC_JWK_THUMBPRINT_LEN];
    u_char       two[OAUTHCC_JWK_THUMBPRINT_LEN];
    EVP_PKEY    *pkey;
    ngx_uint_t   rsa, okp, same;

    pkey = oauthcc_unit_generate(kind->type, kind->param, 0);
    jwk = pkey ? oauthcc_jwk_public(pkey) : NULL;

    if (!oauthcc_unit_ok(unit, jwk != NULL, "%s", kind->name)) {
        EVP_PKEY_free(pkey);
        return;
    }

    rsa = (kind->crv == NULL);
    okp = (ngx_strcmp(kind->kty, "OKP") == 0);

    oauthcc_unit_ok(unit, ngx_strcmp(json_string_value(
                                         json_object_get(jwk, "kty")),
                                     kind->kty) == 0, "%s: kty", kind->name);

    oauthcc_unit_number(unit, json_object_size(jwk), rsa || okp ? 3 : 4,
                        "members");
    oauthcc_unit_ok(unit, json_object_get(jwk, "d") == NULL,
                    "%s: nothing private", kind->name);

    if (rsa) {
        oauthcc_unit_number(unit, oauthcc_unit_jwk_length(jwk, "n"), 342, "n");
        oauthcc_unit_number(unit, oauthcc_unit_jwk_length(jwk, "e"), 4, "e");

    } else {
        oauthcc_unit_ok(unit, ngx_strcmp(json_string_value(
                                             json_object_get(jwk, "crv")),
                                         kind->crv) == 0, "%s: crv",
                        kind->name);
        oauthcc_unit_number(unit, oauthcc_unit_jwk_length(jwk, "x"),
                            (kind->size * 8 + 5) / 6, "x");
    }

    if (!rsa && !okp) {
        oauthcc_unit_number(unit, oauthcc_unit_jwk_length(jwk, "y"),
                            (kind->size * 8 + 5) / 6, "y");
    }

    oauthcc_unit_ok(unit, oauthcc_jwk_thumbprint(jwk, one) == NGX_OK,
                    "%s: a thumbprint", kind->name);

    json_decref(jwk);
    EVP_PKEY_free(pkey);

    pkey = oauthcc_unit_generate(kind->type, kind->param, 0);
    jwk = pkey ? oauthcc_jwk_public(pkey) : NULL;

    same = jwk && oauthcc_jwk_thumbprint(jwk, two) == NGX_OK
           && ngx_memcmp(one, two, sizeof(one)) == 0;

    oauthcc_unit_ok(unit, jwk && !same, "%s: another key, another one",
                    kind->name);

    json_decref(jwk);
    EVP_PKEY_free(pkey);
}


/* Of the JWK that has more members, the three that count make a key. */

static void
oauthcc_unit_jwk_vector(oauthcc_unit_t *unit)
{
    json_t        *example, *jwk;
    u_char         thumbprint[OAUTHCC_JWK_THUMBPRINT_LEN], bytes[256];
    BIGNUM        *n, *e;
    EVP_PKEY      *pkey;
    RSA           *rsa;
    ngx_str_t      got, expected, src, dst;
    json_error_t   error;

    ngx_str_set(&expected, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");

    example = json_loads(oauthcc_unit_jwk_example, 0, &error);

    if (!oauthcc_unit_ok(unit, example != NULL, "RFC 7638: the JWK")) {
        return;
    }

    src.data = (u_char *) json_string_value(json_object_get(example, "n"));
    src.len = json_string_length(json_object_get(example, "n"));
    dst.data = bytes;

    oauthcc_unit_number(unit, ngx_decode_base64url(&dst, &src), NGX_OK,
                        "RFC 7638: n");

    n = BN_bin2bn(bytes, dst.len, NULL);
    e = BN_new();

    BN_set_word(e, 65537);

    rsa = RSA_new();
    pkey = EVP_PKEY_new();

    if (n == NULL || e == NULL || rsa == NULL || pkey == NULL
        || RSA_set0_key(rsa, n, e, NULL) != 1
        || EVP_PKEY_assign_RSA(pkey, rsa) != 1)
    {
        oauthcc_unit_ok(unit, 0, "RFC 7638: the key");
        return;
    }

    jwk = oauthcc_jwk_public(pkey);

    oauthcc_unit_ok(unit, jwk && oauthcc_jwk_thumbprint(jwk, thumbprint)
                                 == NGX_OK, "RFC 7638: a thumbprint");

    got.data = thumbprint;
    got.len = sizeof(thumbprint);

    oauthcc_unit_string(unit, &got, &expected, "RFC 7638 section 3.1");

    json_decref(jwk);
    json_decref(example);
    EVP_PKEY_free(pkey);
}


static size_t
oauthcc_unit_jwk_length(json_t *jwk, char *name)
{
    return json_string_length(json_object_get(jwk, name));
}
