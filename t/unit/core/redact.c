
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_redact.h"
#include "oauthcc_unit.h"


typedef struct {
    char       *name;
    ngx_str_t   text;
    ngx_str_t   known;
    ngx_str_t   secret;
    ngx_uint_t  repeats;
} oauthcc_unit_hush_t;


typedef struct {
    char      *name;
    ngx_str_t  text;
    ngx_str_t  plain;
} oauthcc_unit_plain_t;


static void oauthcc_unit_hush_escapes(oauthcc_unit_t *unit);
static ngx_int_t oauthcc_unit_hush_long(oauthcc_unit_t *unit);


static oauthcc_unit_hush_t  oauthcc_unit_hushes[] = {

    { "nothing", ngx_string(""), ngx_string(""), ngx_string(""), 0 },

    { "no text", ngx_string(""), ngx_string(""), ngx_string("hush-hush"), 0 },

    { "no secret", ngx_string("unknown client"), ngx_string(""),
      ngx_string(""), 0 },

    { "another text", ngx_string("unknown client"), ngx_string(""),
      ngx_string("hush-hush"), 0 },

    { "the secret alone", ngx_string("hush-hush"), ngx_string(""),
      ngx_string("hush-hush"), 1 },

    { "at the beginning", ngx_string("hush-hush?"), ngx_string(""),
      ngx_string("hush-hush"), 1 },

    { "at the end", ngx_string("not hush-hush"), ngx_string(""),
      ngx_string("hush-hush"), 1 },

    { "in other letters", ngx_string("not HUSH-hush"), ngx_string(""),
      ngx_string("hush-HUSH"), 1 },

    { "eight bytes of it", ngx_string("not ush-hush!"), ngx_string(""),
      ngx_string("hush-hush"), 1 },

    { "seven bytes of it", ngx_string("not sh-hush!"), ngx_string(""),
      ngx_string("hush-hush"), 0 },

    { "eight bytes, and a part", ngx_string("hush-hus"), ngx_string(""),
      ngx_string("hush-hush"), 1 },

    { "a secret of eight", ngx_string("is 12345678."), ngx_string(""),
      ngx_string("12345678"), 1 },

    { "a secret of seven", ngx_string("is 1234567."), ngx_string(""),
      ngx_string("1234567"), 1 },

    { "a part of it", ngx_string("is 123456."), ngx_string(""),
      ngx_string("1234567"), 0 },

    { "a secret of four", ngx_string("1234"), ngx_string(""),
      ngx_string("1234"), 1 },

    { "a secret of three", ngx_string("123"), ngx_string(""),
      ngx_string("123"), 0 },

    { "a zero byte is one", ngx_string("hush\0hush"), ngx_string(""),
      ngx_string("hush\0hush"), 1 },

    { "and not the end of the text", ngx_string("hush"), ngx_string(""),
      ngx_string("hush\0"), 0 },

    { "bytes above 127", ngx_string("\xff\xfe\xff\xfe\xff"), ngx_string(""),
      ngx_string("\xfe\xff\xfe\xff"), 1 },

    { "a known value is none", ngx_string("no gateway-of-crm"),
      ngx_string("gateway-of-crm"), ngx_string("gateway-of-crm-42"), 0 },

    { "but only all of it", ngx_string("no gateway-of-crm-42"),
      ngx_string("gateway-of-crm"), ngx_string("gateway-of-crm-42"), 1 },

    { "a short known value", ngx_string("no gateway"), ngx_string("gateway"),
      ngx_string("gate"), 0 },

    { "elsewhere", ngx_string("gate of gateway"), ngx_string("gateway"),
      ngx_string("gate"), 1 },

    { "a known value within a secret", ngx_string("no hush-hush"),
      ngx_string("hush"), ngx_string("hush-hush"), 1 },

    { "in the middle of a known one", ngx_string("a long-client-id b"),
      ngx_string("long-client-id"), ngx_string("lient"), 0 },

    { NULL, ngx_null_string, ngx_null_string, ngx_null_string, 0 }
};


static oauthcc_unit_plain_t  oauthcc_unit_plains[] = {

    { "plain: nothing", ngx_string(""), ngx_string("") },

    { "plain: a text", ngx_string("a+b c"), ngx_string("a+b c") },

    { "plain: escapes", ngx_string("%41\\x42%2f\\xC3\\xbc"),
      ngx_string("AB/\xc3\xbc") },

    { "plain: of JSON", ngx_string("\\\"\\\\\\/\\b\\n\\u0041\\u00e9"),
      ngx_string("\"\\/\b\nA\\u00e9") },

    { "plain: what is none", ngx_string("100% \\ \\y41 %4g \\x4g %%41"),
      ngx_string("100% \\ \\y41 %4g \\x4g %A") },

    { "plain: cut off", ngx_string("%4"), ngx_string("%4") },

    { "plain: cut off as well", ngx_string("\\x4"), ngx_string("\\x4") },

    { "plain: before it", ngx_string("a\\x"), ngx_string("a\\x") },

    { "plain: at its begin", ngx_string("a\\"), ngx_string("a\\") },

    { NULL, ngx_null_string, ngx_null_string }
};


