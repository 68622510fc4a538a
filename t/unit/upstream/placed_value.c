
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_placed_value.h"
#include "oauthcc_unit.h"


#define OAUTHCC_UNIT_LONG  3000


typedef struct {
    char       *name;
    ngx_str_t   text;
    ngx_uint_t  holds;
} oauthcc_unit_trace_t;


static ngx_int_t oauthcc_unit_trace_text(oauthcc_unit_t *unit, ngx_str_t *text,
    ngx_uint_t holds, char *name);
static ngx_int_t oauthcc_unit_trace_places(oauthcc_unit_t *unit);
static ngx_int_t oauthcc_unit_trace_base64(oauthcc_unit_t *unit);
static ngx_int_t oauthcc_unit_trace_long(oauthcc_unit_t *unit);


/* a header, one that only keeps the client's away, and two arguments */

static ngx_table_elt_t  oauthcc_unit_trace_headers[2];

static oauthcc_argument_t  oauthcc_unit_trace_arguments[] = {
    { ngx_string("odd argument"),
      ngx_string("odd%20argument=a%2Fb%3Dc%C3%A4d%20e%2B%25") },
    { ngx_string("none"), ngx_string("") }
};

static oauthcc_fields_t  oauthcc_unit_trace_items = {
    oauthcc_unit_trace_headers, 2, 1, 0,
    oauthcc_unit_trace_arguments, 2, 2
};

static ngx_str_t  oauthcc_unit_trace_token = ngx_string("tok-42-0123456789");


static oauthcc_unit_trace_t  oauthcc_unit_traces[] = {

    { "nothing", ngx_string(""), 0 },
    { "less than a run", ngx_string("Token h"), 0 },
    { "a value", ngx_string("Token hush/hush?hush"), 1 },
    { "a run of it", ngx_string("h/hush?h"), 1 },
    { "what is one byte less", ngx_string("h/hush?-h/hush?-/hush?h"), 0 },
    { "the beginning", ngx_string("=Token hu="), 1 },
    { "the end", ngx_string("hush?hush"), 1 },
    { "more behind it", ngx_string("h/hush?hush-and-on-and-on"), 1 },
    { "other letters", ngx_string("H/HUSH?HUSH"), 0 },
    { "an id", ngx_string("id-1-0.42374628374628"), 0 },
    { "an address", ngx_string("192.0.2.1, 198.51.100.17"), 0 },

    { "form-encoded", ngx_string("x=h%2Fhush%3Fhush&y"), 1 },
    { "in small letters", ngx_string("h%2fhush%3fh"), 1 },
    { "all of it", ngx_string("%68%2f%68%75%73%68%3f%68"), 1 },
    { "a plus", ngx_string("Token+hush"), 1 },
    { "a cut escape", ngx_string("Token+hu%"), 1 },
    { "no escapes", ngx_string("%%%%%4%zz%%%%%+++"), 0 },

    { "of the argument, encoded", ngx_string("b%3Dc%C3%A4"), 1 },
    { "as it was", ngx_string("a/b=c\xc3\xa4" "d"), 1 },
    { "its end", ngx_string("\xc3\xa4" "d e+%"), 0 },
    { "its end with one byte more", ngx_string("c\xc3\xa4" "d e+%"), 1 },
    { "its name", ngx_string("odd argument=odd%20argument"), 0 },

    { "the token", ngx_string("tok-42-0123456789"), 1 },
    { "a run of the token", ngx_string("-0123456"), 1 },

    { "two halves", ngx_string("Token hX hush/hXhush?hu"), 0 },
    { "only by itself twice", ngx_string("sh?hushToken h"), 0 },
    { "a header that is not sent", ngx_string("only to keep away"), 0 }
};


