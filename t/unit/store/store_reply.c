
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "store/oauthcc_store_reply.h"
#include "oauthcc_unit.h"


/* what a server sends, and what is read of it: "-" is an error */

typedef struct {
    char       *name;
    ngx_str_t   sent;
    char       *read;
} oauthcc_unit_store_reply_t;


static ngx_int_t oauthcc_unit_store_reply_pieces(oauthcc_unit_t *unit,
    char *name, ngx_str_t *sent, size_t step, char *read);
static u_char *oauthcc_unit_store_reply_print(u_char *p, u_char *last,
    oauthcc_store_reply_t *reply);
static ngx_int_t oauthcc_unit_store_reply_endless(oauthcc_unit_t *unit,
    char *name, char *first, char *more, size_t most);
static ngx_int_t oauthcc_unit_store_reply_elements(oauthcc_unit_t *unit);
static ngx_int_t oauthcc_unit_store_reply_words(oauthcc_unit_t *unit);


static oauthcc_unit_store_reply_t  oauthcc_unit_store_replies[] = {

    { "a status", ngx_string("+PONG\r\n"), "+PONG " },
    { "an error", ngx_string("-NOAUTH x y\r\n"), "!NOAUTH x y " },
    { "a number", ngx_string(":-12\r\n"), ":-12 " },
    { "a string", ngx_string("$3\r\na\r\n\r\n"), "$a\r\n " },
    { "an empty one", ngx_string("$0\r\n\r\n"), "$ " },
    { "none", ngx_string("$-1\r\n"), "nil " },
    { "a list", ngx_string("*3\r\n$3\r\nHIT\r\n:5\r\n*1\r\n+x\r\n"),
      "[$HIT :5 [+x ] ] " },
    { "an empty one", ngx_string("*0\r\n"), "[] " },
    { "no list", ngx_string("*-1\r\n"), "nil " },
    { "two", ngx_string("+a\r\n:1\r\n"), "+a :1 " },
    { "a part", ngx_string("*2\r\n:1\r\n"), "" },
    { "nothing", ngx_null_string, "" },

    { "text", ngx_string("HTTP/1.1 400 Bad Request\r\n\r\n"), "-" },
    { "a list too long", ngx_string("*65\r\n"), "-" },
    { "a very long one", ngx_string("*2147483647\r\n"), "-" },
    { "a longer one", ngx_string("*9223372036854775807\r\n"), "-" },
    { "a number that is none", ngx_string(":x\r\n"), "-" },
    { "a length below none", ngx_string("$-2\r\n"), "-" },
    { "a map of RESP3", ngx_string("%1\r\n+a\r\n+b\r\n"), "-" },
    { "a set", ngx_string("~1\r\n+a\r\n"), "-" },
    { "a push", ngx_string(">1\r\n+a\r\n"), "-" },
    { "a double", ngx_string(",1.5\r\n"), "-" },
    { "a boolean", ngx_string("#t\r\n"), "-" },
    { "what ends in an error", ngx_string("+a\r\n%0\r\n"), "+a -" },

    { NULL, ngx_null_string, NULL }
};


