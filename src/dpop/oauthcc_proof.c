
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include "dpop/oauthcc_proof.h"
#include "cache/oauthcc_zone_key.h"
#include "core/oauthcc_text.h"
#include "dpop/oauthcc_nonces.h"
#include "dpop/oauthcc_proof_claims.h"
#include "dpop/oauthcc_proof_key.h"


/*
 * in seconds: the C library's time() lags up to a tick behind the clock that
 * we read, and servers reject what comes from the future
 */
#define OAUTHCC_PROOF_BACK  1

/* an identifier: 96 bits at random, then a counter */
#define OAUTHCC_PROOF_RANDOM  12
#define OAUTHCC_PROOF_JTI     (OAUTHCC_PROOF_RANDOM + sizeof(uint64_t))

/* of RSA of 4096 bits: more is rare */
#define OAUTHCC_PROOF_SIGNATURE  512

/* hashes of tokens that are kept, by their serials */
#define OAUTHCC_PROOF_HASHES  16

/* SHA-256, and that in base64url */
#define OAUTHCC_PROOF_HASH    32
#define OAUTHCC_PROOF_ATH     43


typedef struct {
    uint64_t  serial;  /* 0: none */
    u_char    ath[OAUTHCC_PROOF_ATH];
} oauthcc_proof_hash_t;


struct oauthcc_proofs_s {
    ngx_pid_t             pid;
    uint64_t              generation;  /* of the zone; 0: a key of a file */
    oauthcc_proof_key_t   key;
    oauthcc_nonces_t      nonces;
    u_char                random[OAUTHCC_PROOF_RANDOM];
    uint64_t              count;
    oauthcc_proof_hash_t  hashes[OAUTHCC_PROOF_HASHES];
};


static oauthcc_proofs_t *oauthcc_proof_get(oauthcc_provider_t *provider,
    ngx_log_t *log);
static oauthcc_proofs_t *oauthcc_proof_create(oauthcc_provider_t *provider,
    uint64_t generation, ngx_log_t *log);
static ngx_int_t oauthcc_proof_key(oauthcc_provider_t *provider,
    oauthcc_proofs_t *proofs, ngx_log_t *log);
static ngx_int_t oauthcc_proof_hash(oauthcc_proofs_t *proofs,
    ngx_str_t *token, uint64_t serial, ngx_str_t *ath);
static void oauthcc_proof_jti(oauthcc_proofs_t *proofs, ngx_str_t *jti);
static ngx_int_t oauthcc_proof_sign(ngx_pool_t *pool, oauthcc_proof_key_t *key,
    ngx_str_t *claims, ngx_str_t *proof);


ngx_int_t
oauthcc_proof_make(oauthcc_provider_t *provider, ngx_pool_t *pool,
    oauthcc_proof_request_t *from, ngx_str_t *nonce, ngx_str_t *proof)
{
    u_char                   jti[ngx_base64_encoded_length(OAUTHCC_PROOF_JTI)];
    ngx_int_t                rc;
    ngx_str_t                json;
    oauthcc_proofs_t        *proofs;
    oauthcc_proof_claims_t   claims;

    proofs = oauthcc_proof_get(provider, pool->log);

    if (proofs == NULL) {
        rc = NGX_DECLINED;
        goto failed;
    }

    claims.jti.data = jti;
    oauthcc_proof_jti(proofs, &claims.jti);

    claims.htm = from->method;
    claims.htu = from->uri.htu;
    claims.iat = ngx_time() - OAUTHCC_PROOF_BACK;

    ngx_str_null(&claims.ath);

    if (from->token.len
        && oauthcc_proof_hash(proofs, &from->token, from->serial, &claims.ath)
           != NGX_OK)
    {
        rc = NGX_DECLINED;
        goto failed;
    }

    oauthcc_nonces_get(&proofs->nonces, &from->uri.origin, &claims.nonce);

    nonce->len = claims.nonce.len;
    nonce->data = NULL;

    if (nonce->len) {
        nonce->data = ngx_pstrdup(pool, &claims.nonce);
        if (nonce->data == NULL) {
            return NGX_ERROR;
        }
    }

    rc = oauthcc_proof_claims_write(pool, &claims, &json);

    if (rc == NGX_OK) {
        rc = oauthcc_proof_sign(pool, &proofs->key, &json, proof);
    }

failed:

    if (rc == NGX_DECLINED) {
        ngx_log_error(NGX_LOG_ALERT, pool->log, 0,
                      "no DPoP proof could be made, oauthcc provider: \"%V\"",
                      &provider->name);
    }

    return rc;
}


