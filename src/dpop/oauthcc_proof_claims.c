
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <jansson.h>
#include "dpop/oauthcc_proof_claims.h"


/* more than names, quotes, commas and the time take */
#define OAUTHCC_PROOF_CLAIMS_REST  96


static ngx_uint_t oauthcc_proof_claims_plain(ngx_str_t *value);
static ngx_int_t oauthcc_proof_claims_join(ngx_pool_t *pool,
    oauthcc_proof_claims_t *claims, ngx_str_t *json);
static u_char *oauthcc_proof_claims_put(u_char *p, char *name, size_t len,
    ngx_str_t *value);
static ngx_int_t oauthcc_proof_claims_string(json_t *object, char *name,
    ngx_str_t *value);
static ngx_int_t oauthcc_proof_claims_dump(ngx_pool_t *pool, json_t *object,
    ngx_str_t *json);


ngx_int_t
oauthcc_proof_claims_write(ngx_pool_t *pool, oauthcc_proof_claims_t *claims,
    ngx_str_t *json)
{
    json_t     *object;
    ngx_int_t   rc;

    /* as a rule there is nothing to escape: a quarter of the time then */

    if (oauthcc_proof_claims_plain(&claims->jti)
        && oauthcc_proof_claims_plain(&claims->htm)
        && oauthcc_proof_claims_plain(&claims->htu)
        && oauthcc_proof_claims_plain(&claims->ath)
        && oauthcc_proof_claims_plain(&claims->nonce))
    {
        return oauthcc_proof_claims_join(pool, claims, json);
    }

    object = json_object();
    if (object == NULL) {
        return NGX_ERROR;
    }

    if (oauthcc_proof_claims_string(object, "jti", &claims->jti) != NGX_OK
        || oauthcc_proof_claims_string(object, "htm", &claims->htm) != NGX_OK
        || oauthcc_proof_claims_string(object, "htu", &claims->htu) != NGX_OK
        || json_object_set_new_nocheck(object, "iat",
                                       json_integer(claims->iat)) != 0
        || oauthcc_proof_claims_string(object, "ath", &claims->ath) != NGX_OK
        || oauthcc_proof_claims_string(object, "nonce", &claims->nonce)
           != NGX_OK)
    {
        rc = NGX_DECLINED;

    } else {
        rc = oauthcc_proof_claims_dump(pool, object, json);
    }

    json_decref(object);

    return rc;
}


/* Whether all of it may stand in a string of JSON as it is. */

static ngx_uint_t
oauthcc_proof_claims_plain(ngx_str_t *value)
{
    u_char      c;
    ngx_uint_t  i;

    for (i = 0; i < value->len; i++) {
        c = value->data[i];

        if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\') {
            return 0;
        }
    }

    return 1;
}


static ngx_int_t
oauthcc_proof_claims_join(ngx_pool_t *pool, oauthcc_proof_claims_t *claims,
    ngx_str_t *json)
{
    u_char  *p;

    p = ngx_pnalloc(pool, OAUTHCC_PROOF_CLAIMS_REST + claims->jti.len
                          + claims->htm.len + claims->htu.len
                          + claims->ath.len + claims->nonce.len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    json->data = p;

    p = oauthcc_proof_claims_put(p, ",\"jti\":\"", 8, &claims->jti);
    p = oauthcc_proof_claims_put(p, ",\"htm\":\"", 8, &claims->htm);
    p = oauthcc_proof_claims_put(p, ",\"htu\":\"", 8, &claims->htu);
    p = ngx_sprintf(p, ",\"iat\":%T", claims->iat);
    p = oauthcc_proof_claims_put(p, ",\"ath\":\"", 8, &claims->ath);
    p = oauthcc_proof_claims_put(p, ",\"nonce\":\"", 10, &claims->nonce);
    *p++ = '}';

    /* in place of the first comma */

    json->data[0] = '{';
    json->len = p - json->data;

    return NGX_OK;
}


static u_char *
oauthcc_proof_claims_put(u_char *p, char *name, size_t len, ngx_str_t *value)
{
    if (value->len) {
        p = ngx_cpymem(p, name, len);
        p = ngx_cpymem(p, value->data, value->len);
        *p++ = '"';
    }

    return p;
}


/* A string of JSON must be UTF-8. */

static ngx_int_t
oauthcc_proof_claims_string(json_t *object, char *name, ngx_str_t *value)
{
    if (value->len == 0) {
        return NGX_OK;
    }

    return json_object_set_new_nocheck(object, name,
                                       json_stringn((char *) value->data,
                                                    value->len)) == 0
           ? NGX_OK : NGX_DECLINED;
}


static ngx_int_t
oauthcc_proof_claims_dump(ngx_pool_t *pool, json_t *object, ngx_str_t *json)
{
    json->len = json_dumpb(object, NULL, 0, JSON_COMPACT);

    json->data = ngx_pnalloc(pool, json->len);

    return json->len && json->data
           && json_dumpb(object, (char *) json->data, json->len, JSON_COMPACT)
              == json->len
           ? NGX_OK : NGX_ERROR;
}