ngx_int_t
oauthcc_unit_store_reply(oauthcc_unit_t *unit)
{
    oauthcc_unit_store_reply_t  *test;

    if (!oauthcc_store_reply_built) {
        oauthcc_unit_ok(unit, 1, "built without hiredis");
        return NGX_OK;
    }

    for (test = oauthcc_unit_store_replies; test->name; test++) {

        if (oauthcc_unit_store_reply_pieces(unit, test->name, &test->sent, 1,
                                            test->read)
               != NGX_OK
            || oauthcc_unit_store_reply_pieces(unit, test->name, &test->sent,
                                               test->sent.len, test->read)
               != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    if (oauthcc_unit_store_reply_endless(unit, "a string without an end",
                                         "$536870912\r\n", "xxxxxxxxxxxxxxxx",
                                         OAUTHCC_STORE_REPLY_MAX)
           != NGX_OK
        || oauthcc_unit_store_reply_endless(unit, "a line without an end",
                                            "+", "xxxxxxxxxxxxxxxx",
                                            OAUTHCC_STORE_REPLY_MAX + 16)
           != NGX_OK
        || oauthcc_unit_store_reply_endless(unit, "lists in lists", "",
                                            "*1\r\n", 8 * 4)
           != NGX_OK
        || oauthcc_unit_store_reply_elements(unit) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return oauthcc_unit_store_reply_words(unit);
}


/* So many bytes at a time. */

static ngx_int_t
oauthcc_unit_store_reply_pieces(oauthcc_unit_t *unit, char *name,
    ngx_str_t *sent, size_t step, char *read)
{
    u_char                  text[256], *p;
    void                   *reader;
    size_t                  i, n;
    ngx_int_t               rc;
    ngx_str_t               got, expected, piece, copy;
    oauthcc_store_reply_t  *reply;

    reader = oauthcc_store_reply_reader();
    if (reader == NULL) {
        return NGX_ERROR;
    }

    p = text;
    rc = NGX_OK;

    for (i = 0; i < sent->len && rc != NGX_ERROR; i += n) {

        n = ngx_min(step, sent->len - i);

        piece.data = sent->data + i;
        piece.len = n;

        if (oauthcc_unit_copy(unit, &piece, &copy) != NGX_OK) {
            return NGX_ERROR;
        }

        rc = oauthcc_store_reply_feed(reader, copy.data, copy.len);
        ngx_free(copy.data);

        while (rc == NGX_OK) {
            rc = oauthcc_store_reply_next(reader, &reply);

            if (rc == NGX_OK) {
                p = oauthcc_unit_store_reply_print(p, text + sizeof(text),
                                                   reply);
                oauthcc_store_reply_free(reply);
            }
        }
    }

    if (rc == NGX_ERROR) {
        *p++ = '-';
    }

    oauthcc_store_reply_reader_free(reader);

    got.data = text;
    got.len = p - text;

    expected.data = (u_char *) read;
    expected.len = ngx_strlen(read);

    oauthcc_unit_string(unit, &got, &expected, name);

    return NGX_OK;
}


static u_char *
oauthcc_unit_store_reply_print(u_char *p, u_char *last,
    oauthcc_store_reply_t *reply)
{
    ngx_uint_t  i;

    switch (reply->type) {

    case OAUTHCC_STORE_REPLY_NIL:
        return ngx_slprintf(p, last, "nil ");

    case OAUTHCC_STORE_REPLY_INTEGER:
        return ngx_slprintf(p, last, ":%L ", reply->number);

    case OAUTHCC_STORE_REPLY_STATUS:
        return ngx_slprintf(p, last, "+%V ", &reply->text);

    case OAUTHCC_STORE_REPLY_ERROR:
        return ngx_slprintf(p, last, "!%V ", &reply->text);

    case OAUTHCC_STORE_REPLY_STRING:
        return ngx_slprintf(p, last, "$%V ", &reply->text);

    default: /* OAUTHCC_STORE_REPLY_ARRAY */
        break;
    }

    p = ngx_slprintf(p, last, "[");

    for (i = 0; i < reply->nelements; i++) {
        p = oauthcc_unit_store_reply_print(p, last, reply->elements[i]);
    }

    return ngx_slprintf(p, last, "] ");
}


/* It ends with an error after so many bytes at most. */

static ngx_int_t
oauthcc_unit_store_reply_endless(oauthcc_unit_t *unit, char *name,
    char *first, char *more, size_t most)
{
    void                   *reader;
    size_t                  n;
    ngx_int_t               rc;
    oauthcc_store_reply_t  *reply;

    reader = oauthcc_store_reply_reader();
    if (reader == NULL) {
        return NGX_ERROR;
    }

    n = ngx_strlen(first);

    rc = oauthcc_store_reply_feed(reader, (u_char *) first, n);

    if (rc == NGX_OK) {
        rc = oauthcc_store_reply_next(reader, &reply);
    }

    while (rc == NGX_AGAIN && n <= most) {
        n += ngx_strlen(more);

        rc = oauthcc_store_reply_feed(reader, (u_char *) more,
                                      ngx_strlen(more));
        if (rc == NGX_OK) {
            rc = oauthcc_store_reply_next(reader, &reply);
        }
    }

    oauthcc_store_reply_reader_free(reader);

    oauthcc_unit_ok(unit, rc == NGX_ERROR, "%s: an error after %uz bytes",
                    name, n);

    return NGX_OK;
}


/* Lists that are small on the wire do not become large in memory. */

static ngx_int_t
oauthcc_unit_store_reply_elements(oauthcc_unit_t *unit)
{
    void                   *reader;
    ngx_int_t               rc;
    ngx_uint_t              i;
    oauthcc_store_reply_t  *reply;

    reader = oauthcc_store_reply_reader();
    if (reader == NULL) {
        return NGX_ERROR;
    }

    /* in six lists there is room for 20000 elements */

    rc = oauthcc_store_reply_feed(reader, (u_char *) "*64\r\n*64\r\n*64\r\n"
                                                     "*64\r\n*64\r\n*64\r\n",
                                  30);

    for (i = 0; rc == NGX_OK && i < 64 * 64 * 64; i++) {

        rc = oauthcc_store_reply_next(reader, &reply);

        if (rc != NGX_AGAIN) {
            break;
        }

        rc = (i % 65 == 64)
             ? oauthcc_store_reply_feed(reader, (u_char *) "*64\r\n", 5)
             : oauthcc_store_reply_feed(reader, (u_char *) ":1\r\n", 4);
    }

    oauthcc_store_reply_reader_free(reader);

    oauthcc_unit_ok(unit, rc == NGX_ERROR
                          && i < 2 * OAUTHCC_STORE_REPLY_MAX
                                 / sizeof(oauthcc_store_reply_t),
                    "a reply without an end is not kept: %ui elements", i);

    return NGX_OK;
}


static ngx_int_t
oauthcc_unit_store_reply_words(oauthcc_unit_t *unit)
{
    u_char     *data;
    ssize_t     len;
    ngx_str_t   words[3], got;

    static ngx_str_t  expected = ngx_string("*3\r\n$3\r\nSET\r\n$0\r\n\r\n"
                                            "$4\r\na\r\nb\r\n");

    ngx_str_set(&words[0], "SET");
    ngx_str_null(&words[1]);
    ngx_str_set(&words[2], "a\r\nb");

    len = oauthcc_store_reply_format(words, 3, &data);
    if (len < 0) {
        return NGX_ERROR;
    }

    got.data = data;
    got.len = len;

    oauthcc_unit_string(unit, &got, &expected, "a command");

    ngx_free(data);

    return NGX_OK;
}
