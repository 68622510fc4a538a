
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/*
 * A failure that nobody has sealed is none: the first input that is one would
 * be a break of AES-GCM.  It is read within its bytes.
 */


#include "oauthcc_fuzz.h"
#include "store/oauthcc_store_failure.h"
#include "store/oauthcc_store_seal.h"


char  *oauthcc_fuzz_providers = "";


void
oauthcc_fuzz_run(oauthcc_fuzz_t *fuzz)
{
    int64_t                    until;
    ngx_str_t                  text, key, name;
    oauthcc_store_t            store;
    oauthcc_store_failure_t    failure;
    oauthcc_store_key_bytes_t  bytes;

    ngx_str_set(&key, "a key that has at least 32 characters");
    ngx_str_set(&name, "{oauthcc}:l:00112233445566778899aabbccddeeff");

    ngx_memzero(&store, sizeof(oauthcc_store_t));

    oauthcc_fuzz_check(oauthcc_store_seal_key(&key, &bytes) == NGX_OK);

    store.keys.elts = &bytes;
    store.keys.nelts = 1;
    store.keys.size = sizeof(oauthcc_store_key_bytes_t);

    oauthcc_fuzz_rest(fuzz, &text);

    oauthcc_fuzz_check(oauthcc_store_failure_read(&store, &name, &text,
                                                  &failure, &until)
                       == NGX_DECLINED);

    ngx_free(text.data);
}
