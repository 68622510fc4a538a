
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <jansson.h>
#include "dpop/oauthcc_proof_claims.h"
#include "oauthcc_unit.h"


static void oauthcc_unit_proof_claims_bytes(oauthcc_unit_t *unit, char *name,
    ngx_str_t *value, ngx_int_t rc);


ngx_int_t
oauthcc_unit_proof_claims(oauthcc_unit_t *unit)
{
    ngx_str_t               json, expected;
    oauthcc_proof_claims_t  claims;

    static ngx_str_t  quote = ngx_string("x\",\"htu\":\"y");
    static ngx_str_t  controls = ngx_string("\r\n\t\0\x1f\\");
    static ngx_str_t  utf8 = ngx_string("\xc3\xbc");
    static ngx_str_t  broken = ngx_string("a\xff");
    static ngx_str_t  cut = ngx_string("\xc3");

    ngx_memzero(&claims, sizeof(oauthcc_proof_claims_t));

    ngx_str_set(&claims.jti, "j1");
    ngx_str_set(&claims.htm, "POST");
    ngx_str_set(&claims.htu, "https://as.example.com/token");
    claims.iat = 1700000000;

    oauthcc_unit_number(unit, oauthcc_proof_claims_write(unit->pool, &claims,
                                                         &json),
                        NGX_OK, "of a token request");

    ngx_str_set(&expected, "{\"jti\":\"j1\",\"htm\":\"POST\","
                           "\"htu\":\"https://as.example.com/token\","
                           "\"iat\":1700000000}");
    oauthcc_unit_string(unit, &json, &expected, "of a token request");

    ngx_str_set(&claims.ath, "hash");
    ngx_str_set(&claims.nonce, "n-1");

    oauthcc_unit_number(unit, oauthcc_proof_claims_write(unit->pool, &claims,
                                                         &json),
                        NGX_OK, "with a token and a nonce");

    ngx_str_set(&expected, "{\"jti\":\"j1\",\"htm\":\"POST\","
                           "\"htu\":\"https://as.example.com/token\","
                           "\"iat\":1700000000,\"ath\":\"hash\","
                           "\"nonce\":\"n-1\"}");
    oauthcc_unit_string(unit, &json, &expected, "with a token and a nonce");

    oauthcc_unit_proof_claims_bytes(unit, "quotes", &quote, NGX_OK);
    oauthcc_unit_proof_claims_bytes(unit, "controls", &controls, NGX_OK);
    oauthcc_unit_proof_claims_bytes(unit, "UTF-8", &utf8, NGX_OK);
    oauthcc_unit_proof_claims_bytes(unit, "not UTF-8", &broken, NGX_DECLINED);
    oauthcc_unit_proof_claims_bytes(unit, "half of it", &cut, NGX_DECLINED);

    return NGX_OK;
}


/* Whatever a claim holds, it is read as just that. */

static void
oauthcc_unit_proof_claims_bytes(oauthcc_unit_t *unit, char *name,
    ngx_str_t *value, ngx_int_t rc)
{
    json_t                  *read, *htm;
    ngx_str_t                json, got;
    json_error_t             error;
    oauthcc_proof_claims_t   claims;

    ngx_memzero(&claims, sizeof(oauthcc_proof_claims_t));

    ngx_str_set(&claims.jti, "j1");
    ngx_str_set(&claims.htu, "https://api.example.com/");
    claims.htm = *value;

    if (rc != NGX_OK) {
        oauthcc_unit_number(unit, oauthcc_proof_claims_write(unit->pool,
                                                             &claims, &json),
                            rc, name);
        return;
    }

    if (!oauthcc_unit_ok(unit, oauthcc_proof_claims_write(unit->pool, &claims,
                                                          &json) == NGX_OK,
                         "%s: written", name))
    {
        return;
    }

    read = json_loadb((char *) json.data, json.len,
                      JSON_REJECT_DUPLICATES|JSON_ALLOW_NUL, &error);

    if (!oauthcc_unit_ok(unit, read != NULL, "%s: JSON", name)) {
        return;
    }

    htm = json_object_get(read, "htm");

    got.data = (u_char *) json_string_value(htm);
    got.len = json_string_length(htm);

    oauthcc_unit_string(unit, &got, value, name);
    oauthcc_unit_number(unit, json_object_size(read), 4, name);

    json_decref(read);
}
