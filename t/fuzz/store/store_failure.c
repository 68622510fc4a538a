
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/*
 * A failure that nobody has sealed is none: the first input that is one would
 * be a break of AES-GCM.  Sealed by us, "key digit, text", it is read as far
 * as it is one, and is the same when it is written and read again.
 */


#include "oauthcc_fuzz_store.h"
#include "store/oauthcc_store_failure.h"


char  *oauthcc_fuzz_providers = "";


static void oauthcc_fuzz_sealed(oauthcc_fuzz_t *fuzz, oauthcc_store_t *store,
    ngx_str_t *name);


void
oauthcc_fuzz_run(oauthcc_fuzz_t *fuzz)
{
    int64_t                    until;
    ngx_int_t                  rc;
    ngx_str_t                  text, name;
    oauthcc_store_t            store;
    oauthcc_store_failure_t    failure;
    oauthcc_store_key_bytes_t  key;

    ngx_str_set(&name, "{oauthcc}:l:00112233445566778899aabbccddeeff");

    oauthcc_fuzz_store(&store);

    oauthcc_fuzz_rest(fuzz, &text);

    oauthcc_fuzz_check(oauthcc_store_failure_read(&store, &name, &text,
                                                  &failure, &until)
                       == NGX_DECLINED);

    /* it may be a key as well */

    if (text.len >= OAUTHCC_STORE_KEY_MIN) {
        oauthcc_fuzz_starve();
        rc = oauthcc_store_seal_key(&text, &key);
        oauthcc_fuzz_check(oauthcc_fuzz_starved() || rc == NGX_OK);
    }

    ngx_free(text.data);

    oauthcc_fuzz_sealed(fuzz, &store, &name);
}


static void
oauthcc_fuzz_sealed(oauthcc_fuzz_t *fuzz, oauthcc_store_t *store,
    ngx_str_t *name)
{
    u_char                     *p, seal[OAUTHCC_STORE_SEAL_MORE];
    u_char                      buf[OAUTHCC_STORE_FAILURE_TEXT];
    int64_t                     until, again;
    ngx_int_t                   rc;
    ngx_str_t                   text, header, nothing, error;
    oauthcc_store_failure_t     failure, read;
    oauthcc_store_key_bytes_t  *key;

    key = store->keys.elts;
    key += oauthcc_fuzz_pick(fuzz, 2);

    header.len = fuzz->last - fuzz->pos;
    header.data = ngx_pnalloc(fuzz->pool, header.len + 1 + 2 * sizeof(seal));
    oauthcc_fuzz_check(header.data != NULL);

    p = ngx_cpymem(header.data, fuzz->pos, header.len);

    ngx_str_set(&nothing, "");

    rc = oauthcc_store_seal_close(key, name, &header, &nothing, seal);
    oauthcc_fuzz_check(rc == NGX_OK);

    *p++ = ' ';

    text.data = header.data;
    text.len = ngx_hex_dump(p, seal, sizeof(seal)) - text.data;

    oauthcc_fuzz_starve();
    rc = oauthcc_store_failure_read(store, name, &text, &failure, &until);
    (void) oauthcc_fuzz_starved();

    if (rc != NGX_OK) {
        oauthcc_fuzz_check(rc == NGX_DECLINED);
        return;
    }

    error.data = failure.error;
    error.len = ngx_strnlen(failure.error, OAUTHCC_STORE_ERROR);

    oauthcc_fuzz_check(until >= 0 && failure.status <= 599);
    oauthcc_fuzz_check(error.len < OAUTHCC_STORE_ERROR);
    oauthcc_fuzz_check(oauthcc_fuzz_line(&error));

    text.data = buf;

    oauthcc_fuzz_starve();
    rc = oauthcc_store_failure_write(store, name, &failure, until, &text);

    if (oauthcc_fuzz_starved() && rc == NGX_ERROR) {
        return;
    }

    oauthcc_fuzz_check(rc == NGX_OK && text.len <= sizeof(buf));

    rc = oauthcc_store_failure_read(store, name, &text, &read, &again);

    oauthcc_fuzz_check(rc == NGX_OK && again == until);
    oauthcc_fuzz_check(ngx_memcmp(&read, &failure, sizeof(failure)) == 0);
}
