
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "oauth/oauthcc_token_lifetime.h"
#include "oauthcc_unit.h"


/* 2023-11-14 22:13:20 GMT */
#define OAUTHCC_UNIT_DATE  1700000000

#define OAUTHCC_UNIT_BAD   ((ngx_msec_t) -1)


/* the payload of a JWT, the Date of the response, and the life of both */

typedef struct {
    char        *payload;
    time_t       date;
    ngx_msec_t   life;
} oauthcc_unit_jwt_t;


static ngx_int_t oauthcc_unit_lifetime_payload(oauthcc_unit_t *unit,
    oauthcc_unit_jwt_t *jwt);


static oauthcc_unit_jwt_t  oauthcc_unit_jwts[] = {

    { "{\"exp\":1700003600}", OAUTHCC_UNIT_DATE, 3600000 },
    { "{\"exp\":1700003600.25}", OAUTHCC_UNIT_DATE, 3600250 },
    { "{\"exp\":\"1700003600\"}", OAUTHCC_UNIT_DATE, 3600000 },
    { "{\"exp\":1700003600,\"iat\":1}", OAUTHCC_UNIT_DATE, 3600000 },
    { "{\"exp\":1700003600,\"iat\":\"x\"}", OAUTHCC_UNIT_DATE, 3600000 },
    { "{\"exp\":1700003600,\"iat\":1700003000}", 0, 600000 },
    { "{\"exp\":1700000000}", OAUTHCC_UNIT_DATE, 0 },
    { "{\"exp\":1699999999}", OAUTHCC_UNIT_DATE, 0 },
    { "{\"exp\":0}", OAUTHCC_UNIT_DATE, 0 },
    { "{\"exp\":5,\"iat\":6}", 0, 0 },
    { "{\"exp\":9999999999999}", OAUTHCC_UNIT_DATE,
      OAUTHCC_TOKEN_LIFETIME_MAX },
    { "{\"exp\":1e300}", OAUTHCC_UNIT_DATE, OAUTHCC_TOKEN_LIFETIME_MAX },

    /* milliseconds */

    { "{\"exp\":1700003600000}", OAUTHCC_UNIT_DATE, 3600000 },
    { "{\"exp\":1700003600250}", OAUTHCC_UNIT_DATE, 3600250 },
    { "{\"exp\":\"1700003600000\"}", OAUTHCC_UNIT_DATE, 3600000 },
    { "{\"exp\":1699999999999}", OAUTHCC_UNIT_DATE, 0 },
    { "{\"exp\":1700003600000,\"iat\":1700003000000}", 0, 600000 },
    { "{\"exp\":1700003600,\"iat\":1700003000000}", 0, 600000 },
    { "{\"exp\":999999999999}", OAUTHCC_UNIT_DATE,
      OAUTHCC_TOKEN_LIFETIME_MAX },
    { "{\"exp\":10000000000000}", OAUTHCC_UNIT_DATE,
      OAUTHCC_TOKEN_LIFETIME_MAX },

    /* by the clock of this host */

    { "{\"exp\":1700003600}", 0, 0 },
    { "{\"exp\":1700003600,\"iat\":null}", 0, 0 },
    { "{\"exp\":1700003600000}", 0, 0 },

    { "{\"iat\":1700003600}", OAUTHCC_UNIT_DATE, OAUTHCC_UNIT_BAD },
    { "{\"exp\":null}", OAUTHCC_UNIT_DATE, OAUTHCC_UNIT_BAD },
    { "{\"exp\":true}", OAUTHCC_UNIT_DATE, OAUTHCC_UNIT_BAD },
    { "{\"exp\":\"tomorrow\"}", OAUTHCC_UNIT_DATE, OAUTHCC_UNIT_BAD },
    { "{\"exp\":[1700003600]}", OAUTHCC_UNIT_DATE, OAUTHCC_UNIT_BAD },
    { "{\"exp\":1700003600,\"exp\":1}", OAUTHCC_UNIT_DATE,
      OAUTHCC_UNIT_BAD },
    { "[1700003600]", OAUTHCC_UNIT_DATE, OAUTHCC_UNIT_BAD },
    { "1700003600", OAUTHCC_UNIT_DATE, OAUTHCC_UNIT_BAD },
    { "{\"exp\":1700003600", OAUTHCC_UNIT_DATE, OAUTHCC_UNIT_BAD },
    { "", OAUTHCC_UNIT_DATE, OAUTHCC_UNIT_BAD },

    { NULL, 0, 0 }
};


