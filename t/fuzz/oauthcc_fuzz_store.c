
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include "oauthcc_fuzz_store.h"


static ngx_str_t  oauthcc_fuzz_store_files[] = {
    ngx_string("a new key that has at least 32 characters"),
    ngx_string("an old key that has at least 32 characters")
};

static oauthcc_store_key_bytes_t  oauthcc_fuzz_store_keys[2];


void
oauthcc_fuzz_store(oauthcc_store_t *store)
{
    ngx_int_t   rc;
    ngx_uint_t  i;

    /* as nginx reads the files: once */

    static ngx_uint_t  made;

    ngx_memzero(store, sizeof(oauthcc_store_t));

    store->keys.elts = oauthcc_fuzz_store_keys;
    store->keys.nelts = 2;

    for (i = 0; i < 2 && !made; i++) {
        rc = oauthcc_store_seal_key(&oauthcc_fuzz_store_files[i],
                                    &oauthcc_fuzz_store_keys[i]);
        oauthcc_fuzz_check(rc == NGX_OK);
    }

    made = 1;
}
