
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_text.h"
#include "oauthcc_unit.h"


typedef struct {
    ngx_str_t   a;
    ngx_str_t   b;
    ngx_uint_t  equal;
    ngx_uint_t  alike;  /* whatever the case */
    ngx_uint_t  begins;
} oauthcc_unit_text_t;


static ngx_int_t oauthcc_unit_text_print(oauthcc_unit_t *unit);
static ngx_int_t oauthcc_unit_text_pairs(oauthcc_unit_t *unit);
static ngx_int_t oauthcc_unit_text_headers(oauthcc_unit_t *unit);


/* the second one is a word, as C has it */

static oauthcc_unit_text_t  oauthcc_unit_texts[] = {
    { ngx_null_string, ngx_null_string, 1, 1, 1 },
    { ngx_null_string, ngx_string("a"), 0, 0, 0 },
    { ngx_string("scope"), ngx_string("scope"), 1, 1, 1 },
    { ngx_string("scope"), ngx_string("Scope"), 0, 1, 0 },
    { ngx_string("scope"), ngx_string("scop"), 0, 0, 1 },
    { ngx_string("scope"), ngx_string("scopes"), 0, 0, 0 },
    { ngx_string("scope"), ngx_string("score"), 0, 0, 0 },
    { ngx_string("sco\0e"), ngx_string("sco"), 0, 0, 1 }
};


static ngx_str_t  oauthcc_unit_text_list[] = {
    ngx_string("Host"),
    ngx_string("Connection"),
    ngx_null_string
};


