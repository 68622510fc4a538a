
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include "oauth/oauthcc_ecdsa.h"
#include "oauthcc_unit.h"


#define OAUTHCC_UNIT_ECDSA_MAX  80


static void oauthcc_unit_ecdsa_pair(oauthcc_unit_t *unit, char *r, char *s,
    size_t size, ngx_int_t expected);


/* numbers in hex; 0: do not fit into 32 bytes */

static struct {
    char       *r;
    char       *s;
    ngx_uint_t  fits;
} oauthcc_unit_ecdsa_pairs[] = {
    { "1", "1", 1 },
    { "7f", "80", 1 },
    { "0", "ff", 1 },
    { "ff00", "100", 1 },
    { "7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
      "8000000000000000000000000000000000000000000000000000000000000000", 1 },
    { "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
      "80000000000000000000000000000000000000000000000000000000000000", 1 },
    { "10000000000000000000000000000000000000000000000000000000000000000",
      "1", 0 },
    { "1",
      "10000000000000000000000000000000000000000000000000000000000000000",
      0 }
};


/* no signature: bytes, and how many of them */

static struct {
    char    *name;
    u_char   der[16];
    size_t   len;
} oauthcc_unit_ecdsa_bad[] = {
    { "nothing", { 0 }, 0 },
    { "a tag", { 0x30 }, 1 },
    { "no numbers", { 0x30, 0x00 }, 2 },
    { "one number", { 0x30, 0x03, 0x02, 0x01, 0x01 }, 5 },
    { "a number without bytes",
      { 0x30, 0x05, 0x02, 0x00, 0x02, 0x01, 0x01 }, 7 },
    { "a negative number",
      { 0x30, 0x06, 0x02, 0x01, 0xff, 0x02, 0x01, 0x01 }, 8 },
    { "a second one", { 0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x80 }, 8 },
    { "no integers", { 0x30, 0x06, 0x04, 0x01, 0x01, 0x04, 0x01, 0x01 }, 8 },
    { "no sequence", { 0x31, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01 }, 8 },
    { "a longer sequence",
      { 0x30, 0x07, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01 }, 8 },
    { "a longer number",
      { 0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x02, 0x01 }, 8 },
    { "a number that is all the rest",
      { 0x30, 0x06, 0x02, 0x04, 0x01, 0x02, 0x01, 0x01 }, 8 },
    { "three numbers", { 0x30, 0x09, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01,
                         0x02, 0x01, 0x01 }, 11 },
    { "bytes behind it",
      { 0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01, 0x00 }, 9 },
    { "an indefinite length",
      { 0x30, 0x80, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01, 0x00, 0x00 }, 10 }
};


ngx_int_t
oauthcc_unit_ecdsa(oauthcc_unit_t *unit)
{
    size_t       len;
    u_char      *der, signature[2 * OAUTHCC_UNIT_ECDSA_MAX];
    ngx_uint_t   i, n;

    n = sizeof(oauthcc_unit_ecdsa_pairs) / sizeof(oauthcc_unit_ecdsa_pairs[0]);

    for (i = 0; i < n; i++) {
        oauthcc_unit_ecdsa_pair(unit, oauthcc_unit_ecdsa_pairs[i].r,
                                oauthcc_unit_ecdsa_pairs[i].s, 32,
                                oauthcc_unit_ecdsa_pairs[i].fits
                                ? NGX_OK : NGX_ERROR);
    }

    /* of P-521, where the sequence has a length of two bytes */

    oauthcc_unit_ecdsa_pair(unit,
        "1FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
        "1FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
        66, NGX_OK);

    n = sizeof(oauthcc_unit_ecdsa_bad) / sizeof(oauthcc_unit_ecdsa_bad[0]);

    for (i = 0; i < n; i++) {

        /* of its own, without a byte behind it */

        len = oauthcc_unit_ecdsa_bad[i].len;

        der = ngx_alloc(len + 1, unit->log);
        if (der == NULL) {
            return NGX_ERROR;
        }

        ngx_memcpy(der + 1, oauthcc_unit_ecdsa_bad[i].der, len);

        oauthcc_unit_ok(unit, oauthcc_ecdsa_join(der + 1, len, 32, signature)
                              == NGX_ERROR,
                        "no signature: %s", oauthcc_unit_ecdsa_bad[i].name);

        ngx_free(der);
    }

    ERR_clear_error();

    return NGX_OK;
}


static void
oauthcc_unit_ecdsa_pair(oauthcc_unit_t *unit, char *r, char *s, size_t size,
    ngx_int_t expected)
{
    int         len;
    u_char     *der, signature[2 * OAUTHCC_UNIT_ECDSA_MAX];
    u_char      wanted[2 * OAUTHCC_UNIT_ECDSA_MAX];
    BIGNUM     *rn, *sn;
    ECDSA_SIG  *sig;
    ngx_int_t   rc;

    der = NULL;
    rn = NULL;
    sn = NULL;

    BN_hex2bn(&rn, r);
    BN_hex2bn(&sn, s);

    if (expected == NGX_OK) {
        (void) BN_bn2binpad(rn, wanted, (int) size);
        (void) BN_bn2binpad(sn, wanted + size, (int) size);
    }

    sig = ECDSA_SIG_new();
    ECDSA_SIG_set0(sig, rn, sn);

    len = i2d_ECDSA_SIG(sig, &der);

    ngx_memset(signature, 0xaa, sizeof(signature));

    rc = oauthcc_ecdsa_join(der, len, size, signature);

    oauthcc_unit_ok(unit, rc == expected
                          && (rc != NGX_OK
                              || ngx_memcmp(signature, wanted, 2 * size) == 0)
                          && signature[2 * size] == 0xaa,
                    "%s and %s, in %uz bytes", r, s, size);

    OPENSSL_free(der);
    ECDSA_SIG_free(sig);
}
