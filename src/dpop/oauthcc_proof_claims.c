
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <jansson.h>
#include "dpop/oauthcc_proof_claims.h"


/* more than names, quotes, commas and the time take */
#define OAUTHCC_PROOF_CLAIMS_REST  96


static ngx_int_t oauthcc_proof_claims_string(json_t *object, char *name,
    ngx_str_t *value);
static ngx_int_t oauthcc_proof_claims_dump(ngx_pool_t *pool, json_t *object,
    size_t room, ngx_str_t *json);


ngx_int_t
oauthcc_proof_claims_write(ngx_pool_t *pool, oauthcc_proof_claims_t *claims,
    ngx_str_t *json)
{
    json_t     *object;
    size_t      room;
    ngx_int_t   rc;

    object = json_object();
    if (object == NULL) {
        return NGX_ERROR;
    }

    room = OAUTHCC_PROOF_CLAIMS_REST + claims->jti.len + claims->htm.len
           + claims->htu.len + claims->ath.len + claims->nonce.len;

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
        rc = oauthcc_proof_claims_dump(pool, object, room, json);
    }

    json_decref(object);

    return rc;
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


/* What has to be escaped does not fit into the room for what has not. */

static ngx_int_t
oauthcc_proof_claims_dump(ngx_pool_t *pool, json_t *object, size_t room,
    ngx_str_t *json)
{
    size_t  len;

    json->data = ngx_pnalloc(pool, room);
    if (json->data == NULL) {
        return NGX_ERROR;
    }

    len = json_dumpb(object, (char *) json->data, room, JSON_COMPACT);

    if (len > room) {
        json->data = ngx_pnalloc(pool, len);
        if (json->data == NULL) {
            return NGX_ERROR;
        }

        if (json_dumpb(object, (char *) json->data, len, JSON_COMPACT) != len)
        {
            return NGX_ERROR;
        }
    }

    json->len = len;

    return len ? NGX_OK : NGX_ERROR;
}
