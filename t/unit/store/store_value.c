
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/*
 * A value is what was stored only under its name, with its header and one of
 * the keys, and nothing of it can be read without.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "store/oauthcc_store_payload.h"
#include "store/oauthcc_store_seal.h"
#include "store/oauthcc_store_value.h"
#include "oauthcc_unit.h"


static ngx_int_t oauthcc_unit_store_value_make(oauthcc_unit_t *unit,
    oauthcc_store_value_t *value, ngx_uint_t listed);
static ngx_int_t oauthcc_unit_store_value_same(oauthcc_unit_t *unit,
    oauthcc_store_t *store, ngx_uint_t listed);
static ngx_int_t oauthcc_unit_store_value_changed(oauthcc_unit_t *unit,
    oauthcc_store_t *store);
static ngx_int_t oauthcc_unit_store_value_keys(oauthcc_unit_t *unit);
static ngx_int_t oauthcc_unit_store_value_vector(oauthcc_unit_t *unit);
static ngx_int_t oauthcc_unit_store_value_sealed(oauthcc_unit_t *unit);
static ngx_int_t oauthcc_unit_store_value_payloads(oauthcc_unit_t *unit);


static ngx_str_t  oauthcc_unit_store_value_name =
    ngx_string("{oauthcc}:t:00112233445566778899aabbccddeeff");

static char  *oauthcc_unit_store_value_old[] = {
    "an old key of more than 32 characters", NULL
};

static char  *oauthcc_unit_store_value_both[] = {
    "a new key, it has more than 32 characters",
    "an old key of more than 32 characters", NULL
};

static char  *oauthcc_unit_store_value_new[] = {
    "a new key, it has more than 32 characters", NULL
};


/*
 * As make() has it, listed; sealed with the key of docs/compatibility.md.  The
 * header is as it is, the rest are hexadecimal digits.
 */

static char  oauthcc_unit_store_value_pinned[] =
    "139b7130a0123456789abcdef000000010000000217000000000001700003600"
    "000f000102030405060708090a0b9ae4f3c8f8f56a7856fa05fd96226f8babfc"
    "385196c586ddbd6eec8070f3db51d5a29b9d5d314f5bc751a0f7f64bd6923d40"
    "b91077951511881238c4fe738f5b6b71f48dafe6c5fc8a7ead6155703b5febd3"
    "240ca11d4b7971b7335612817ac5e5619cb66fa98765f209a151db9c2e4aabf7"
    "a662a71c1b8a461be5a8d96f5ccab9cf43e84e3df66a30607ce3459f8d2f3b98"
    "cabc620896e763b1871af62cea531bd29641216e48b5c3295b5293bbc06c7d14"
    "f6bab7ebf585d94b11c5a3b72e9de94d1ebef87ad4a0cf03ee4bffee3416cd07"
    "3f526c3ddb47a2b2db244e6dad0473263c1e2f757bd8ad9def5961b03fae2e3d"
    "d8bc647713fb161c520247abd315ed013b6dfc5eba69396b31ca6959b19feef5"
    "526daf6cddc275be4c04a08d10da74dbd98ee5f8efae3c1d8c8b47e6";


/* payloads that are no payloads; the first one is one */

