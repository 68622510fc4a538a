
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "token/oauthcc_caller.h"
#include "oauth/oauthcc_token_lifetime.h"


static void oauthcc_caller_clean(void *data);
static ngx_int_t oauthcc_caller_duplicate(ngx_pool_t *pool, ngx_str_t *text);


oauthcc_caller_t *
oauthcc_caller_create(ngx_pool_t *pool)
{
    return ngx_pcalloc(pool, sizeof(oauthcc_caller_t));
}


ngx_int_t
oauthcc_caller_wipe(ngx_pool_t *pool, ngx_str_t *bytes)
{
    ngx_str_t           *text;
    ngx_pool_cleanup_t  *cln, **last;

    cln = ngx_pool_cleanup_add(pool, sizeof(ngx_str_t));

    if (cln == NULL) {
        return NGX_ERROR;
    }

    text = cln->data;
    *text = *bytes;

    cln->handler = oauthcc_caller_clean;

    /* the last of all: others may start a login that needs the bytes */

    pool->cleanup = cln->next;
    cln->next = NULL;

    for (last = &pool->cleanup; *last; last = &(*last)->next) { /* void */ }

    *last = cln;

    return NGX_OK;
}


oauthcc_caller_t *
oauthcc_caller_copy(ngx_pool_t *pool, oauthcc_caller_t *caller)
{
    ngx_uint_t         i;
    oauthcc_caller_t  *copy;

    copy = oauthcc_caller_create(pool);
    if (copy == NULL) {
        return NULL;
    }

    *copy = *caller;

    if (oauthcc_caller_duplicate(pool, &copy->token) != NGX_OK) {
        return NULL;
    }

    if (caller->nvalues == 0) {
        return copy;
    }

    copy->values = ngx_palloc(pool, caller->nvalues * sizeof(oauthcc_pair_t));
    if (copy->values == NULL) {
        return NULL;
    }

    for (i = 0; i < caller->nvalues; i++) {
        copy->values[i] = caller->values[i];

        if (oauthcc_caller_duplicate(pool, &copy->values[i].value) != NGX_OK) {
            return NULL;
        }
    }

    return copy;
}


uint64_t
oauthcc_caller_address(struct sockaddr *sockaddr)
{
    uint64_t              number;
    struct sockaddr_in   *sin;
#if (NGX_HAVE_INET6)
    ngx_uint_t            i;
    struct sockaddr_in6  *sin6;
#endif

    number = 1;

    switch (sockaddr->sa_family) {

    case AF_INET:
        sin = (struct sockaddr_in *) sockaddr;
        number = (uint64_t) 0xffff << 32 | ntohl(sin->sin_addr.s_addr);
        break;

#if (NGX_HAVE_INET6)
    case AF_INET6:
        sin6 = (struct sockaddr_in6 *) sockaddr;
        number = 0;

        if (IN6_IS_ADDR_V4MAPPED(&sin6->sin6_addr)) {

            /* the same client, whichever socket it has come by */

            for (i = 10; i < 16; i++) {
                number = number << 8 | sin6->sin6_addr.s6_addr[i];
            }

            break;
        }

        for (i = 0; i < 8; i++) {
            number = number << 8 | sin6->sin6_addr.s6_addr[i];
        }

        break;
#endif

    default:
        break;
    }

    return number;
}


ngx_int_t
oauthcc_caller_life(ngx_pool_t *pool, ngx_str_t *token, ngx_msec_t *life)
{
    ngx_int_t    rc;
    ngx_time_t  *tp;

    tp = ngx_timeofday();

    rc = oauthcc_token_lifetime_jwt(pool, token, tp->sec, life);

    if (rc == NGX_OK) {

        /* the second has begun already */

        *life -= ngx_min(*life, (ngx_msec_t) tp->msec);
    }

    return rc;
}


ngx_uint_t
oauthcc_caller_valid(ngx_str_t *token)
{
    size_t  i;

    if (token->len > OAUTHCC_CALLER_MAX) {
        return 0;
    }

    for (i = 0; i < token->len; i++) {
        if (token->data[i] <= 0x20 || token->data[i] >= 0x7f) {
            return 0;
        }
    }

    return 1;
}


static void
oauthcc_caller_clean(void *data)
{
    ngx_str_t *text = data;

    ngx_explicit_memzero(text->data, text->len);
}


static ngx_int_t
oauthcc_caller_duplicate(ngx_pool_t *pool, ngx_str_t *text)
{
    u_char  *p;

    if (text->len == 0) {
        return NGX_OK;
    }

    p = ngx_pnalloc(pool, text->len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(p, text->data, text->len);
    text->data = p;

    return oauthcc_caller_wipe(pool, text);
}