ngx_int_t
oauthcc_unit_text(oauthcc_unit_t *unit)
{
    char                 *word;
    u_char                c;
    ngx_str_t             text, host, lower, other;
    ngx_uint_t            i, n, wrong;
    oauthcc_unit_text_t  *test;

    test = oauthcc_unit_texts;
    n = sizeof(oauthcc_unit_texts) / sizeof(*test);

    for (i = 0; i < n; i++) {
        word = test[i].b.data ? (char *) test[i].b.data : "";

        oauthcc_unit_number(unit, oauthcc_text_eq(&test[i].a, &test[i].b),
                            test[i].equal, "equal");
        oauthcc_unit_number(unit, oauthcc_text_ieq(&test[i].a, &test[i].b),
                            test[i].alike, "equal but for the case");
        oauthcc_unit_number(unit, oauthcc_text_is(&test[i].a, word),
                            test[i].equal, "the word");
        oauthcc_unit_number(unit, oauthcc_text_iis(&test[i].a, word),
                            test[i].alike, "the word but for the case");
        oauthcc_unit_number(unit, oauthcc_text_begins(&test[i].a, word),
                            test[i].begins, "begins with the word");
    }

    ngx_str_set(&host, "Host");
    ngx_str_set(&lower, "host");
    ngx_str_set(&other, "Accept");

    oauthcc_unit_ok(unit, oauthcc_text_in(oauthcc_unit_text_list, &host)
                          && !oauthcc_text_in(oauthcc_unit_text_list, &lower)
                          && !oauthcc_text_in(oauthcc_unit_text_list, &other),
                    "a name in a list");

    oauthcc_unit_ok(unit, oauthcc_text_iin(oauthcc_unit_text_list, &host)
                          && oauthcc_text_iin(oauthcc_unit_text_list, &lower)
                          && !oauthcc_text_iin(oauthcc_unit_text_list, &other),
                    "a name in a list, whatever its case");

    ngx_str_set(&text, "HTTPS://host");

    oauthcc_unit_ok(unit, oauthcc_text_ibegins(&text, "https://")
                          && !oauthcc_text_ibegins(&text, "http://"),
                    "begins with a scheme");

    wrong = 0;
    text.data = &c;
    text.len = 1;

    for (i = 0; i < 256; i++) {
        c = (u_char) i;
        wrong += (oauthcc_text_control(&text) != (i < 32 || i == 127));
    }

    oauthcc_unit_number(unit, wrong, 0, "control characters");

    if (oauthcc_unit_text_print(unit) != NGX_OK
        || oauthcc_unit_text_pairs(unit) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return oauthcc_unit_text_headers(unit);
}


static ngx_int_t
oauthcc_unit_text_print(oauthcc_unit_t *unit)
{
    ngx_str_t  err, want;

    ngx_str_set(&err, "is empty");

    if (oauthcc_text_error(unit->pool, &err, 0, "file \"%s\" %V", "x", &err)
        != NGX_DECLINED)
    {
        return NGX_ERROR;
    }

    ngx_str_set(&want, "file \"x\" is empty");
    oauthcc_unit_string(unit, &err, &want, "a text with itself in it");

    if (oauthcc_text_error(unit->pool, &err, NGX_ENOENT, "no")
        != NGX_DECLINED)
    {
        return NGX_ERROR;
    }

    oauthcc_unit_ok(unit, oauthcc_text_begins(&err, "no (2: "),
                    "the error of the system behind it");

    if (oauthcc_text_error(unit->pool, &err, NGX_ENOENT, "%*xd%*xd",
                           (size_t) 2000, 0, (size_t) 2000, 0)
        != NGX_DECLINED)
    {
        return NGX_ERROR;
    }

    oauthcc_unit_ok(unit, err.len <= NGX_MAX_CONF_ERRSTR, "it is cut");

    return NGX_OK;
}


static ngx_int_t
oauthcc_unit_text_pairs(oauthcc_unit_t *unit)
{
    ngx_str_t        name, value;
    ngx_array_t      pairs;
    oauthcc_pair_t  *pair;

    ngx_str_set(&name, "user-agent");
    ngx_str_set(&value, "mine");

    if (ngx_array_init(&pairs, unit->pool, 2, sizeof(oauthcc_pair_t))
        != NGX_OK
        || oauthcc_text_pair(&pairs, NULL, &name, &value) != NGX_OK
        || oauthcc_text_pair(&pairs, unit->pool, &name, &value) != NGX_OK
        || oauthcc_text_default(&pairs, unit->pool, "User-Agent", "ours")
           != NGX_OK
        || oauthcc_text_default(&pairs, unit->pool, "Accept", "all")
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    pair = pairs.elts;

    oauthcc_unit_number(unit, pairs.nelts, 3, "no default beside another one");

    oauthcc_unit_ok(unit, pair[0].value.data == value.data, "not copied");
    oauthcc_unit_ok(unit, pair[1].value.data != value.data, "copied");
    oauthcc_unit_string(unit, &pair[1].value, &value, "the copy");

    ngx_str_set(&value, "all");
    oauthcc_unit_string(unit, &pair[2].value, &value, "a default");

    return NGX_OK;
}


static ngx_int_t
oauthcc_unit_text_headers(oauthcc_unit_t *unit)
{
    ngx_uint_t        i;
    ngx_list_t        list;
    ngx_table_elt_t  *h[4];

    /* a part has room for two */

    if (ngx_list_init(&list, unit->pool, 2, sizeof(ngx_table_elt_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; i < 4; i++) {
        h[i] = ngx_list_push(&list);
        if (h[i] == NULL) {
            return NGX_ERROR;
        }

        ngx_str_set(&h[i]->key, "Age");
        h[i]->hash = 1;
    }

    ngx_str_set(&h[1]->key, "Date");

    /* nginx had no memory for the name of the last one */

    h[3]->key.data = NULL;
    h[3]->hash = 0;

    oauthcc_unit_ok(unit, oauthcc_text_header(&list, "age", 0) == h[0]
                          && oauthcc_text_header(&list, "age", 1) == h[2]
                          && oauthcc_text_header(&list, "age", 2) == NULL
                          && oauthcc_text_header(&list, "Date", 0) == h[1]
                          && oauthcc_text_header(&list, "Dat", 0) == NULL,
                    "a header of a name");

    return NGX_OK;
}