static char  *oauthcc_unit_store_value_payload[] = {
    "{\"format\":1,\"token\":\"dG9r\",\"login\":5,\"content\":"
        "\"0000000000000007\",\"reduced\":false,\"bound\":false,"
        "\"members\":[]}",

    "",
    "null",
    "[]",
    "{}",
    "{\"format\":2,\"token\":\"dG9r\",\"login\":5,\"content\":"
        "\"0000000000000007\",\"reduced\":false,\"bound\":false,"
        "\"members\":[]}",
    "{\"format\":1,\"token\":\"\",\"login\":5,\"content\":"
        "\"0000000000000007\",\"reduced\":false,\"bound\":false,"
        "\"members\":[]}",
    "{\"format\":1,\"token\":\"%%%%\",\"login\":5,\"content\":"
        "\"0000000000000007\",\"reduced\":false,\"bound\":false,"
        "\"members\":[]}",
    /* "to\nk" */
    "{\"format\":1,\"token\":\"dG8Kaw==\",\"login\":5,\"content\":"
        "\"0000000000000007\",\"reduced\":false,\"bound\":false,"
        "\"members\":[]}",
    "{\"format\":1,\"token\":7,\"login\":5,\"content\":"
        "\"0000000000000007\",\"reduced\":false,\"bound\":false,"
        "\"members\":[]}",
    "{\"format\":1,\"token\":\"dG9r\",\"login\":-5,\"content\":"
        "\"0000000000000007\",\"reduced\":false,\"bound\":false,"
        "\"members\":[]}",
    "{\"format\":1,\"token\":\"dG9r\",\"login\":9999999999,\"content\":"
        "\"0000000000000007\",\"reduced\":false,\"bound\":false,"
        "\"members\":[]}",
    "{\"format\":1,\"token\":\"dG9r\",\"login\":5,\"content\":"
        "\"000000000000000g\",\"reduced\":false,\"bound\":false,"
        "\"members\":[]}",
    "{\"format\":1,\"token\":\"dG9r\",\"login\":5,\"content\":"
        "\"7\",\"reduced\":false,\"bound\":false,\"members\":[]}",
    "{\"format\":1,\"token\":\"dG9r\",\"login\":5,\"content\":"
        "\"0000000000000007\",\"reduced\":0,\"bound\":false,\"members\":[]}",
    "{\"format\":1,\"token\":\"dG9r\",\"login\":5,\"content\":"
        "\"0000000000000007\",\"reduced\":false,\"bound\":false,"
        "\"limited\":1,\"members\":[]}",
    "{\"format\":1,\"token\":\"dG9r\",\"login\":5,\"content\":"
        "\"0000000000000007\",\"reduced\":false,\"bound\":false}",
    "{\"format\":1,\"token\":\"dG9r\",\"login\":5,\"content\":"
        "\"0000000000000007\",\"reduced\":false,\"members\":[]}",
    "{\"format\":1,\"token\":\"dG9r\",\"login\":5,\"content\":"
        "\"0000000000000007\",\"reduced\":false,\"bound\":true,\"members\":[],"
        "\"arguments\":[],\"headers\":[]}",
    "{\"format\":1,\"token\":\"dG9r\",\"login\":5,\"content\":"
        "\"0000000000000007\",\"reduced\":false,\"bound\":false,"
        "\"members\":[],"
        "\"headers\":[]}",
    /* "Host" */
    "{\"format\":1,\"token\":\"\",\"login\":5,\"content\":"
        "\"0000000000000007\",\"reduced\":false,\"bound\":false,"
        "\"members\":[],"
        "\"arguments\":[],\"headers\":[[\"SG9zdA==\",\"eA==\"]]}",
    /* "a b" */
    "{\"format\":1,\"token\":\"\",\"login\":5,\"content\":"
        "\"0000000000000007\",\"reduced\":false,\"bound\":false,"
        "\"members\":[],"
        "\"arguments\":[],\"headers\":[[\"YSBi\",\"eA==\"]]}",
    /* "X", "a\r\nb" */
    "{\"format\":1,\"token\":\"\",\"login\":5,\"content\":"
        "\"0000000000000007\",\"reduced\":false,\"bound\":false,"
        "\"members\":[],"
        "\"arguments\":[],\"headers\":[[\"WA==\",\"YQ0KYg==\"]]}",
    "{\"format\":1,\"token\":\"\",\"login\":5,\"content\":"
        "\"0000000000000007\",\"reduced\":false,\"bound\":false,"
        "\"members\":[],"
        "\"arguments\":[],\"headers\":[[\"WA==\"]]}",
    "{\"format\":1,\"token\":\"\",\"login\":5,\"content\":"
        "\"0000000000000007\",\"reduced\":false,\"bound\":false,"
        "\"members\":[],"
        "\"arguments\":[],\"headers\":[\"WA==\"]}",
    /* "a", "a=b&c=d" */
    "{\"format\":1,\"token\":\"\",\"login\":5,\"content\":"
        "\"0000000000000007\",\"reduced\":false,\"bound\":false,"
        "\"members\":[],"
        "\"arguments\":[[\"YQ==\",\"YT1iJmM9ZA==\"]],\"headers\":[]}",
    NULL
};


