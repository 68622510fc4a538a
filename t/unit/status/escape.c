
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "status/oauthcc_escape.h"
#include "oauthcc_unit.h"
#include "core/oauthcc_writer.h"


#define OAUTHCC_UNIT_BYTES  100000


typedef struct {
    char      *name;
    ngx_str_t  text;
    size_t     max;
    ngx_str_t  html;
    ngx_str_t  label;
    ngx_str_t  utf8;
} oauthcc_unit_escape_t;


static ngx_int_t oauthcc_unit_escape_text(oauthcc_unit_t *unit,
    oauthcc_unit_escape_t *test);
static ngx_int_t oauthcc_unit_escape_bytes(oauthcc_unit_t *unit);
static ngx_int_t oauthcc_unit_escape_writer(oauthcc_unit_t *unit);
static ngx_int_t oauthcc_unit_escape_end(oauthcc_unit_t *unit,
    oauthcc_writer_t *w, ngx_str_t *expected, char *name);


#define OAUTHCC_UNIT_BAD   "\xef\xbf\xbd"
#define OAUTHCC_UNIT_MORE  "\xe2\x80\xa6"


static oauthcc_unit_escape_t  oauthcc_unit_escapes[] = {

    { "nothing", ngx_string(""), 10,
      ngx_string(""), ngx_string(""), ngx_string("") },

    { "a word", ngx_string("read"), 10,
      ngx_string("read"), ngx_string("read"), ngx_string("read") },

    { "what HTML is made of", ngx_string("<a b='&\">"), 20,
      ngx_string("&lt;a b=&#39;&amp;&quot;&gt;"),
      ngx_string("<a b='&\\\">"),
      ngx_string("<a b='&\">") },

    { "a script", ngx_string("</code><script>alert(1)</script>"), 99,
      ngx_string("&lt;/code&gt;&lt;script&gt;alert(1)&lt;/script&gt;"),
      ngx_string("</code><script>alert(1)</script>"),
      ngx_string("</code><script>alert(1)</script>") },

    { "backslashes", ngx_string("a\\b\\\"c"), 20,
      ngx_string("a\\b\\&quot;c"),
      ngx_string("a\\\\b\\\\\\\"c"),
      ngx_string("a\\b\\\"c") },

    { "line ends", ngx_string("a\r\nb"), 20,
      ngx_string("a&#x240d;&#x240a;b"),
      ngx_string("a\r\\nb"),
      ngx_string("a\r\nb") },

    { "control characters", ngx_string("\0\x1b\t\x7f"), 20,
      ngx_string("&#x2400;&#x241b;&#x2409;&#x2421;"),
      ngx_string("\0\x1b\t\x7f"),
      ngx_string("\0\x1b\t\x7f") },

    { "control characters of Latin 1", ngx_string("a\xc2\x9b" "b"), 20,
      ngx_string("a" OAUTHCC_UNIT_BAD "b"),
      ngx_string("a\xc2\x9b" "b"),
      ngx_string("a\xc2\x9b" "b") },

    { "marks of direction", ngx_string("\xe2\x80\xae" "a\xe2\x81\xa6"), 20,
      ngx_string(OAUTHCC_UNIT_BAD "a" OAUTHCC_UNIT_BAD),
      ngx_string("\xe2\x80\xae" "a\xe2\x81\xa6"),
      ngx_string("\xe2\x80\xae" "a\xe2\x81\xa6") },

    { "UTF-8", ngx_string("\xc3\xa4\xe2\x82\xac\xf0\x9f\x8e\x89"), 20,
      ngx_string("\xc3\xa4\xe2\x82\xac\xf0\x9f\x8e\x89"),
      ngx_string("\xc3\xa4\xe2\x82\xac\xf0\x9f\x8e\x89"),
      ngx_string("\xc3\xa4\xe2\x82\xac\xf0\x9f\x8e\x89") },

    { "the first and last of each length",
      ngx_string("\xc2\xa0\xdf\xbf\xe0\xa0\x80\xef\xbf\xb0\xf0\x90\x80\x80"
                 "\xf4\x8f\xbf\xb0"), 20,
      ngx_string("\xc2\xa0\xdf\xbf\xe0\xa0\x80\xef\xbf\xb0\xf0\x90\x80\x80"
                 "\xf4\x8f\xbf\xb0"),
      ngx_string("\xc2\xa0\xdf\xbf\xe0\xa0\x80\xef\xbf\xb0\xf0\x90\x80\x80"
                 "\xf4\x8f\xbf\xb0"),
      ngx_string("\xc2\xa0\xdf\xbf\xe0\xa0\x80\xef\xbf\xb0\xf0\x90\x80\x80"
                 "\xf4\x8f\xbf\xb0") },

    { "bytes that are none", ngx_string("a\xff\xfe\x80" "b"), 20,
      ngx_string("a" OAUTHCC_UNIT_BAD OAUTHCC_UNIT_BAD
                 OAUTHCC_UNIT_BAD "b"),
      ngx_string("a\\\\xff\\\\xfe\\\\x80b"),
      ngx_string("a" OAUTHCC_UNIT_BAD OAUTHCC_UNIT_BAD
                 OAUTHCC_UNIT_BAD "b") },

    { "too long", ngx_string("\xc0\xaf\xe0\x80\xaf"), 20,
      ngx_string(OAUTHCC_UNIT_BAD OAUTHCC_UNIT_BAD
                 OAUTHCC_UNIT_BAD OAUTHCC_UNIT_BAD
                 OAUTHCC_UNIT_BAD),
      ngx_string("\\\\xc0\\\\xaf\\\\xe0\\\\x80\\\\xaf"),
      ngx_string(OAUTHCC_UNIT_BAD OAUTHCC_UNIT_BAD
                 OAUTHCC_UNIT_BAD OAUTHCC_UNIT_BAD
                 OAUTHCC_UNIT_BAD) },

    { "a surrogate", ngx_string("\xed\xa0\x80"), 20,
      ngx_string(OAUTHCC_UNIT_BAD OAUTHCC_UNIT_BAD
                 OAUTHCC_UNIT_BAD),
      ngx_string("\\\\xed\\\\xa0\\\\x80"),
      ngx_string(OAUTHCC_UNIT_BAD OAUTHCC_UNIT_BAD
                 OAUTHCC_UNIT_BAD) },

    { "beyond the last", ngx_string("\xf4\x90\x80\x80"), 20,
      ngx_string(OAUTHCC_UNIT_BAD OAUTHCC_UNIT_BAD
                 OAUTHCC_UNIT_BAD OAUTHCC_UNIT_BAD),
      ngx_string("\\\\xf4\\\\x90\\\\x80\\\\x80"),
      ngx_string(OAUTHCC_UNIT_BAD OAUTHCC_UNIT_BAD
                 OAUTHCC_UNIT_BAD OAUTHCC_UNIT_BAD) },

    { "cut by the end", ngx_string("a\xe2\x82"), 20,
      ngx_string("a" OAUTHCC_UNIT_BAD OAUTHCC_UNIT_BAD),
      ngx_string("a\\\\xe2\\\\x82"),
      ngx_string("a" OAUTHCC_UNIT_BAD OAUTHCC_UNIT_BAD) },

    { "cut by a quote", ngx_string("\xe2\x82\"\xe2<"), 20,
      ngx_string(OAUTHCC_UNIT_BAD OAUTHCC_UNIT_BAD "&quot;"
                 OAUTHCC_UNIT_BAD "&lt;"),
      ngx_string("\\\\xe2\\\\x82\\\"\\\\xe2<"),
      ngx_string(OAUTHCC_UNIT_BAD OAUTHCC_UNIT_BAD "\""
                 OAUTHCC_UNIT_BAD "<") },

    { "as long as may be", ngx_string("abcd"), 4,
      ngx_string("abcd"), ngx_string("abcd"), ngx_string("abcd") },

    { "longer", ngx_string("abcde"), 4,
      ngx_string("abcd" OAUTHCC_UNIT_MORE), ngx_string("abcde"),
      ngx_string("abcd" OAUTHCC_UNIT_MORE) },

    { "longer, and not cut within a character",
      ngx_string("\xc3\xa4&\xe2\x82\xac<b"), 4,
      ngx_string("\xc3\xa4&amp;\xe2\x82\xac&lt;" OAUTHCC_UNIT_MORE),
      ngx_string("\xc3\xa4&\xe2\x82\xac<b"),
      ngx_string("\xc3\xa4&\xe2\x82\xac<" OAUTHCC_UNIT_MORE) },

    { NULL, ngx_null_string, 0, ngx_null_string, ngx_null_string,
      ngx_null_string }
};