ngx_int_t
oauthcc_unit_redact(oauthcc_unit_t *unit)
{
    u_char                 buf[OAUTHCC_REDACT_TEXT];
    ngx_str_t              text, plain;
    oauthcc_redact_t       redact;
    oauthcc_unit_hush_t   *test;
    oauthcc_unit_plain_t  *escaped;

    for (test = oauthcc_unit_hushes; test->name; test++) {

        if (oauthcc_unit_copy(unit, &test->text, &text) != NGX_OK) {
            return NGX_ERROR;
        }

        oauthcc_redact_init(&redact, &text);
        oauthcc_redact_value(&redact, &test->known);

        redact.secret = 1;
        oauthcc_redact_value(&redact, &test->secret);

        oauthcc_unit_number(unit, redact.repeats, test->repeats, test->name);
        ngx_free(text.data);
    }

    for (escaped = oauthcc_unit_plains; escaped->name; escaped++) {

        if (oauthcc_unit_copy(unit, &escaped->text, &text)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        plain.data = buf;

        oauthcc_redact_plain(&text, &plain);
        oauthcc_unit_string(unit, &plain, &escaped->plain, escaped->name);
        ngx_free(text.data);
    }

    oauthcc_unit_hush_escapes(unit);

    return oauthcc_unit_hush_long(unit);
}


/* Values that are not written as the text has them. */

static void
oauthcc_unit_hush_escapes(oauthcc_unit_t *unit)
{
    ngx_str_t   text;
    ngx_uint_t  i, n;

    static ngx_str_t  values[] = {
        ngx_string("h%26s+h%2f%2B%C3%bc!"),
        ngx_string("h&s h/+%C3%bc!"),
        ngx_string("h&s h\\/+\xc3\xbc!"),
        ngx_string("\\u0068\\u0026s h\\/\\u002B\xc3\xbc!"),
        ngx_string("h\\x26s h\\/\\x2B\xc3\xbc!")
    };

    ngx_str_set(&text, "not h&s h/+\xc3\xbc!");

    n = sizeof(values) / sizeof(values[0]);

    for (i = 0; i < n; i++) {
        oauthcc_unit_number(unit, oauthcc_redact_repeats(&text, &values[i]), 1,
                            "with escapes");
    }

    /* seven bytes, and an escape that is cut off */

    ngx_str_set(&text, "1234567%");
    ngx_str_set(&values[0], "1234567%3");

    oauthcc_unit_number(unit, oauthcc_redact_repeats(&text, &values[0]), 1,
                        "an escape that is none");

    ngx_str_set(&text, "123456\n8");
    ngx_str_set(&values[0], "123456\\n8");

    oauthcc_unit_number(unit, oauthcc_redact_repeats(&text, &values[0]), 1,
                        "an escape of JSON");

    ngx_str_set(&text, "123456\xe9.");
    ngx_str_set(&values[0], "123456\\u00e9.");

    oauthcc_unit_number(unit, oauthcc_redact_repeats(&text, &values[0]), 0,
                        "not one beyond ASCII");
}


/* Whatever is at whatever place, and no further. */

static ngx_int_t
oauthcc_unit_hush_long(oauthcc_unit_t *unit)
{
    u_char     *p, kept[10];
    u_char      buf[OAUTHCC_REDACT_TEXT];
    u_char      bytes[OAUTHCC_REDACT_TEXT + 100];
    size_t      i;
    ngx_str_t   text, local, secret, plain;
    ngx_uint_t  found;

    for (i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (u_char) ((i >> 8) + 'a' + (i * 7) % 13);
    }

    ngx_str_set(&secret, "0123456789");

    text.data = bytes;
    text.len = sizeof(bytes);
    found = 0;

    for (i = 0; i + secret.len <= sizeof(bytes); i++) {

        ngx_memcpy(kept, bytes + i, secret.len);
        ngx_memcpy(bytes + i, secret.data, secret.len);

        found += oauthcc_redact_repeats(&text, &secret);

        ngx_memcpy(bytes + i, kept, secret.len);
    }

    oauthcc_unit_number(unit, found,
                        OAUTHCC_REDACT_TEXT
                        - OAUTHCC_REDACT_RUN + 1,
                        "at each place of a long text");

    if (oauthcc_unit_copy(unit, &text, &local) != NGX_OK) {
        return NGX_ERROR;
    }

    plain.data = buf;
    oauthcc_redact_plain(&local, &plain);

    oauthcc_unit_number(unit, plain.len, OAUTHCC_REDACT_TEXT,
                        "a long text is cut");

    p = local.data;
    oauthcc_redact_replace(&local);

    oauthcc_unit_ok(unit, p[0] == 0 && p[text.len - 1] == 0, "it is wiped");
    ngx_free(p);

    ngx_str_set(&secret, "(it repeats a secret)");

    oauthcc_unit_string(unit, &local, &secret, "what stands for it");

    return NGX_OK;
}