ngx_uint_t
oauthcc_proof_learn(oauthcc_provider_t *provider, ngx_list_t *headers,
    ngx_str_t *origin, ngx_str_t *used, ngx_log_t *log)
{
    ngx_table_elt_t   *header;
    oauthcc_proofs_t  *proofs;

    proofs = provider->runtime.proofs;
    header = oauthcc_text_header(headers, "DPoP-Nonce", 0);

    if (proofs == NULL || header == NULL
        || oauthcc_text_eq(&header->value, used)
        || oauthcc_text_header(headers, "DPoP-Nonce", 1))
    {
        return 0;
    }

    return oauthcc_nonces_set(&proofs->nonces, origin, &header->value, log);
}


uint64_t
oauthcc_proof_generation(oauthcc_provider_t *provider)
{
    oauthcc_proofs_t  *proofs;

    proofs = provider->runtime.proofs;

    return proofs ? proofs->generation : 0;
}


ngx_int_t
oauthcc_proof_describe(oauthcc_provider_t *provider, ngx_pool_t *pool,
    ngx_str_t *alg, ngx_str_t *thumbprint)
{
    u_char            *p;
    oauthcc_proofs_t  *proofs;

    proofs = oauthcc_proof_get(provider, pool->log);
    p = ngx_pnalloc(pool, OAUTHCC_JWK_THUMBPRINT_LEN);

    if (proofs == NULL || p == NULL
        || oauthcc_proof_key_thumbprint(proofs->key.key, p) != NGX_OK)
    {
        ERR_clear_error();
        return NGX_ERROR;
    }

    *alg = proofs->key.key->alg->name;

    thumbprint->len = OAUTHCC_JWK_THUMBPRINT_LEN;
    thumbprint->data = p;

    return NGX_OK;
}


void
oauthcc_proof_free(oauthcc_provider_t *provider)
{
    oauthcc_proofs_t  *proofs;

    proofs = provider->runtime.proofs;

    if (proofs == NULL) {
        return;
    }

    oauthcc_nonces_free(&proofs->nonces);
    oauthcc_proof_key_close(&proofs->key);

    ngx_explicit_memzero(proofs, sizeof(oauthcc_proofs_t));
    ngx_free(proofs);

    provider->runtime.proofs = NULL;
}


/*
 * The worker's, with the present key.  A zone that was emptied has another
 * one: nothing of the old one stays.
 */

static oauthcc_proofs_t *
oauthcc_proof_get(oauthcc_provider_t *provider, ngx_log_t *log)
{
    uint64_t           generation;
    oauthcc_proofs_t  *proofs;

    proofs = provider->runtime.proofs;
    generation = 0;

    if (provider->dpop.key == NULL) {
        generation = oauthcc_zone_key_generation(provider->runtime.cache);
    }

    if (proofs && proofs->pid == ngx_pid && proofs->generation == generation) {
        return proofs;
    }

    if (proofs && proofs->pid != ngx_pid) {

        /* that of another process: its identifiers are not ours */

        provider->runtime.proofs = NULL;
    }

    return oauthcc_proof_create(provider, generation, log);
}


static oauthcc_proofs_t *
oauthcc_proof_create(oauthcc_provider_t *provider, uint64_t generation,
    ngx_log_t *log)
{
    oauthcc_proofs_t  *proofs;

    oauthcc_proof_free(provider);

    proofs = ngx_calloc(sizeof(oauthcc_proofs_t), log);
    if (proofs == NULL) {
        return NULL;
    }

    proofs->pid = ngx_pid;
    proofs->generation = generation;

    oauthcc_nonces_init(&proofs->nonces);

    if (RAND_bytes(proofs->random, OAUTHCC_PROOF_RANDOM) != 1
        || oauthcc_proof_key(provider, proofs, log) != NGX_OK)
    {
        ERR_clear_error();
        ngx_free(proofs);
        return NULL;
    }

    provider->runtime.proofs = proofs;

    return proofs;
}


/*
 * A key that is made of the zone's secret is for a provider as it is
 * configured, and for one generation of the zone.
 */

