
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/*
 * A failure in the store is read as it was written, under its name and with
 * one of the keys; nothing else is one.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "store/oauthcc_store_failure.h"
#include "oauthcc_unit.h"


#define OAUTHCC_UNIT_UNTIL  1700000000123


static void oauthcc_unit_store_failure_same(oauthcc_unit_t *unit,
    oauthcc_store_t *store);
static ngx_int_t oauthcc_unit_store_failure_changed(oauthcc_unit_t *unit,
    oauthcc_store_t *store, ngx_str_t *text);


static ngx_str_t  oauthcc_unit_store_failure_name =
    ngx_string("{oauthcc}:s:00112233445566778899aabbccddeeff");

static char  *oauthcc_unit_store_failure_old[] = {
    "an old key of more than 32 characters", NULL
};

static char  *oauthcc_unit_store_failure_both[] = {
    "a new key, it has more than 32 characters",
    "an old key of more than 32 characters", NULL
};

static char  *oauthcc_unit_store_failure_new[] = {
    "a new key, it has more than 32 characters", NULL
};


ngx_int_t
oauthcc_unit_store_failure(oauthcc_unit_t *unit)
{
    u_char                   buf[OAUTHCC_STORE_FAILURE_TEXT];
    int64_t                  until;
    ngx_str_t                text, other;
    oauthcc_store_t          old, both, new;
    oauthcc_store_failure_t  failure;

    if (oauthcc_unit_store(unit, &old, oauthcc_unit_store_failure_old)
        != NGX_OK
        || oauthcc_unit_store(unit, &both, oauthcc_unit_store_failure_both)
           != NGX_OK
        || oauthcc_unit_store(unit, &new, oauthcc_unit_store_failure_new)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    oauthcc_unit_store_failure_same(unit, &both);

    ngx_memzero(&failure, sizeof(oauthcc_store_failure_t));

    failure.status = 400;
    failure.count = 3;
    ngx_memcpy(failure.error, "invalid_scope", sizeof("invalid_scope"));

    text.data = buf;

    if (oauthcc_store_failure_write(&old, &oauthcc_unit_store_failure_name,
                                    &failure, OAUTHCC_UNIT_UNTIL, &text)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    oauthcc_unit_ok(unit, ngx_strncmp(text.data, "1700000000123 3 400 "
                                      "invalid_scope ", 34) == 0,
                    "what scripts read of it");

    oauthcc_unit_number(unit,
                        oauthcc_store_failure_read(&both,
                                             &oauthcc_unit_store_failure_name,
                                             &text, &failure, &until),
                        NGX_OK, "who has the old key, too, reads it");
    oauthcc_unit_number(unit,
                        oauthcc_store_failure_read(&new,
                                             &oauthcc_unit_store_failure_name,
                                             &text, &failure, &until),
                        NGX_DECLINED, "who has another key does not");

    ngx_str_set(&other, "{oauthcc}:s:00112233445566778899aabbccddeefe");

    oauthcc_unit_number(unit,
                        oauthcc_store_failure_read(&old, &other, &text,
                                                   &failure, &until),
                        NGX_DECLINED, "nor is it one under another name");

    return oauthcc_unit_store_failure_changed(unit, &old, &text);
}


/* All of it: the longest and the shortest one. */

static void
oauthcc_unit_store_failure_same(oauthcc_unit_t *unit, oauthcc_store_t *store)
{
    u_char                   buf[OAUTHCC_STORE_FAILURE_TEXT];
    int64_t                  until;
    ngx_int_t                rc;
    ngx_str_t                text;
    ngx_uint_t               i;
    oauthcc_store_failure_t  failure, read;

    for (i = 0; i < 2; i++) {
        ngx_memzero(&failure, sizeof(oauthcc_store_failure_t));

        if (i) {
            failure.status = 503;
            failure.count = NGX_MAX_INT32_VALUE;
            ngx_memset(failure.error, 'x', OAUTHCC_STORE_ERROR - 1);
        }

        text.data = buf;

        rc = oauthcc_store_failure_write(store,
                                         &oauthcc_unit_store_failure_name,
                                         &failure, OAUTHCC_UNIT_UNTIL, &text);

        oauthcc_unit_ok(unit, rc == NGX_OK && text.len <= sizeof(buf),
                        "it is written, %uz bytes", text.len);

        rc = oauthcc_store_failure_read(store,
                                        &oauthcc_unit_store_failure_name,
                                        &text, &read, &until);

        oauthcc_unit_ok(unit, rc == NGX_OK && until == OAUTHCC_UNIT_UNTIL
                              && read.count == failure.count
                              && read.status == failure.status
                              && ngx_strcmp(read.error, failure.error) == 0,
                        "and read, the same");
    }
}


/* Each byte of it counts, and each that is missing. */

static ngx_int_t
oauthcc_unit_store_failure_changed(oauthcc_unit_t *unit,
    oauthcc_store_t *store, ngx_str_t *text)
{
    u_char                   ch;
    size_t                   i;
    int64_t                  until;
    ngx_str_t                part, copy;
    ngx_uint_t               taken;
    oauthcc_store_failure_t  failure;

    taken = 0;

    for (i = 0; i < text->len; i++) {
        ch = text->data[i];
        text->data[i] = (ch == '1') ? '2' : '1';

        taken += oauthcc_store_failure_read(store,
                                            &oauthcc_unit_store_failure_name,
                                            text, &failure, &until)
                 == NGX_OK;

        text->data[i] = ch;
    }

    oauthcc_unit_number(unit, taken, 0, "no byte can be changed");

    for (i = 0; i < text->len; i++) {

        /* without a byte behind it */

        part.data = text->data;
        part.len = i;

        if (oauthcc_unit_copy(unit, &part, &copy) != NGX_OK) {
            return NGX_ERROR;
        }

        taken += oauthcc_store_failure_read(store,
                                            &oauthcc_unit_store_failure_name,
                                            &copy, &failure, &until)
                 == NGX_OK;

        ngx_free(copy.data);
    }

    oauthcc_unit_number(unit, taken, 0, "none can be missing");

    return NGX_OK;
}
