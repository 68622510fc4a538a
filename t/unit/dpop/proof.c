
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <jansson.h>
#include "cache/oauthcc_cache.h"
#include "cache/oauthcc_lock.h"
#include "dpop/oauthcc_jwk.h"
#include "dpop/oauthcc_proof.h"
#include "oauthcc_unit.h"


static ngx_int_t oauthcc_unit_proof_key_of(oauthcc_unit_t *unit,
    oauthcc_provider_t *provider, ngx_str_t *jti, ngx_str_t *print);
static ngx_int_t oauthcc_unit_proof_part(oauthcc_unit_t *unit, u_char *from,
    u_char *last, json_t **part);
static void oauthcc_unit_proof_reset(oauthcc_cache_t *cache);


/*
 * The key follows the zone: of two processes it is the same, as it is of one
 * that has forgotten it, and after a reset of the zone it is another one.
 */

ngx_int_t
oauthcc_unit_proof(oauthcc_unit_t *unit)
{
    u_char               account[OAUTHCC_DIGEST_LEN];
    uint64_t             generation;
    ngx_str_t            jti[6], print[6];
    oauthcc_cache_t      cache;
    oauthcc_provider_t   provider;

    if (oauthcc_unit_zone(unit, NULL, 256 * 1024, &cache) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_memset(account, 'a', sizeof(account));
    ngx_memzero(&provider, sizeof(oauthcc_provider_t));

    provider.dpop.on = 1;
    provider.dpop.account = account;
    provider.runtime.cache = &cache;
    ngx_str_set(&provider.name, "crm");

    if (oauthcc_unit_proof_key_of(unit, &provider, &jti[0], &print[0])
           != NGX_OK
        || oauthcc_unit_proof_key_of(unit, &provider, &jti[1], &print[1])
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    oauthcc_unit_string(unit, &print[1], &print[0], "the same key");
    oauthcc_unit_ok(unit, !oauthcc_unit_equal(&jti[0], &jti[1]),
                    "another identifier");

    /* as another worker, or one of the next cycle */

    oauthcc_proof_free(&provider);
    oauthcc_unit_number(unit, oauthcc_proof_generation(&provider), 0,
                        "nothing is kept");

    if (oauthcc_unit_proof_key_of(unit, &provider, &jti[2], &print[2])
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    oauthcc_unit_string(unit, &print[2], &print[0], "the same key again");
    oauthcc_unit_ok(unit, !oauthcc_unit_equal(&jti[0], &jti[2]),
                    "and no identifier twice");

    generation = oauthcc_proof_generation(&provider);
    oauthcc_unit_ok(unit, generation != 0, "the generation of the zone");

    oauthcc_unit_proof_reset(&cache);

    if (oauthcc_unit_proof_key_of(unit, &provider, &jti[3], &print[3])
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    oauthcc_unit_ok(unit, !oauthcc_unit_equal(&print[3], &print[0]),
                    "after a reset another key");
    oauthcc_unit_ok(unit, oauthcc_proof_generation(&provider) != generation,
                    "of another generation");

    account[0] = 'b';
    oauthcc_proof_free(&provider);

    if (oauthcc_unit_proof_key_of(unit, &provider, &jti[4], &print[4])
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    oauthcc_unit_ok(unit, !oauthcc_unit_equal(&print[4], &print[3]),
                    "for another provider another key");

    oauthcc_proof_free(&provider);

    return NGX_OK;
}


static ngx_int_t
oauthcc_unit_proof_key_of(oauthcc_unit_t *unit, oauthcc_provider_t *provider,
    ngx_str_t *jti, ngx_str_t *print)
{
    u_char                   *dot, *last;
    json_t                   *head, *claims, *id;
    ngx_int_t                 rc;
    ngx_str_t                 nonce, proof;
    oauthcc_proof_request_t   from;

    ngx_memzero(&from, sizeof(oauthcc_proof_request_t));

    ngx_str_set(&from.method, "GET");
    ngx_str_set(&from.uri.htu, "https://api.example.com/");
    ngx_str_set(&from.uri.origin, "https://api.example.com");

    if (oauthcc_proof_make(provider, unit->pool, &from, &nonce, &proof)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    last = proof.data + proof.len;
    dot = ngx_strlchr(proof.data, last, '.');

    if (dot == NULL
        || oauthcc_unit_proof_part(unit, proof.data, dot, &head) != NGX_OK
        || oauthcc_unit_proof_part(unit, dot + 1,
                                   ngx_strlchr(dot + 1, last, '.'), &claims)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    oauthcc_unit_number(unit, json_integer_value(json_object_get(claims,
                                                                 "iat")),
                        ngx_time() - 1, "a second of the past");

    id = json_object_get(claims, "jti");

    jti->len = json_string_length(id);
    jti->data = ngx_pnalloc(unit->pool, jti->len);
    print->len = OAUTHCC_JWK_THUMBPRINT_LEN;
    print->data = ngx_pnalloc(unit->pool, print->len);

    if (jti->data == NULL || print->data == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(jti->data, json_string_value(id), jti->len);

    rc = oauthcc_jwk_thumbprint(json_object_get(head, "jwk"), print->data);

    json_decref(head);
    json_decref(claims);

    return rc;
}


static ngx_int_t
oauthcc_unit_proof_part(oauthcc_unit_t *unit, u_char *from, u_char *last,
    json_t **part)
{
    ngx_str_t     src, dst;
    json_error_t  error;

    if (last == NULL) {
        return NGX_ERROR;
    }

    src.data = from;
    src.len = last - from;

    dst.data = ngx_pnalloc(unit->pool, ngx_base64_decoded_length(src.len));

    if (dst.data == NULL || ngx_decode_base64url(&dst, &src) != NGX_OK) {
        return NGX_ERROR;
    }

    *part = json_loadb((char *) dst.data, dst.len, 0, &error);

    return *part ? NGX_OK : NGX_ERROR;
}


/* As after the death of a process that was changing the zone. */

static void
oauthcc_unit_proof_reset(oauthcc_cache_t *cache)
{
    oauthcc_zone_t  *shared;

    shared = cache->shared;
    shared->busy = 1;

    oauthcc_lock_take(cache);
    oauthcc_lock_release(cache);
}
