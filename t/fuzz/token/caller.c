
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/*
 * Tokens of users, "Authorization, record separator, claims": what is taken
 * from the header is a part of it, without blanks around it; the claims are
 * those of a JWT that is made here, whose life is read, and of the response
 * that has it.
 */


#include "oauthcc_fuzz.h"
#include <jansson.h>
#include "core/oauthcc_lifetime.h"
#include "oauth/oauthcc_token_lifetime.h"
#include "token/oauthcc_cache_key.h"
#include "token/oauthcc_caller.h"
#include "upstream/oauthcc_subject.h"


#define OAUTHCC_FUZZ_DATE  1700000000


char  *oauthcc_fuzz_providers = "";


static void oauthcc_fuzz_incoming(oauthcc_fuzz_t *fuzz, ngx_str_t *header);
static void oauthcc_fuzz_copy(oauthcc_fuzz_t *fuzz, ngx_str_t *token);
static uint64_t oauthcc_fuzz_address(ngx_str_t *bytes);
static void oauthcc_fuzz_jwt(oauthcc_fuzz_t *fuzz, ngx_str_t *claims);
static void oauthcc_fuzz_life(oauthcc_fuzz_t *fuzz, ngx_str_t *token);
static void oauthcc_fuzz_expires(ngx_str_t *claims);


void
oauthcc_fuzz_run(oauthcc_fuzz_t *fuzz)
{
    ngx_str_t  header, claims;

    oauthcc_fuzz_record(fuzz, &header);

    claims.data = fuzz->pos;
    claims.len = fuzz->last - fuzz->pos;

    oauthcc_fuzz_incoming(fuzz, &header);
    oauthcc_fuzz_jwt(fuzz, &claims);
    oauthcc_fuzz_expires(&claims);
}


static void
oauthcc_fuzz_incoming(oauthcc_fuzz_t *fuzz, ngx_str_t *header)
{
    ngx_str_t            name, token;
    ngx_http_request_t  *r;

    ngx_str_set(&name, "Authorization");

    r = oauthcc_fuzz_http_request(fuzz);

    oauthcc_subject_incoming(r, &token);
    oauthcc_fuzz_check(token.len == 0);

    r->headers_in.authorization = oauthcc_fuzz_header(&r->headers_in.headers,
                                                      &name, header);
    oauthcc_subject_incoming(r, &token);

    if (token.len == 0) {
        return;
    }

    oauthcc_fuzz_check(token.data >= header->data + sizeof("Bearer ") - 1);
    oauthcc_fuzz_check(token.data + token.len <= header->data + header->len);
    oauthcc_fuzz_check(token.data[0] != ' '
                       && token.data[token.len - 1] != ' ');

    oauthcc_fuzz_life(fuzz, &token);
    oauthcc_fuzz_copy(fuzz, &token);
}


static void
oauthcc_fuzz_copy(oauthcc_fuzz_t *fuzz, ngx_str_t *token)
{
    u_char              digest[OAUTHCC_DIGEST_LEN];
    ngx_str_t           longer;
    oauthcc_pair_t      pairs[2];
    oauthcc_caller_t   *caller, *copy;

    oauthcc_fuzz_check(!oauthcc_caller_valid(token)
                       || (oauthcc_fuzz_printable(token)
                           && oauthcc_fuzz_word(token)));

    longer.len = OAUTHCC_CALLER_MAX + 1;
    longer.data = token->data;

    oauthcc_fuzz_check(token->len > OAUTHCC_CALLER_MAX
                       || !oauthcc_caller_valid(&longer));

    caller = oauthcc_caller_create(fuzz->pool);
    oauthcc_fuzz_check(caller != NULL);

    ngx_str_set(&pairs[0].name, "scope");
    pairs[0].value = *token;
    ngx_str_set(&pairs[1].name, "audience");
    ngx_str_null(&pairs[1].value);

    caller->address = oauthcc_fuzz_address(token);
    caller->token = *token;
    caller->values = pairs;
    caller->nvalues = 2 * (token->len % 2);

    oauthcc_fuzz_check(oauthcc_cache_key_digest(token, caller->digest)
                       == NGX_OK);

    oauthcc_fuzz_starve();
    copy = oauthcc_caller_copy(fuzz->pool, caller);

    if (oauthcc_fuzz_starved() && copy == NULL) {
        return;
    }

    oauthcc_fuzz_check(copy != NULL && copy->token.data != token->data);
    oauthcc_fuzz_check(oauthcc_fuzz_equal(&copy->token, token));
    oauthcc_fuzz_check(copy->nvalues == caller->nvalues);

    if (copy->nvalues) {
        oauthcc_fuzz_check(oauthcc_fuzz_equal(&copy->values[0].value, token));
        oauthcc_fuzz_check(copy->values[1].value.len == 0);
    }

    oauthcc_fuzz_check(oauthcc_cache_key_digest(&copy->token, digest)
                       == NGX_OK);
    oauthcc_fuzz_check(ngx_memcmp(digest, copy->digest, OAUTHCC_DIGEST_LEN)
                       == 0);
}