ngx_int_t
oauthcc_unit_store_value(oauthcc_unit_t *unit)
{
    oauthcc_store_t  store;

    if (oauthcc_unit_store(unit, &store, oauthcc_unit_store_value_new)
           != NGX_OK
        || oauthcc_unit_store_value_same(unit, &store, 0) != NGX_OK
        || oauthcc_unit_store_value_same(unit, &store, 1) != NGX_OK
        || oauthcc_unit_store_value_changed(unit, &store) != NGX_OK
        || oauthcc_unit_store_value_keys(unit) != NGX_OK
        || oauthcc_unit_store_value_vector(unit) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return oauthcc_unit_store_value_payloads(unit);
}


static ngx_int_t
oauthcc_unit_store_value_make(oauthcc_unit_t *unit,
    oauthcc_store_value_t *value, ngx_uint_t listed)
{
    ngx_str_t           token;
    ngx_array_t        *members;
    oauthcc_pair_t     *pair;
    ngx_table_elt_t     headers[2];
    oauthcc_fields_t    fields;
    oauthcc_argument_t  argument;

    ngx_memzero(value, sizeof(oauthcc_store_value_t));
    ngx_memzero(headers, sizeof(headers));
    ngx_memzero(&fields, sizeof(oauthcc_fields_t));

    value->version = 0x0123456789abcdef;
    value->login_time = 77;
    value->content = 0xfedcba9876543210;
    value->forced = listed;
    value->reduced = !listed;
    value->limited = listed;

    ngx_str_set(&token, "t0ken \xff");

    ngx_str_set(&headers[0].key, "X-Api-Key");
    ngx_str_set(&headers[0].value, "k3y");
    ngx_str_set(&headers[1].key, "Authorization");

    ngx_str_set(&argument.name, "key");
    ngx_str_set(&argument.text, "key=k3y%20");

    fields.headers = headers;
    fields.nheaders = 2;
    fields.arguments = &argument;
    fields.narguments = 1;

    members = ngx_array_create(unit->pool, 1, sizeof(oauthcc_pair_t));
    if (members == NULL) {
        return NGX_ERROR;
    }

    pair = ngx_array_push(members);
    if (pair == NULL) {
        return NGX_ERROR;
    }

    ngx_str_set(&pair->name, "instance_url");
    ngx_str_set(&pair->value, "https://x.example/");

    if (oauthcc_credential_pack(unit->pool, &token, listed ? &fields : NULL,
                                members, &value->packed)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    value->packed.bound = !listed;

    return NGX_OK;
}


static ngx_int_t
oauthcc_unit_store_value_same(oauthcc_unit_t *unit, oauthcc_store_t *store,
    ngx_uint_t listed)
{
    ngx_str_t                    text, got, expected;
    oauthcc_store_value_t        value, back;
    oauthcc_store_value_times_t  times, read;

    if (oauthcc_unit_store_value_make(unit, &value, listed) != NGX_OK) {
        return NGX_ERROR;
    }

    times.epoch[0] = 1;
    times.epoch[1] = 0xffffffff;
    times.made = 1764396000123;
    times.ends = 1764396004123;

    if (oauthcc_store_value_write(unit->pool, store,
                                  &oauthcc_unit_store_value_name, &value,
                                  &times, &text)
           != NGX_OK
        || oauthcc_store_value_read(unit->pool, store,
                                    &oauthcc_unit_store_value_name, &text,
                                    &back, &read)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    got.data = text.data + 9;
    got.len = OAUTHCC_STORE_VALUE_HEADER - 9;

    if (listed) {
        ngx_str_set(&expected, "0123456789abcdef" "00000001ffffffff"
                    "1764396000123" "1764396004123" "f");
    } else {
        ngx_str_set(&expected, "0123456789abcdef" "00000001ffffffff"
                    "1764396000123" "1764396004123" "-");
    }

    oauthcc_unit_string(unit, &got, &expected, "the header");

    got.data = back.packed.data;
    got.len = back.packed.len;
    expected.data = value.packed.data;
    expected.len = value.packed.len;

    oauthcc_unit_string(unit, &got, &expected, "the same bytes");
    oauthcc_unit_ok(unit, back.packed.listed == listed
                          && back.packed.bound == !listed
                          && back.packed.token == value.packed.token
                          && back.packed.nheaders == value.packed.nheaders
                          && back.packed.narguments == value.packed.narguments
                          && back.version == value.version
                          && back.content == value.content
                          && back.login_time == value.login_time
                          && back.forced == value.forced
                          && back.reduced == value.reduced
                          && back.limited == value.limited
                          && ngx_memcmp(&read, &times, sizeof(times)) == 0,
                    "the same value, listed: %ui", listed);

    oauthcc_unit_ok(unit, ngx_strlcasestrn(text.data, text.data + text.len,
                                           (u_char *) "t0ken", 4) == NULL,
                    "the token is not to be seen");

    return NGX_OK;
}


/* No byte can be another one, and none is missing. */

static ngx_int_t
oauthcc_unit_store_value_changed(oauthcc_unit_t *unit, oauthcc_store_t *store)
{
    size_t                       i;
    ngx_str_t                    text, copy, other;
    ngx_uint_t                   taken;
    oauthcc_store_value_t        value, back;
    oauthcc_store_value_times_t  times;

    if (oauthcc_unit_store_value_make(unit, &value, 0) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_memzero(&times, sizeof(oauthcc_store_value_times_t));

    times.made = 1764396000123;
    times.ends = 1764396004123;

    if (oauthcc_store_value_write(unit->pool, store,
                                  &oauthcc_unit_store_value_name, &value,
                                  &times, &text)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    taken = 0;

    for (i = 0; i < text.len; i++) {
        text.data[i] ^= 1;

        if (oauthcc_store_value_read(unit->pool, store,
                                     &oauthcc_unit_store_value_name, &text,
                                     &back, &times)
            != NGX_DECLINED)
        {
            oauthcc_unit_diag("byte %uz", i);
            taken++;
        }

        text.data[i] ^= 1;
    }

    oauthcc_unit_number(unit, taken, 0, "values with a byte changed");

    for (i = 0; i < text.len; i++) {
        other.data = text.data;
        other.len = i;

        if (oauthcc_unit_copy(unit, &other, &copy) != NGX_OK) {
            return NGX_ERROR;
        }

        if (oauthcc_store_value_read(unit->pool, store,
                                     &oauthcc_unit_store_value_name, &copy,
                                     &back, &times)
            != NGX_DECLINED)
        {
            taken++;
        }

        ngx_free(copy.data);
    }

    oauthcc_unit_number(unit, taken, 0, "values that are cut");

    ngx_str_set(&other, "{oauthcc}:t:00112233445566778899aabbccddeefe");

    oauthcc_unit_number(unit, oauthcc_store_value_read(unit->pool, store,
                                                       &other, &text, &back,
                                                       &times),
                        NGX_DECLINED, "a value under another name");

    return NGX_OK;
}


/* Step by step, as a key is replaced by another one. */

static ngx_int_t
oauthcc_unit_store_value_keys(oauthcc_unit_t *unit)
{
    ngx_str_t                    text[2];
    oauthcc_store_t              old, both, new;
    oauthcc_store_value_t        value, back;
    oauthcc_store_value_times_t  times;

    if (oauthcc_unit_store(unit, &old, oauthcc_unit_store_value_old)
           != NGX_OK
        || oauthcc_unit_store(unit, &both, oauthcc_unit_store_value_both)
           != NGX_OK
        || oauthcc_unit_store(unit, &new, oauthcc_unit_store_value_new)
           != NGX_OK
        || oauthcc_unit_store_value_make(unit, &value, 0) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_memzero(&times, sizeof(oauthcc_store_value_times_t));

    times.made = 1764396000123;
    times.ends = 1764396004123;

    if (oauthcc_store_value_write(unit->pool, &old,
                                  &oauthcc_unit_store_value_name, &value,
                                  &times, &text[0])
           != NGX_OK
        || oauthcc_store_value_write(unit->pool, &both,
                                     &oauthcc_unit_store_value_name, &value,
                                     &times, &text[1])
           != NGX_OK)
    {
        return NGX_ERROR;
    }

#define oauthcc_unit_store_value_open(store, i)                               \
    oauthcc_store_value_read(unit->pool, store,                               \
                             &oauthcc_unit_store_value_name, &text[i], &back, \
                             &times)

    oauthcc_unit_number(unit, oauthcc_unit_store_value_open(&both, 0), NGX_OK,
                        "the second key opens");
    oauthcc_unit_number(unit, oauthcc_unit_store_value_open(&both, 1), NGX_OK,
                        "the first one too");
    oauthcc_unit_number(unit, oauthcc_unit_store_value_open(&new, 1), NGX_OK,
                        "the first one seals");
    oauthcc_unit_number(unit, oauthcc_unit_store_value_open(&new, 0),
                        NGX_DECLINED, "a foreign key opens nothing");
    oauthcc_unit_number(unit, oauthcc_unit_store_value_open(&old, 1),
                        NGX_DECLINED, "nor does the old one");

    return NGX_OK;
}


/*
 * The key and its id as another implementation has them: RFC 5869 with the
 * HMAC of Python.
 */

static ngx_int_t
oauthcc_unit_store_value_vector(oauthcc_unit_t *unit)
{
    u_char                     hex[2 * OAUTHCC_STORE_KEY];
    ngx_str_t                  text, got, expected;
    oauthcc_store_key_bytes_t  key;

    ngx_str_set(&text, "0123456789abcdef0123456789abcdef");

    if (oauthcc_store_seal_key(&text, &key) != NGX_OK) {
        return NGX_ERROR;
    }

    got.data = hex;
    got.len = ngx_hex_dump(hex, key.bytes, OAUTHCC_STORE_KEY) - hex;

    ngx_str_set(&expected, "fd7e2a5fbda2f5dbf8a809bb6d950b7b"
                "61c137875c12cc0f19c35dac0191dcc0");
    oauthcc_unit_string(unit, &got, &expected, "the key of a text");

    got.len = ngx_hex_dump(hex, key.id, OAUTHCC_STORE_KEY_ID) - hex;

    ngx_str_set(&expected, "39b7130a");
    oauthcc_unit_string(unit, &got, &expected, "and its id");

    return oauthcc_unit_store_value_sealed(unit);
}


static ngx_int_t
oauthcc_unit_store_value_sealed(oauthcc_unit_t *unit)
{
    size_t                       i;
    u_char                      *hex;
    ngx_str_t                    text;
    ngx_uint_t                   same;
    oauthcc_store_t              store;
    oauthcc_store_value_t        value, made;
    oauthcc_store_value_times_t  times;

    static char  *keys[] = { "0123456789abcdef0123456789abcdef", NULL };

    if (oauthcc_unit_store(unit, &store, keys) != NGX_OK
        || oauthcc_unit_store_value_make(unit, &made, 1) != NGX_OK)
    {
        return NGX_ERROR;
    }

    hex = (u_char *) oauthcc_unit_store_value_pinned;

    text.len = OAUTHCC_STORE_VALUE_HEADER
               + (ngx_strlen(hex) - OAUTHCC_STORE_VALUE_HEADER) / 2;
    text.data = ngx_pnalloc(unit->pool, text.len);

    if (text.data == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < text.len; i++) {
        if (i < OAUTHCC_STORE_VALUE_HEADER) {
            text.data[i] = *hex++;
            continue;
        }

        text.data[i] = (u_char) ngx_hextoi(hex, 2);
        hex += 2;
    }

    same = oauthcc_store_value_read(unit->pool, &store,
                                    &oauthcc_unit_store_value_name, &text,
                                    &value, &times)
           == NGX_OK;

    oauthcc_unit_ok(unit, same, "a value of an earlier version is opened");
    oauthcc_unit_ok(unit, same && value.version == made.version
                          && value.content == made.content
                          && value.login_time == made.login_time
                          && value.forced == made.forced
                          && value.reduced == made.reduced
                          && value.limited == made.limited
                          && times.epoch[0] == 1 && times.epoch[1] == 2
                          && times.made == 1700000000000
                          && times.ends == 1700003600000,
                    "and says the same");
    oauthcc_unit_ok(unit, same && value.packed.len == made.packed.len
                          && ngx_memcmp(value.packed.data, made.packed.data,
                                        made.packed.len)
                             == 0,
                    "with the same credential");

    return NGX_OK;
}


static ngx_int_t
oauthcc_unit_store_value_payloads(oauthcc_unit_t *unit)
{
    char                     **p;
    ngx_int_t                  rc;
    ngx_str_t                  text, copy;
    oauthcc_store_payload_t    payload;

    for (p = oauthcc_unit_store_value_payload; *p; p++) {

        text.data = (u_char *) *p;
        text.len = ngx_strlen(*p);

        if (oauthcc_unit_copy(unit, &text, &copy) != NGX_OK) {
            return NGX_ERROR;
        }

        rc = oauthcc_store_payload_read(unit->pool, &copy, &payload);

        ngx_free(copy.data);

        oauthcc_unit_number(unit, rc, p == oauthcc_unit_store_value_payload
                                      ? NGX_OK : NGX_DECLINED, *p);
    }

    return NGX_OK;
}
