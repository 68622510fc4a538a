
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/*
 * What is read of a payload can be put on a request, and is the same when it
 * is written and read again.
 */


#include "oauthcc_fuzz.h"
#include "store/oauthcc_store_payload.h"


char  *oauthcc_fuzz_providers = "";


void
oauthcc_fuzz_run(oauthcc_fuzz_t *fuzz)
{
    size_t                   size;
    ngx_str_t                text;
    ngx_int_t                rc;
    ngx_uint_t               i, failed;
    oauthcc_credential_t    *credential;
    oauthcc_store_payload_t  payload, again;

    oauthcc_fuzz_rest(fuzz, &text);

    oauthcc_fuzz_starve();
    rc = oauthcc_store_payload_read(fuzz->pool, &text, &payload);
    (void) oauthcc_fuzz_starved();

    ngx_free(text.data);

    if (rc != NGX_OK) {
        return;
    }

    size = oauthcc_credential_size(&payload.packed);

    credential = ngx_alloc(size, fuzz->log);
    oauthcc_fuzz_check(credential != NULL);

    if (payload.packed.len) {
        ngx_memcpy(oauthcc_credential_bytes(credential, &payload.packed),
                   payload.packed.data, payload.packed.len);
    }

    oauthcc_credential_unpack(credential, &payload.packed);

    for (i = 0; i < credential->fields.nheaders; i++) {
        oauthcc_fuzz_check(oauthcc_fuzz_word(&credential->fields.headers[i]
                                                  .key));
        oauthcc_fuzz_check(oauthcc_fuzz_line(&credential->fields.headers[i]
                                                  .value));
    }

    for (i = 0; i < credential->fields.narguments; i++) {
        oauthcc_fuzz_check(oauthcc_fuzz_line(&credential->fields.arguments[i]
                                                  .text));
    }

    ngx_free(credential);

    oauthcc_fuzz_starve();
    rc = oauthcc_store_payload_write(fuzz->pool, &payload, &text);
    failed = oauthcc_fuzz_starved();

    if (rc != NGX_OK) {
        oauthcc_fuzz_check(failed);
        return;
    }

    oauthcc_fuzz_check(oauthcc_store_payload_read(fuzz->pool, &text, &again)
                       == NGX_OK);

    oauthcc_fuzz_check(again.content == payload.content);
    oauthcc_fuzz_check(again.login_time == payload.login_time);
    oauthcc_fuzz_check(again.packed.len == payload.packed.len);
    oauthcc_fuzz_check(ngx_memcmp(again.packed.data, payload.packed.data,
                                  again.packed.len) == 0);
}
