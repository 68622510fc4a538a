
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_text.h"
#include "store/oauthcc_store_failure.h"
#include "store/oauthcc_store_payload.h"
#include "store/oauthcc_store_seal.h"


/* digits of a seal */
#define OAUTHCC_STORE_FAILURE_SEAL  (2 * OAUTHCC_STORE_SEAL_MORE)


static ngx_int_t oauthcc_store_failure_open(oauthcc_store_t *store,
    ngx_str_t *name, ngx_str_t *header, u_char *digits);
static ngx_int_t oauthcc_store_failure_number(ngx_str_t *rest,
    int64_t *number);


ngx_int_t
oauthcc_store_failure_write(oauthcc_store_t *store, ngx_str_t *name,
    oauthcc_store_failure_t *failure, int64_t until, ngx_str_t *text)
{
    u_char     *p, seal[OAUTHCC_STORE_SEAL_MORE];
    ngx_str_t   header, nothing;

    header.data = text->data;

    p = ngx_sprintf(text->data, "%013L %ui %ui %s", until, failure->count,
                    failure->status, failure->error);

    header.len = p - text->data;

    /* without a datum OpenSSL would take it for the end */

    nothing.data = text->data;
    nothing.len = 0;

    if (oauthcc_store_seal_close(store->keys.elts, name, &header, &nothing,
                                 seal)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    *p++ = ' ';

    text->len = ngx_hex_dump(p, seal, sizeof(seal)) - text->data;

    return NGX_OK;
}


ngx_int_t
oauthcc_store_failure_read(oauthcc_store_t *store, ngx_str_t *name,
    ngx_str_t *text, oauthcc_store_failure_t *failure, int64_t *until)
{
    int64_t    count, status;
    ngx_str_t  header, rest;

    ngx_memzero(failure, sizeof(oauthcc_store_failure_t));

    if (text->len > OAUTHCC_STORE_FAILURE_TEXT
        || text->len <= OAUTHCC_STORE_FAILURE_SEAL + 1)
    {
        return NGX_DECLINED;
    }

    header.data = text->data;
    header.len = text->len - OAUTHCC_STORE_FAILURE_SEAL - 1;

    if (header.data[header.len] != ' '
        || oauthcc_store_failure_open(store, name, &header,
                                      header.data + header.len + 1)
           != NGX_OK)
    {
        return NGX_DECLINED;
    }

    rest = header;

    if (oauthcc_store_failure_number(&rest, until) != NGX_OK
        || oauthcc_store_failure_number(&rest, &count) != NGX_OK
        || oauthcc_store_failure_number(&rest, &status) != NGX_OK
        || status > 599
        || rest.len >= OAUTHCC_STORE_ERROR || oauthcc_text_control(&rest))
    {
        return NGX_DECLINED;
    }

    failure->count = (ngx_uint_t) ngx_min(count, NGX_MAX_INT32_VALUE);
    failure->status = (ngx_uint_t) status;

    ngx_memcpy(failure->error, rest.data, rest.len);

    return NGX_OK;
}


/* Any of our keys may have sealed it. */

static ngx_int_t
oauthcc_store_failure_open(oauthcc_store_t *store, ngx_str_t *name,
    ngx_str_t *header, u_char *digits)
{
    u_char                      seal[OAUTHCC_STORE_SEAL_MORE];
    u_char                      out[OAUTHCC_STORE_SEAL_MORE];
    uint64_t                    byte;
    ngx_str_t                   sealed;
    ngx_uint_t                  i;
    oauthcc_store_key_bytes_t  *key;

    for (i = 0; i < OAUTHCC_STORE_SEAL_MORE; i++) {

        if (oauthcc_store_payload_digits(digits + 2 * i, 2, &byte) != NGX_OK) {
            return NGX_DECLINED;
        }

        seal[i] = (u_char) byte;
    }

    sealed.data = seal;
    sealed.len = OAUTHCC_STORE_SEAL_MORE;

    key = store->keys.elts;

    for (i = 0; i < store->keys.nelts; i++) {
        if (oauthcc_store_seal_open(&key[i], name, header, &sealed, out)
            == 0)
        {
            return NGX_OK;
        }
    }

    return NGX_DECLINED;
}


/* The number in front, and the space behind it. */

static ngx_int_t
oauthcc_store_failure_number(ngx_str_t *rest, int64_t *number)
{
    u_char  *space;

    space = ngx_strlchr(rest->data, rest->data + rest->len, ' ');
    if (space == NULL) {
        return NGX_ERROR;
    }

    *number = ngx_atoof(rest->data, space - rest->data);
    if (*number < 0) {
        return NGX_ERROR;
    }

    rest->len -= space + 1 - rest->data;
    rest->data = space + 1;

    return NGX_OK;
}