/* That of a client, of any bytes. */

static uint64_t
oauthcc_fuzz_address(ngx_str_t *bytes)
{
    uint64_t              number;
    struct sockaddr_in    sin;
    struct sockaddr_in6   sin6;
    struct sockaddr_un    saun;

    ngx_memzero(&sin, sizeof(struct sockaddr_in));
    ngx_memzero(&sin6, sizeof(struct sockaddr_in6));

    sin.sin_family = AF_INET;
    sin6.sin6_family = AF_INET6;
    saun.sun_family = AF_UNIX;

    ngx_memcpy(&sin.sin_addr, bytes->data, ngx_min(bytes->len, 4));
    number = oauthcc_caller_address((struct sockaddr *) &sin);

    /* the same client by a socket of IPv6 */

    sin6.sin6_addr.s6_addr[10] = 0xff;
    sin6.sin6_addr.s6_addr[11] = 0xff;
    ngx_memcpy(&sin6.sin6_addr.s6_addr[12], &sin.sin_addr, 4);

    oauthcc_fuzz_check(oauthcc_caller_address((struct sockaddr *) &sin6)
                       == number);

    ngx_memcpy(&sin6.sin6_addr, bytes->data, ngx_min(bytes->len, 16));
    (void) oauthcc_caller_address((struct sockaddr *) &sin6);

    return oauthcc_caller_address((struct sockaddr *) &saun);
}


/* A JWT with these claims. */

static void
oauthcc_fuzz_jwt(oauthcc_fuzz_t *fuzz, ngx_str_t *claims)
{
    u_char     *p;
    ngx_str_t   token, part;

    p = ngx_pnalloc(fuzz->pool, ngx_base64_encoded_length(claims->len)
                                + sizeof("e30..c2ln"));
    oauthcc_fuzz_check(p != NULL);

    token.data = p;
    p = ngx_cpymem(p, "e30.", sizeof("e30.") - 1);

    part.data = p;
    part.len = 0;

    if (claims->len) {
        ngx_encode_base64url(&part, claims);
    }

    p = ngx_cpymem(p + part.len, ".c2ln", sizeof(".c2ln") - 1);

    token.len = p - token.data;

    oauthcc_fuzz_life(fuzz, &token);
}


static void
oauthcc_fuzz_life(oauthcc_fuzz_t *fuzz, ngx_str_t *token)
{
    ngx_int_t   rc;
    ngx_uint_t  failed;
    ngx_msec_t  life, again;

    oauthcc_fuzz_starve();

    rc = oauthcc_token_lifetime_jwt(fuzz->pool, token, OAUTHCC_FUZZ_DATE,
                                    &life);

    failed = oauthcc_fuzz_starved();

    oauthcc_fuzz_check(rc == NGX_OK || rc == NGX_DECLINED
                       || (rc == NGX_ERROR && failed));

    if (rc == NGX_OK) {
        oauthcc_fuzz_check(life <= OAUTHCC_TOKEN_LIFETIME_MAX);
        oauthcc_fuzz_check(oauthcc_token_lifetime_jwt(fuzz->pool, token,
                                            OAUTHCC_FUZZ_DATE + 1, &again)
                           == NGX_OK);
        oauthcc_fuzz_check(again <= life);
    }

    /* whatever the clock says: no life that is longer than it may be */

    if (oauthcc_caller_life(fuzz->pool, token, &life) == NGX_OK) {
        oauthcc_fuzz_check(rc == NGX_OK || failed);
        oauthcc_fuzz_check(life <= OAUTHCC_TOKEN_LIFETIME_MAX);
    }

    if (oauthcc_token_lifetime_jwt(fuzz->pool, token, 0, &life) == NGX_OK) {
        oauthcc_fuzz_check(life <= OAUTHCC_TOKEN_LIFETIME_MAX);
    }
}


/* The same JSON as an "expires_in". */

static void
oauthcc_fuzz_expires(ngx_str_t *claims)
{
    json_t      *value;
    ngx_msec_t   life;

    value = json_loadb((char *) claims->data, claims->len,
                       JSON_DECODE_ANY|JSON_DECODE_INT_AS_REAL, NULL);

    if (value && oauthcc_token_lifetime_expires(value, OAUTHCC_FUZZ_DATE,
                                                &life)
                 == NGX_OK)
    {
        oauthcc_fuzz_check(json_is_number(value) || json_is_string(value));
        oauthcc_fuzz_check(life <= OAUTHCC_TOKEN_LIFETIME_MAX);
    }

    json_decref(value);
}
