
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/*
 * Text of any bytes for the page, for Prometheus, for JSON and for logs: what
 * comes out has no byte that would end the place where it stands, and is
 * UTF-8.  JSON's writer reads it as that.
 */


#include "oauthcc_fuzz.h"
#include <jansson.h>
#include "core/oauthcc_text.h"
#include "status/oauthcc_escape.h"


/* the longest text of one character is "&quot;", or a picture */
#define OAUTHCC_FUZZ_CHARACTER  8


char  *oauthcc_fuzz_providers = "";


static void oauthcc_fuzz_html(oauthcc_fuzz_t *fuzz, ngx_str_t *text,
    size_t max);
static void oauthcc_fuzz_label(oauthcc_fuzz_t *fuzz, ngx_str_t *text);
static void oauthcc_fuzz_argument(oauthcc_fuzz_t *fuzz, ngx_str_t *text);
static void oauthcc_fuzz_json(oauthcc_fuzz_t *fuzz, ngx_str_t *text,
    size_t max);
static void oauthcc_fuzz_log(oauthcc_fuzz_t *fuzz, ngx_str_t *text,
    size_t max);
static void oauthcc_fuzz_utf8(ngx_str_t *text);


void
oauthcc_fuzz_run(oauthcc_fuzz_t *fuzz)
{
    size_t     max;
    ngx_str_t  text;

    max = 7 * oauthcc_fuzz_pick(fuzz, 10);

    oauthcc_fuzz_rest(fuzz, &text);

    oauthcc_fuzz_html(fuzz, &text, max);
    oauthcc_fuzz_label(fuzz, &text);
    oauthcc_fuzz_argument(fuzz, &text);
    oauthcc_fuzz_json(fuzz, &text, max);
    oauthcc_fuzz_log(fuzz, &text, max);

    ngx_free(text.data);
}


static void
oauthcc_fuzz_html(oauthcc_fuzz_t *fuzz, ngx_str_t *text, size_t max)
{
    size_t            i;
    ngx_str_t         out;
    oauthcc_writer_t  w;

    oauthcc_writer_init(&w, fuzz->pool);
    oauthcc_escape_html(&w, text, max);
    oauthcc_fuzz_written(fuzz, &w, &out);

    oauthcc_fuzz_check(out.len <= OAUTHCC_FUZZ_CHARACTER * (max + 1));

    for (i = 0; i < out.len; i++) {
        oauthcc_fuzz_check(out.data[i] >= ' ' && out.data[i] != 0x7f);
        oauthcc_fuzz_check(out.data[i] != '<' && out.data[i] != '>'
                           && out.data[i] != '"' && out.data[i] != '\'');
        oauthcc_fuzz_check(out.data[i] != '&'
                           || ngx_strlchr(out.data + i, out.data + out.len,
                                          ';'));
    }

    oauthcc_fuzz_utf8(&out);
}


static void
oauthcc_fuzz_label(oauthcc_fuzz_t *fuzz, ngx_str_t *text)
{
    size_t            i;
    ngx_str_t         out;
    oauthcc_writer_t  w;

    oauthcc_writer_init(&w, fuzz->pool);
    oauthcc_escape_label(&w, text);
    oauthcc_fuzz_written(fuzz, &w, &out);

    oauthcc_fuzz_check(out.len >= text->len);

    for (i = 0; i < out.len; i++) {
        oauthcc_fuzz_check(out.data[i] != '"' && out.data[i] != LF);

        if (out.data[i] == '\\') {
            i++;
            oauthcc_fuzz_check(i < out.len
                               && ngx_strchr("\\\"n", out.data[i]));
        }
    }

    oauthcc_fuzz_utf8(&out);
}


static void
oauthcc_fuzz_argument(oauthcc_fuzz_t *fuzz, ngx_str_t *text)
{
    u_char            *p, *last;
    ngx_str_t          out, again;
    oauthcc_writer_t   w;

    oauthcc_writer_init(&w, fuzz->pool);
    oauthcc_escape_uri(&w, text);
    oauthcc_fuzz_written(fuzz, &w, &out);

    oauthcc_fuzz_check(oauthcc_fuzz_printable(&out)
                       && oauthcc_fuzz_word(&out));

    p = out.data;
    last = p + out.len;

    oauthcc_fuzz_check(oauthcc_fuzz_decode(fuzz->pool, &p, last, 0, &again)
                       == NGX_OK);
    oauthcc_fuzz_check(p == last && oauthcc_fuzz_equal(&again, text));
}


static void
oauthcc_fuzz_json(oauthcc_fuzz_t *fuzz, ngx_str_t *text, size_t max)
{
    json_t     *value;
    ngx_int_t   rc;
    ngx_str_t   out;

    oauthcc_fuzz_starve();
    rc = oauthcc_escape_utf8(fuzz->pool, text, max, &out);

    if (oauthcc_fuzz_starved()) {
        oauthcc_fuzz_check(rc == NGX_ERROR);
        return;
    }

    oauthcc_fuzz_check(rc == NGX_OK);
    oauthcc_fuzz_check(out.len <= 4 * max + 3);

    value = json_stringn((char *) out.data, out.len);

    oauthcc_fuzz_check(value != NULL || out.len == 0);

    json_decref(value);
}


static void
oauthcc_fuzz_log(oauthcc_fuzz_t *fuzz, ngx_str_t *text, size_t max)
{
    ngx_int_t  rc;
    ngx_str_t  out;

    oauthcc_fuzz_starve();
    rc = oauthcc_text_escape(fuzz->pool, text, max, &out);

    if (oauthcc_fuzz_starved()) {
        oauthcc_fuzz_check(rc == NGX_ERROR);
        return;
    }

    oauthcc_fuzz_check(rc == NGX_OK);
    oauthcc_fuzz_check(out.len <= max);
    oauthcc_fuzz_check(oauthcc_fuzz_printable(&out));
    oauthcc_fuzz_check(ngx_strlchr(out.data, out.data + out.len, '"')
                       == NULL);
}


/* jansson takes no other text. */

static void
oauthcc_fuzz_utf8(ngx_str_t *text)
{
    json_t  *value;

    if (text->len == 0) {
        return;
    }

    value = json_stringn((char *) text->data, text->len);

    oauthcc_fuzz_check(value != NULL);

    json_decref(value);
}