static ngx_int_t
oauthcc_proof_key(oauthcc_provider_t *provider, oauthcc_proofs_t *proofs,
    ngx_log_t *log)
{
    u_char     *p, secret[OAUTHCC_ZONE_KEY];
    u_char      text[sizeof("dpop") - 1 + OAUTHCC_DIGEST_LEN
                     + sizeof(uint64_t)];
    ngx_int_t   rc;
    ngx_str_t   seed, info;

    if (provider->dpop.key) {
        return oauthcc_proof_key_open(&proofs->key, provider->dpop.key, log);
    }

    if (RAND_bytes(secret, OAUTHCC_ZONE_KEY) != 1) {
        return NGX_ERROR;
    }

    oauthcc_zone_key_get(provider->runtime.cache, secret);

    seed.len = OAUTHCC_ZONE_KEY;
    seed.data = secret;

    p = ngx_cpymem(text, "dpop", sizeof("dpop") - 1);
    p = ngx_cpymem(p, provider->dpop.account, OAUTHCC_DIGEST_LEN);
    ngx_memcpy(p, &proofs->generation, sizeof(uint64_t));

    info.len = sizeof(text);
    info.data = text;

    rc = oauthcc_proof_key_derive(&proofs->key, &seed, &info, log);

    ngx_explicit_memzero(secret, OAUTHCC_ZONE_KEY);

    return rc;
}


static ngx_int_t
oauthcc_proof_hash(oauthcc_proofs_t *proofs, ngx_str_t *token,
    uint64_t serial, ngx_str_t *ath)
{
    u_char                 hash[OAUTHCC_PROOF_HASH];
    ngx_str_t              src;
    oauthcc_proof_hash_t  *kept;

    kept = &proofs->hashes[serial % OAUTHCC_PROOF_HASHES];

    ath->len = OAUTHCC_PROOF_ATH;
    ath->data = kept->ath;

    if (kept->serial == serial) {
        return NGX_OK;
    }

    kept->serial = 0;

    if (EVP_Digest(token->data, token->len, hash, NULL, EVP_sha256(), NULL)
        != 1)
    {
        ERR_clear_error();
        return NGX_ERROR;
    }

    src.len = OAUTHCC_PROOF_HASH;
    src.data = hash;

    ngx_encode_base64url(ath, &src);

    kept->serial = serial;

    return NGX_OK;
}


/* RFC 9449 section 4.2: 96 random bits or more, and never again. */

static void
oauthcc_proof_jti(oauthcc_proofs_t *proofs, ngx_str_t *jti)
{
    u_char     bytes[OAUTHCC_PROOF_JTI];
    ngx_str_t  src;

    proofs->count++;

    ngx_memcpy(bytes, proofs->random, OAUTHCC_PROOF_RANDOM);
    ngx_memcpy(bytes + OAUTHCC_PROOF_RANDOM, &proofs->count,
               sizeof(uint64_t));

    src.len = OAUTHCC_PROOF_JTI;
    src.data = bytes;

    ngx_encode_base64url(jti, &src);
}


static ngx_int_t
oauthcc_proof_sign(ngx_pool_t *pool, oauthcc_proof_key_t *key,
    ngx_str_t *claims, ngx_str_t *proof)
{
    size_t     n;
    u_char    *p, *signature, buf[OAUTHCC_PROOF_SIGNATURE];
    ngx_str_t  text, dst, src;

    n = oauthcc_proof_key_size(key);

    signature = buf;

    if (n > sizeof(buf)) {
        signature = ngx_pnalloc(pool, n);
        if (signature == NULL) {
            return NGX_ERROR;
        }
    }

    p = ngx_pnalloc(pool, key->len + ngx_base64_encoded_length(claims->len)
                          + 1 + ngx_base64_encoded_length(n));
    if (p == NULL) {
        return NGX_ERROR;
    }

    proof->data = p;

    p = ngx_cpymem(p, key->head, key->len);

    dst.data = p;
    ngx_encode_base64url(&dst, claims);
    p += dst.len;

    text.data = proof->data;
    text.len = p - proof->data;

    *p++ = '.';

    if (oauthcc_proof_key_sign(key, &text, signature, &n) != NGX_OK) {
        return NGX_DECLINED;
    }

    src.len = n;
    src.data = signature;
    dst.data = p;

    ngx_encode_base64url(&dst, &src);

    proof->len = p + dst.len - proof->data;

    return NGX_OK;
}
