
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/*
 * A value that nobody has sealed is never opened: the first input that is
 * would be a break of AES-GCM.  Its header is read within its bytes.  Sealed
 * by us it is read as far as it is a payload, and is the same when it is
 * written and read again.
 */


#include "oauthcc_fuzz_store.h"
#include "store/oauthcc_store_value.h"


char  *oauthcc_fuzz_providers = "";


static void oauthcc_fuzz_sealed(oauthcc_fuzz_t *fuzz, oauthcc_store_t *store,
    ngx_str_t *name, ngx_str_t *plain);


void
oauthcc_fuzz_run(oauthcc_fuzz_t *fuzz)
{
    u_char                       id[2 * OAUTHCC_STORE_KEY_ID];
    ngx_int_t                    rc;
    ngx_str_t                    text, name;
    oauthcc_store_t              store;
    oauthcc_store_value_t        value;
    oauthcc_store_key_bytes_t   *key;
    oauthcc_store_value_times_t  times;

    ngx_str_set(&name, "{oauthcc}:t:00112233445566778899aabbccddeeff");

    oauthcc_fuzz_store(&store);
    key = store.keys.elts;

    oauthcc_fuzz_rest(fuzz, &text);

    oauthcc_fuzz_sealed(fuzz, &store, &name, &text);

    /* the id of the key is no secret: what is behind it is read, too */

    if (text.len >= OAUTHCC_STORE_VALUE_HEADER) {
        ngx_hex_dump(id, key[1].id, OAUTHCC_STORE_KEY_ID);
        ngx_memcpy(text.data + 1, id, sizeof(id));
    }

    oauthcc_fuzz_starve();

    rc = oauthcc_store_value_read(fuzz->pool, &store, &name, &text, &value,
                                  &times);

    oauthcc_fuzz_check(rc == NGX_DECLINED
                       || (rc == NGX_ERROR && oauthcc_fuzz_starved()));

    (void) oauthcc_fuzz_starved();

    ngx_free(text.data);
}


static void
oauthcc_fuzz_sealed(oauthcc_fuzz_t *fuzz, oauthcc_store_t *store,
    ngx_str_t *name, ngx_str_t *plain)
{
    u_char                       *p;
    ngx_int_t                     rc;
    ngx_str_t                     text, header;
    ngx_uint_t                    failed;
    oauthcc_store_value_t         value, again;
    oauthcc_store_key_bytes_t    *key;
    oauthcc_store_value_times_t   times;

    key = store->keys.elts;

    text.len = OAUTHCC_STORE_VALUE_HEADER + OAUTHCC_STORE_SEAL_MORE
               + plain->len;
    text.data = ngx_pnalloc(fuzz->pool, text.len);
    oauthcc_fuzz_check(text.data != NULL);

    p = text.data;

    *p++ = '1';
    p = ngx_hex_dump(p, key->id, OAUTHCC_STORE_KEY_ID);
    p = ngx_sprintf(p, "%016xL%08xD%08xD%013L%013L-", (uint64_t) 7,
                    (uint32_t) 1, (uint32_t) 2, (int64_t) 1700000000000,
                    (int64_t) 1700000300000);

    header.data = text.data;
    header.len = OAUTHCC_STORE_VALUE_HEADER;

    oauthcc_fuzz_check(p - text.data == OAUTHCC_STORE_VALUE_HEADER);
    oauthcc_fuzz_check(oauthcc_store_seal_close(key, name, &header, plain, p)
                       == NGX_OK);

    oauthcc_fuzz_starve();
    rc = oauthcc_store_value_read(fuzz->pool, store, name, &text, &value,
                                  &times);
    failed = oauthcc_fuzz_starved();

    if (rc != NGX_OK) {
        oauthcc_fuzz_check(rc == NGX_DECLINED || failed);
        return;
    }

    oauthcc_fuzz_check(value.version == 7 && times.made == 1700000000000);

    oauthcc_fuzz_starve();
    rc = oauthcc_store_value_write(fuzz->pool, store, name, &value, &times,
                                   &text);

    if (oauthcc_fuzz_starved() && rc == NGX_ERROR) {
        return;
    }

    oauthcc_fuzz_check(rc == NGX_OK);
    oauthcc_fuzz_check(oauthcc_store_value_read(fuzz->pool, store, name,
                                                &text, &again, &times)
                       == NGX_OK);
    oauthcc_fuzz_check(again.packed.len == value.packed.len);
    oauthcc_fuzz_check(again.login_time == value.login_time);
}
