
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "store/oauthcc_store_payload.h"
#include "store/oauthcc_store_reply.h"
#include "store/oauthcc_store_seal.h"
#include "store/oauthcc_store_value.h"


/* where the parts of a header begin */

#define OAUTHCC_STORE_VALUE_KEY      1
#define OAUTHCC_STORE_VALUE_VERSION  9
#define OAUTHCC_STORE_VALUE_EPOCH    25
#define OAUTHCC_STORE_VALUE_MADE     41
#define OAUTHCC_STORE_VALUE_ENDS     54
#define OAUTHCC_STORE_VALUE_FORCED   67

/* digits of a time */
#define OAUTHCC_STORE_VALUE_TIME     13

/* bytes of a value at most: a reply has to hold it */
#define OAUTHCC_STORE_VALUE_MAX      (OAUTHCC_STORE_REPLY_MAX - 1024)


static ngx_int_t oauthcc_store_value_header(ngx_str_t *text,
    oauthcc_store_value_t *value, oauthcc_store_value_times_t *times);
static ngx_int_t oauthcc_store_value_open(ngx_pool_t *pool,
    oauthcc_store_t *store, ngx_str_t *name, ngx_str_t *text,
    ngx_str_t *plain);


ngx_int_t
oauthcc_store_value_write(ngx_pool_t *pool, oauthcc_store_t *store,
    ngx_str_t *name, oauthcc_store_value_t *value,
    oauthcc_store_value_times_t *times, ngx_str_t *text)
{
    u_char                     *p;
    ngx_int_t                   rc;
    ngx_str_t                   plain, header;
    oauthcc_store_payload_t     payload;
    oauthcc_store_key_bytes_t  *key;

    key = store->keys.elts;

    payload.packed = value->packed;
    payload.login_time = value->login_time;
    payload.content = value->content;
    payload.reduced = value->reduced;
    payload.limited = value->limited;

    if (oauthcc_store_payload_write(pool, &payload, &plain) != NGX_OK) {
        return NGX_ERROR;
    }

    rc = NGX_ERROR;

    text->len = OAUTHCC_STORE_VALUE_HEADER + OAUTHCC_STORE_SEAL_MORE
                + plain.len;

    if (text->len > OAUTHCC_STORE_VALUE_MAX) {
        rc = NGX_DECLINED;
        goto done;
    }

    text->data = ngx_pnalloc(pool, text->len);
    if (text->data == NULL) {
        goto done;
    }

    p = text->data;

    *p++ = '1';
    p = ngx_hex_dump(p, key->id, OAUTHCC_STORE_KEY_ID);
    p = ngx_sprintf(p, "%016xL%08xD%08xD%013L%013L%c", value->version,
                    times->epoch[0], times->epoch[1], times->made,
                    times->ends, value->forced ? 'f' : '-');

    header.data = text->data;
    header.len = OAUTHCC_STORE_VALUE_HEADER;

    if (p - text->data == OAUTHCC_STORE_VALUE_HEADER) {
        rc = oauthcc_store_seal_close(key, name, &header, &plain, p);
    }

done:

    ngx_explicit_memzero(plain.data, plain.len);

    return rc;
}


ngx_int_t
oauthcc_store_value_read(ngx_pool_t *pool, oauthcc_store_t *store,
    ngx_str_t *name, ngx_str_t *text, oauthcc_store_value_t *value,
    oauthcc_store_value_times_t *times)
{
    ngx_int_t                rc;
    ngx_str_t                plain;
    oauthcc_store_payload_t  payload;

    ngx_memzero(value, sizeof(oauthcc_store_value_t));

    if (oauthcc_store_value_header(text, value, times) != NGX_OK) {
        return NGX_DECLINED;
    }

    rc = oauthcc_store_value_open(pool, store, name, text, &plain);

    if (rc != NGX_OK) {
        return rc;
    }

    rc = oauthcc_store_payload_read(pool, &plain, &payload);

    ngx_explicit_memzero(plain.data, plain.len);

    if (rc != NGX_OK) {
        return rc;
    }

    value->packed = payload.packed;
    value->login_time = payload.login_time;
    value->content = payload.content;
    value->reduced = payload.reduced;
    value->limited = (payload.limited != 0);

    return NGX_OK;
}


static ngx_int_t
oauthcc_store_value_header(ngx_str_t *text, oauthcc_store_value_t *value,
    oauthcc_store_value_times_t *times)
{
    u_char    *p;
    uint64_t   epoch;

    p = text->data;

    if (text->len < OAUTHCC_STORE_VALUE_HEADER || p[0] != '1'
        || oauthcc_store_payload_digits(p + OAUTHCC_STORE_VALUE_VERSION, 16,
                                        &value->version)
           != NGX_OK
        || oauthcc_store_payload_digits(p + OAUTHCC_STORE_VALUE_EPOCH, 16,
                                        &epoch)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    times->epoch[0] = (uint32_t) (epoch >> 32);
    times->epoch[1] = (uint32_t) epoch;
    times->made = ngx_atoof(p + OAUTHCC_STORE_VALUE_MADE,
                            OAUTHCC_STORE_VALUE_TIME);
    times->ends = ngx_atoof(p + OAUTHCC_STORE_VALUE_ENDS,
                            OAUTHCC_STORE_VALUE_TIME);

    if (value->version == 0 || times->made < 0 || times->ends <= times->made) {
        return NGX_ERROR;
    }

    value->forced = (p[OAUTHCC_STORE_VALUE_FORCED] == 'f');

    return NGX_OK;
}


/* Its key may be any of ours. */

static ngx_int_t
oauthcc_store_value_open(ngx_pool_t *pool, oauthcc_store_t *store,
    ngx_str_t *name, ngx_str_t *text, ngx_str_t *plain)
{
    u_char                      id[2 * OAUTHCC_STORE_KEY_ID];
    ssize_t                     n;
    ngx_str_t                   header, sealed;
    ngx_uint_t                  i;
    oauthcc_store_key_bytes_t  *key;

    header.data = text->data;
    header.len = OAUTHCC_STORE_VALUE_HEADER;

    sealed.data = text->data + OAUTHCC_STORE_VALUE_HEADER;
    sealed.len = text->len - OAUTHCC_STORE_VALUE_HEADER;

    key = store->keys.elts;

    for (i = 0; i < store->keys.nelts; i++) {

        ngx_hex_dump(id, key[i].id, OAUTHCC_STORE_KEY_ID);

        if (ngx_memcmp(text->data + OAUTHCC_STORE_VALUE_KEY, id, sizeof(id))
            != 0)
        {
            continue;
        }

        plain->data = ngx_pnalloc(pool, sealed.len + 1);
        if (plain->data == NULL) {
            return NGX_ERROR;
        }

        n = oauthcc_store_seal_open(&key[i], name, &header, &sealed,
                                    plain->data);
        if (n >= 0) {
            plain->len = n;
            return NGX_OK;
        }

        if (n == NGX_ERROR) {
            return NGX_ERROR;
        }
    }

    return NGX_DECLINED;
}