/* what is no JWT, with a payload that would have an end */

#define OAUTHCC_UNIT_PAYLOAD  "eyJleHAiOjE3MDAwMDM2MDB9"

static ngx_str_t  oauthcc_unit_no_jwts[] = {
    ngx_string("."),
    ngx_string(".."),
    ngx_string("..."),
    ngx_string("a"),
    ngx_string(OAUTHCC_UNIT_PAYLOAD),
    ngx_string("a." OAUTHCC_UNIT_PAYLOAD),
    ngx_string("a." OAUTHCC_UNIT_PAYLOAD ".b.c"),
    ngx_string("a." OAUTHCC_UNIT_PAYLOAD ".b.c.d"),
    ngx_string("a." OAUTHCC_UNIT_PAYLOAD "!.b"),
    ngx_string("a.x.b"),
    ngx_null_string
};


ngx_int_t
oauthcc_unit_token_lifetime(oauthcc_unit_t *unit)
{
    double               left;
    ngx_str_t           *token, good;
    ngx_msec_t           life;
    oauthcc_unit_jwt_t  *jwt;

    for (jwt = oauthcc_unit_jwts; jwt->payload; jwt++) {
        if (oauthcc_unit_lifetime_payload(unit, jwt) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    ngx_str_set(&good, "a." OAUTHCC_UNIT_PAYLOAD ".b");

    oauthcc_unit_ok(unit,
                    oauthcc_token_lifetime_jwt(unit->pool, &good,
                                               OAUTHCC_UNIT_DATE, &life)
                       == NGX_OK
                    && life == 3600000,
                    "the payload that is in those");

    for (token = oauthcc_unit_no_jwts; token->len; token++) {

        life = 7;

        oauthcc_unit_ok(unit,
                        oauthcc_token_lifetime_jwt(unit->pool, token,
                                                   OAUTHCC_UNIT_DATE, &life)
                           == NGX_DECLINED
                        && life == 7,
                        "no JWT: %V", token);
    }

    oauthcc_unit_ok(unit,
                    oauthcc_token_lifetime_stamp((double) ngx_time() + 60, 0,
                                                 &left)
                    && left > 59 && left < 61,
                    "without a Date it is the clock of this host");

    return NGX_OK;
}


static ngx_int_t
oauthcc_unit_lifetime_payload(oauthcc_unit_t *unit, oauthcc_unit_jwt_t *jwt)
{
    u_char      text[512];
    ngx_int_t   rc;
    ngx_str_t   token, payload, encoded;
    ngx_msec_t  life;

    payload.data = (u_char *) jwt->payload;
    payload.len = ngx_strlen(jwt->payload);

    ngx_memcpy(text, "eyJhIjoxfQ.", sizeof("eyJhIjoxfQ.") - 1);

    encoded.data = text + sizeof("eyJhIjoxfQ.") - 1;
    ngx_encode_base64url(&encoded, &payload);

    token.data = text;
    token.len = ngx_sprintf(encoded.data + encoded.len, ".c2ln") - text;

    life = OAUTHCC_UNIT_BAD;

    rc = oauthcc_token_lifetime_jwt(unit->pool, &token, jwt->date, &life);

    oauthcc_unit_ok(unit,
                    life == jwt->life
                    && rc == (jwt->life == OAUTHCC_UNIT_BAD ? NGX_DECLINED
                                                            : NGX_OK),
                    "JWT: %s, Date %T", jwt->payload, jwt->date);

    return NGX_OK;
}