ngx_int_t
oauthcc_unit_escape(oauthcc_unit_t *unit)
{
    oauthcc_unit_escape_t  *test;

    for (test = oauthcc_unit_escapes; test->name; test++) {

        if (oauthcc_unit_escape_text(unit, test) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    if (oauthcc_unit_escape_bytes(unit) != NGX_OK) {
        return NGX_ERROR;
    }

    return oauthcc_unit_escape_writer(unit);
}


static ngx_int_t
oauthcc_unit_escape_text(oauthcc_unit_t *unit, oauthcc_unit_escape_t *test)
{
    u_char            name[256];
    ngx_int_t         rc;
    ngx_str_t         text, utf8;
    oauthcc_writer_t  w;

    if (oauthcc_unit_copy(unit, &test->text, &text) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_sprintf(name, "HTML: %s%Z", test->name);
    oauthcc_writer_init(&w, unit->pool);
    oauthcc_escape_html(&w, &text, test->max);

    rc = oauthcc_unit_escape_end(unit, &w, &test->html, (char *) name);
    if (rc != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_sprintf(name, "label: %s%Z", test->name);
    oauthcc_writer_init(&w, unit->pool);
    oauthcc_escape_label(&w, &text);

    rc = oauthcc_unit_escape_end(unit, &w, &test->label, (char *) name);
    if (rc != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_sprintf(name, "UTF-8: %s%Z", test->name);

    rc = oauthcc_escape_utf8(unit->pool, &text, test->max, &utf8);
    if (rc != NGX_OK) {
        return NGX_ERROR;
    }

    oauthcc_unit_string(unit, &utf8, &test->utf8, (char *) name);

    ngx_free(text.data);

    return NGX_OK;
}


/* Each byte there is before and after each other one: what comes is UTF-8. */

static ngx_int_t
oauthcc_unit_escape_bytes(oauthcc_unit_t *unit)
{
    u_char      pair[2];
    ngx_str_t   text, once, twice;
    ngx_uint_t  i, bad;

    bad = 0;

    text.len = 2;
    text.data = pair;

    for (i = 0; i < 256 * 256; i++) {
        pair[0] = (u_char) (i / 256);
        pair[1] = (u_char) (i % 256);

        if (oauthcc_escape_utf8(unit->pool, &text, 2, &once)
            != NGX_OK
            || oauthcc_escape_utf8(unit->pool, &once, 2, &twice) != NGX_OK)
        {
            return NGX_ERROR;
        }

        if (twice.data != once.data
            || ngx_utf8_length(once.data, once.len) > 2)
        {
            bad++;
        }
    }

    oauthcc_unit_number(unit, bad, 0, "every two bytes");

    return NGX_OK;
}


static ngx_int_t
oauthcc_unit_escape_writer(oauthcc_unit_t *unit)
{
    off_t             size;
    u_char           *p, *text;
    size_t            n;
    ngx_str_t         expected;
    ngx_uint_t        i;
    ngx_chain_t      *out;
    oauthcc_writer_t  w;

    /* bytes and prints in turn, so that both meet the end of a buffer */

    expected.len = OAUTHCC_UNIT_BYTES;
    expected.data = ngx_pnalloc(unit->pool, expected.len);
    text = ngx_pnalloc(unit->pool, expected.len);

    if (expected.data == NULL || text == NULL) {
        return NGX_ERROR;
    }

    oauthcc_writer_init(&w, unit->pool);
    p = expected.data;

    for (i = 0; p < expected.data + expected.len; i++) {
        n = ngx_min(i % 401, (size_t) (expected.data + expected.len - p));
        ngx_memset(p, 'a' + i % 26, n);

        if (i % 2 && n && n <= OAUTHCC_WRITER_PRINT) {
            oauthcc_writer_print(&w, "%*s", n, p);

        } else {
            oauthcc_writer_bytes(&w, p, n);
        }

        p += n;
    }

    if (oauthcc_unit_escape_end(unit, &w, &expected, "writer: many bytes")
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    /* a print that is too long */

    oauthcc_writer_init(&w, unit->pool);
    oauthcc_writer_print(&w, "%*s", expected.len, expected.data);

    expected.len = OAUTHCC_WRITER_PRINT;

    if (oauthcc_unit_escape_end(unit, &w, &expected,
                                "writer: a print is bounded") != NGX_OK)
    {
        return NGX_ERROR;
    }

    /* as if memory had run out after some text */

    oauthcc_writer_init(&w, unit->pool);
    oauthcc_writer_put(&w, "a");

    w.failed = 1;
    w.buf = NULL;

    oauthcc_writer_put(&w, "b");
    oauthcc_writer_print(&w, "%s", "c");

    out = NULL;

    oauthcc_unit_number(unit, oauthcc_writer_end(&w, &out, &size),
                        NGX_ERROR, "writer: out of memory");
    oauthcc_unit_ok(unit, out == NULL, "writer: gives nothing then");

    return NGX_OK;
}


static ngx_int_t
oauthcc_unit_escape_end(oauthcc_unit_t *unit, oauthcc_writer_t *w,
    ngx_str_t *expected, char *name)
{
    off_t         size;
    u_char       *p;
    ngx_str_t     got;
    ngx_uint_t    marked;
    ngx_chain_t  *cl, *out;

    if (oauthcc_writer_end(w, &out, &size) != NGX_OK) {
        return NGX_ERROR;
    }

    p = ngx_pnalloc(unit->pool, (size_t) size + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    got.data = p;
    marked = (out == NULL);

    for (cl = out; cl; cl = cl->next) {

        if (p + ngx_buf_size(cl->buf) > got.data + size) {
            break;
        }

        p = ngx_cpymem(p, cl->buf->pos, ngx_buf_size(cl->buf));
        marked += cl->buf->last_in_chain * (cl->next == NULL ? 1 : 2);
    }

    got.len = p - got.data;

    if (!(cl == NULL && (off_t) got.len == size && marked == 1)) {
        oauthcc_unit_ok(unit, 0, "%s: size and end", name);
    }

    oauthcc_unit_string(unit, &got, expected, name);

    return NGX_OK;
}
