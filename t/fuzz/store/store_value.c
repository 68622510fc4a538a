
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/*
 * A value that nobody has sealed is never opened: the first input that is
 * would be a break of AES-GCM.  Its header is read within its bytes.
 */


#include "oauthcc_fuzz.h"
#include "store/oauthcc_store_seal.h"
#include "store/oauthcc_store_value.h"


char  *oauthcc_fuzz_providers = "";


void
oauthcc_fuzz_run(oauthcc_fuzz_t *fuzz)
{
    u_char                       id[2 * OAUTHCC_STORE_KEY_ID];
    ngx_str_t                    text, key, name;
    oauthcc_store_t              store;
    oauthcc_store_value_t        value;
    oauthcc_store_key_bytes_t    bytes;
    oauthcc_store_value_times_t  times;

    ngx_str_set(&key, "a key that has at least 32 characters");
    ngx_str_set(&name, "{oauthcc}:t:00112233445566778899aabbccddeeff");

    ngx_memzero(&store, sizeof(oauthcc_store_t));

    oauthcc_fuzz_check(oauthcc_store_seal_key(&key, &bytes) == NGX_OK);

    store.keys.elts = &bytes;
    store.keys.nelts = 1;
    store.keys.size = sizeof(oauthcc_store_key_bytes_t);

    oauthcc_fuzz_rest(fuzz, &text);

    /* the id of the key is no secret: what is behind it is read, too */

    if (text.len >= OAUTHCC_STORE_VALUE_HEADER) {
        ngx_hex_dump(id, bytes.id, OAUTHCC_STORE_KEY_ID);
        ngx_memcpy(text.data + 1, id, sizeof(id));
    }

    oauthcc_fuzz_check(oauthcc_store_value_read(fuzz->pool, &store, &name,
                                                &text, &value, &times)
                       == NGX_DECLINED);

    ngx_free(text.data);
}
