
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "status/oauthcc_format.h"
#include "oauthcc_unit.h"
#include "core/oauthcc_writer.h"


typedef struct {
    uint64_t   n;
    ngx_str_t  expected;
} oauthcc_unit_human_t;


typedef struct {
    ngx_str_t  error;
    char      *meaning;  /* a part of it; NULL: there is none */
} oauthcc_unit_meaning_t;


static ngx_int_t oauthcc_unit_human_text(oauthcc_unit_t *unit,
    oauthcc_writer_t *w, ngx_str_t *expected);


static oauthcc_unit_human_t  oauthcc_unit_durations[] = {
    { 0, ngx_string("0 ms") },
    { 1, ngx_string("1 ms") },
    { 182, ngx_string("182 ms") },
    { 999, ngx_string("999 ms") },
    { 1000, ngx_string("1 s") },
    { 1099, ngx_string("1 s") },
    { 1100, ngx_string("1.1 s") },
    { 9999, ngx_string("9.9 s") },
    { 10000, ngx_string("10 s") },
    { 12999, ngx_string("12 s") },
    { 59999, ngx_string("59 s") },
    { 60000, ngx_string("1 min") },
    { 61000, ngx_string("1 min 1 s") },
    { 252000, ngx_string("4 min 12 s") },
    { 3599999, ngx_string("59 min 59 s") },
    { 3600000, ngx_string("1 h") },
    { 3659999, ngx_string("1 h") },
    { 11100000, ngx_string("3 h 5 min") },
    { 86399999, ngx_string("23 h 59 min") },
    { 86400000, ngx_string("1 d") },
    { 187200000, ngx_string("2 d 4 h") },
    { 2073600000, ngx_string("24 d") },
    { 0, ngx_null_string }
};


static oauthcc_unit_human_t  oauthcc_unit_numbers[] = {
    { 0, ngx_string("0") },
    { 7, ngx_string("7") },
    { 999, ngx_string("999") },
    { 1000, ngx_string("1,000") },
    { 12345, ngx_string("12,345") },
    { 999999, ngx_string("999,999") },
    { 1234567, ngx_string("1,234,567") },
    { UINT64_MAX, ngx_string("18,446,744,073,709,551,615") },
    { 0, ngx_null_string }
};


static oauthcc_unit_human_t  oauthcc_unit_amounts[] = {
    { 0, ngx_string("0 KiB") },
    { 1023, ngx_string("0 KiB") },
    { 98304, ngx_string("96 KiB") },
    { 1048575, ngx_string("1023 KiB") },
    { 1048576, ngx_string("1 MiB") },
    { 1572864, ngx_string("1.5 MiB") },
    { 10485760, ngx_string("10 MiB") },
    { 2147483648, ngx_string("2048 MiB") },
    { 0, ngx_null_string }
};


static oauthcc_unit_meaning_t  oauthcc_unit_meanings[] = {
    { ngx_string("invalid_client"), "does not accept its secret" },
    { ngx_string("invalid_client: no such client"), "accept its secret" },
    { ngx_string("invalid_clients"), NULL },
    { ngx_string("invalid_clien"), NULL },
    { ngx_string("invalid_scope, sorry"), "this scope" },
    { ngx_string("temporarily_unavailable"), "maintained" },
    { ngx_string("timed out"), "in time" },
    { ngx_string("no response"), "error log" },
    { ngx_string("<script>"), NULL },
    { ngx_string(""), NULL },
    { ngx_null_string, NULL }
};


ngx_int_t
oauthcc_unit_format(oauthcc_unit_t *unit)
{
    char                    *meaning;
    ngx_str_t                error;
    ngx_uint_t               found;
    oauthcc_writer_t         w;
    oauthcc_unit_human_t    *test;
    oauthcc_unit_meaning_t  *m;

    static ngx_str_t  text = ngx_string("<i>%s\n");
    static ngx_str_t  html = ngx_string("<b>a</b> &lt;i&gt;%s&#x240a;, "
                                        "1,234,567 in 1.1 s, 96 KiB, "
                                        "95&nbsp;%");

    for (test = oauthcc_unit_durations; test->expected.len; test++) {
        oauthcc_writer_init(&w, unit->pool);
        oauthcc_format_duration(&w, (ngx_msec_t) test->n);

        if (oauthcc_unit_human_text(unit, &w, &test->expected) != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    for (test = oauthcc_unit_numbers; test->expected.len; test++) {
        oauthcc_writer_init(&w, unit->pool);
        oauthcc_format_number(&w, test->n);

        if (oauthcc_unit_human_text(unit, &w, &test->expected) != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    for (test = oauthcc_unit_amounts; test->expected.len; test++) {
        oauthcc_writer_init(&w, unit->pool);
        oauthcc_format_size(&w, (size_t) test->n);

        if (oauthcc_unit_human_text(unit, &w, &test->expected) != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    oauthcc_writer_init(&w, unit->pool);
    oauthcc_format_html(&w, "%s %V, %L in %M, %z, 95&nbsp;%%%s", "<b>a</b>",
                        &text, (uint64_t) 1234567, (ngx_msec_t) 1100,
                        (size_t) 98304, "");

    if (oauthcc_unit_human_text(unit, &w, &html) != NGX_OK) {
        return NGX_ERROR;
    }

    for (m = oauthcc_unit_meanings; m->error.data; m++) {

        if (oauthcc_unit_copy(unit, &m->error, &error) != NGX_OK) {
            return NGX_ERROR;
        }

        meaning = oauthcc_format_error(&error);

        found = (meaning && m->meaning)
                ? ngx_strstr(meaning, m->meaning) != NULL
                : meaning == m->meaning;

        oauthcc_unit_ok(unit, found, "meaning of \"%V\"", &m->error);

        ngx_free(error.data);
    }

    return NGX_OK;
}


static ngx_int_t
oauthcc_unit_human_text(oauthcc_unit_t *unit, oauthcc_writer_t *w,
    ngx_str_t *expected)
{
    off_t         size;
    ngx_str_t     got;
    ngx_chain_t  *out;

    if (oauthcc_writer_end(w, &out, &size) != NGX_OK) {
        return NGX_ERROR;
    }

    got.data = out->buf->pos;
    got.len = (size_t) size;

    oauthcc_unit_string(unit, &got, expected, (char *) expected->data);

    return NGX_OK;
}