ngx_int_t
oauthcc_unit_placed_value(oauthcc_unit_t *unit)
{
    ngx_uint_t             i, n;
    oauthcc_unit_trace_t  *test;

    ngx_str_set(&oauthcc_unit_trace_headers[0].value, "Token hush/hush?hush");
    ngx_str_set(&oauthcc_unit_trace_headers[1].value, "only to keep away");

    test = oauthcc_unit_traces;
    n = sizeof(oauthcc_unit_traces) / sizeof(*test);

    for (i = 0; i < n; i++) {
        if (oauthcc_unit_trace_text(unit, &test[i].text,
                                    test[i].holds, test[i].name) != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    if (oauthcc_unit_trace_places(unit) != NGX_OK
        || oauthcc_unit_trace_base64(unit) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return oauthcc_unit_trace_long(unit);
}


static ngx_int_t
oauthcc_unit_trace_text(oauthcc_unit_t *unit, ngx_str_t *text,
    ngx_uint_t holds, char *name)
{
    ngx_str_t   local;
    ngx_uint_t  got;

    if (oauthcc_unit_copy(unit, text, &local) != NGX_OK) {
        return NGX_ERROR;
    }

    got = oauthcc_placed_value_holds(&oauthcc_unit_trace_items,
                                     &oauthcc_unit_trace_token, &local);
    ngx_free(local.data);

    oauthcc_unit_number(unit, got, holds, name);

    return NGX_OK;
}


/* Every run of every length, at every place of a text, and none shorter. */

static ngx_int_t
oauthcc_unit_trace_places(oauthcc_unit_t *unit)
{
    size_t     at, len, start, wrong;
    ngx_str_t  text, value;
    u_char     bytes[64];

    wrong = 0;
    value = oauthcc_unit_trace_token;

    for (start = 0; start < value.len; start++) {
        for (len = 1; start + len <= value.len; len++) {
            for (at = 0; at < 20; at++) {

                ngx_memset(bytes, '.', sizeof(bytes));
                ngx_memcpy(bytes + at, value.data + start, len);

                text.data = bytes;
                text.len = at + len + at % 3;

                wrong += (oauthcc_placed_value_holds(
                              &oauthcc_unit_trace_items, &value, &text)
                          != (len >= OAUTHCC_PLACED_VALUE_RUN));
            }
        }
    }

    oauthcc_unit_number(unit, wrong, 0, "at every place");

    return NGX_OK;
}


/* Whatever stands in front of it, encoded with it or not. */

static ngx_int_t
oauthcc_unit_trace_base64(oauthcc_unit_t *unit)
{
    size_t     front, within, url, missed;
    u_char    *p, plain[64], bytes[128];
    ngx_str_t  text, from, to;

    missed = 0;

    for (front = 0; front < 7; front++) {
        for (within = 0; within < 7; within++) {
            for (url = 0; url < 2; url++) {

                p = plain;
                ngx_memset(p, 0xfb, within);
                p = ngx_cpymem(p + within, "ush?hush", 8);

                from.data = plain;
                from.len = p - plain;

                ngx_memset(bytes, 'x', front);
                to.data = bytes + front;

                if (url) {
                    ngx_encode_base64url(&to, &from);

                } else {
                    ngx_encode_base64(&to, &from);
                }

                text.data = bytes;
                text.len = front + to.len;

                missed += !oauthcc_placed_value_holds(
                              &oauthcc_unit_trace_items,
                              &oauthcc_unit_trace_token, &text);
            }
        }
    }

    oauthcc_unit_number(unit, missed, 0, "in base64");

    return NGX_OK;
}


/* Of a long text, as it is and encoded, wherever its pieces begin. */

static ngx_int_t
oauthcc_unit_trace_long(oauthcc_unit_t *unit)
{
    size_t     at, kind, missed, found;
    ngx_str_t  text;

    static ngx_str_t  kinds[] = {
        ngx_string("hush?hus"), ngx_string("%68%75%73%68%3f%68%75%73"),
        ngx_string("aHVzaD9odXM"), ngx_string("b=c\xc3\xa4" "d e")
    };

    text.len = OAUTHCC_UNIT_LONG;
    text.data = ngx_pnalloc(unit->pool, text.len);
    if (text.data == NULL) {
        return NGX_ERROR;
    }

    missed = 0;
    found = 0;

    for (kind = 0; kind < 4; kind++) {
        for (at = 0; at + kinds[kind].len <= text.len; at++) {

            ngx_memset(text.data, '.', text.len);

            found += oauthcc_placed_value_holds(&oauthcc_unit_trace_items,
                                             &oauthcc_unit_trace_token, &text);

            ngx_memcpy(text.data + at, kinds[kind].data, kinds[kind].len);

            missed += !oauthcc_placed_value_holds(&oauthcc_unit_trace_items,
                                             &oauthcc_unit_trace_token, &text);
        }
    }

    oauthcc_unit_number(unit, missed, 0, "in a long text");
    oauthcc_unit_number(unit, found, 0, "and not in an empty one");

    /* what is encoded most: no piece of it takes more room than there is */

    for (at = 0; at < text.len; at++) {
        text.data[at] = (at % 12 == 11) ? '.' : "A+/-_%z4"[at % 8];
    }

    oauthcc_unit_number(unit, oauthcc_placed_value_holds(
                                     &oauthcc_unit_trace_items,
                                     &oauthcc_unit_trace_token, &text),
                        0, "in runs of eleven");

    ngx_memset(text.data, 'A', text.len);

    oauthcc_unit_number(unit, oauthcc_placed_value_holds(
                                     &oauthcc_unit_trace_items,
                                     &oauthcc_unit_trace_token, &text),
                        0, "in one run");

    return NGX_OK;
}
