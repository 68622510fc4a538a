
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/* Messages of the channel, and where a node of a cluster says a key is. */


#include <ngx_config.h>
#include <ngx_core.h>
#include "store/oauthcc_store_moved.h"
#include "store/oauthcc_store_watch.h"
#include "oauthcc_unit.h"


#define OAUTHCC_UNIT_STORE_WATCH_NAME  "00112233445566778899aabbccddeeff"


typedef struct {
    ngx_str_t             text;
    ngx_int_t             rc;
    oauthcc_store_news_e  type;
    ngx_uint_t            own;
    ngx_uint_t            all;
} oauthcc_unit_store_watch_t;


typedef struct {
    ngx_str_t  text;
    ngx_int_t  rc;
    ngx_str_t  host;
    in_port_t  port;
} oauthcc_unit_store_moved_t;


static ngx_int_t oauthcc_unit_store_watch_moved(oauthcc_unit_t *unit);


static oauthcc_unit_store_watch_t  oauthcc_unit_store_watches[] = {

    { ngx_string("t 0000000000000001 " OAUTHCC_UNIT_STORE_WATCH_NAME
                 " fedcba9876543210"),
      NGX_OK, OAUTHCC_STORE_NEWS_TOKEN, 1, 0 },
    { ngx_string("f 0000000000000002 " OAUTHCC_UNIT_STORE_WATCH_NAME),
      NGX_OK, OAUTHCC_STORE_NEWS_FAILED, 0, 0 },
    { ngx_string("r 0000000000000002 " OAUTHCC_UNIT_STORE_WATCH_NAME),
      NGX_OK, OAUTHCC_STORE_NEWS_RELEASED, 0, 0 },
    { ngx_string("p 0000000000000002 " OAUTHCC_UNIT_STORE_WATCH_NAME " "
                 OAUTHCC_UNIT_STORE_WATCH_NAME),
      NGX_OK, OAUTHCC_STORE_NEWS_PURGED, 0, 0 },
    { ngx_string("p 0000000000000002 " OAUTHCC_UNIT_STORE_WATCH_NAME " *"),
      NGX_OK, OAUTHCC_STORE_NEWS_PURGED, 0, 1 },

    { ngx_null_string, NGX_DECLINED, 0, 0, 0 },
    { ngx_string("t"), NGX_DECLINED, 0, 0, 0 },
    { ngx_string("x 0000000000000001 " OAUTHCC_UNIT_STORE_WATCH_NAME),
      NGX_DECLINED, 0, 0, 0 },
    { ngx_string("t 0000000000000001 " OAUTHCC_UNIT_STORE_WATCH_NAME),
      NGX_DECLINED, 0, 0, 0 },
    { ngx_string("t 0000000000000001 " OAUTHCC_UNIT_STORE_WATCH_NAME " "),
      NGX_DECLINED, 0, 0, 0 },
    { ngx_string("t 0000000000000001 " OAUTHCC_UNIT_STORE_WATCH_NAME
                 " fedcba9876543210 x"),
      NGX_DECLINED, 0, 0, 0 },
    { ngx_string("t 000000000000000g " OAUTHCC_UNIT_STORE_WATCH_NAME
                 " fedcba9876543210"),
      NGX_DECLINED, 0, 0, 0 },
    { ngx_string("f 0000000000000002 00112233445566778899aabbccddeef"),
      NGX_DECLINED, 0, 0, 0 },
    { ngx_string("f 0000000000000002 00112233445566778899AABBCCDDEEFF"),
      NGX_DECLINED, 0, 0, 0 },
    { ngx_string("f 0000000000000002  " OAUTHCC_UNIT_STORE_WATCH_NAME),
      NGX_DECLINED, 0, 0, 0 },
    { ngx_string("p 0000000000000002 *"), NGX_DECLINED, 0, 0, 0 },
    { ngx_string("p 0000000000000002 " OAUTHCC_UNIT_STORE_WATCH_NAME),
      NGX_DECLINED, 0, 0, 0 },
    { ngx_string("p 0000000000000002 " OAUTHCC_UNIT_STORE_WATCH_NAME " **"),
      NGX_DECLINED, 0, 0, 0 }
};


static oauthcc_unit_store_moved_t  oauthcc_unit_store_moves[] = {

    { ngx_string("MOVED 3999 127.0.0.2:6381"),
      NGX_OK, ngx_string("127.0.0.2"), 6381 },
    { ngx_string("MOVED 3999 node-1.example:6381"),
      NGX_OK, ngx_string("node-1.example"), 6381 },
    { ngx_string("MOVED 3999 ::1:6381"), NGX_OK, ngx_string("::1"), 6381 },
    { ngx_string("MOVED 3999 :6381"), NGX_OK, ngx_string("here"), 6381 },
    { ngx_string("MOVED 3999 HERE:6381"), NGX_OK, ngx_string("here"), 6381 },

    { ngx_string("MOVED"), NGX_ERROR, ngx_null_string, 0 },
    { ngx_string("MOVED 3999"), NGX_ERROR, ngx_null_string, 0 },
    { ngx_string("MOVED 3999 "), NGX_ERROR, ngx_null_string, 0 },
    { ngx_string("MOVED 3999 host"), NGX_ERROR, ngx_null_string, 0 },
    { ngx_string("MOVED 3999 host:"), NGX_ERROR, ngx_null_string, 0 },
    { ngx_string("MOVED 3999 host:0"), NGX_ERROR, ngx_null_string, 0 },
    { ngx_string("MOVED 3999 host:65536"), NGX_ERROR, ngx_null_string, 0 },
    { ngx_string("MOVED 3999 host:-1"), NGX_ERROR, ngx_null_string, 0 },
    { ngx_string("MOVED 3999 ?:6381"), NGX_ERROR, ngx_null_string, 0 },
    { ngx_string("MOVED 3999 a\nb:6381"), NGX_ERROR, ngx_null_string, 0 },
    { ngx_string("MOVED 3999 a b:6381"), NGX_ERROR, ngx_null_string, 0 }
};


ngx_int_t
oauthcc_unit_store_watch(oauthcc_unit_t *unit)
{
    ngx_int_t                    rc;
    ngx_str_t                    copy;
    ngx_uint_t                   i;
    oauthcc_store_news_t         news;
    oauthcc_unit_store_watch_t  *test;

    test = oauthcc_unit_store_watches;

    for (i = 0; i < sizeof(oauthcc_unit_store_watches)
                    / sizeof(oauthcc_unit_store_watch_t);
         i++)
    {
        if (oauthcc_unit_copy(unit, &test[i].text, &copy) != NGX_OK) {
            return NGX_ERROR;
        }

        rc = oauthcc_store_watch_read(&copy, 1, &news);
        ngx_free(copy.data);

        oauthcc_unit_ok(unit, rc == test[i].rc
                              && (rc != NGX_OK
                                  || (news.type == test[i].type
                                      && news.own == test[i].own
                                      && news.all == test[i].all)),
                        "\"%V\"", &test[i].text);

        if (i == 0) {
            oauthcc_unit_ok(unit, news.version == 0xfedcba9876543210
                                  && news.entry[0] == 0
                                  && news.entry[1] == 0x11
                                  && news.entry[15] == 0xff,
                            "its entry and version");
        }
    }

    return oauthcc_unit_store_watch_moved(unit);
}


static ngx_int_t
oauthcc_unit_store_watch_moved(oauthcc_unit_t *unit)
{
    u_char                       node[OAUTHCC_STORE_MOVED_NODE], *p;
    ngx_int_t                    rc;
    ngx_str_t                    text;
    ngx_uint_t                   i, n;
    oauthcc_store_server_t       server;
    oauthcc_unit_store_moved_t  *test;

    test = oauthcc_unit_store_moves;

    for (i = 0; i < sizeof(oauthcc_unit_store_moves)
                    / sizeof(oauthcc_unit_store_moved_t);
         i++)
    {
        ngx_memzero(&server, sizeof(oauthcc_store_server_t));
        ngx_str_set(&server.host, "here");

        rc = oauthcc_store_moved_read(&test[i].text, &server, node);

        oauthcc_unit_ok(unit, rc == test[i].rc
                              && (rc != NGX_OK
                                  || (oauthcc_unit_equal(&server.host,
                                                         &test[i].host)
                                      && server.port == test[i].port)),
                        "where a key has moved, %ui", i);
    }

    /* a name that is too long, by one */

    for (n = 0; n < 2; n++) {

        text.len = sizeof("MOVED 1 ") - 1 + OAUTHCC_STORE_MOVED_NODE + n;
        text.data = ngx_palloc(unit->pool, text.len);

        if (text.data == NULL) {
            return NGX_ERROR;
        }

        p = ngx_cpymem(text.data, "MOVED 1 ", sizeof("MOVED 1 ") - 1);

        ngx_memset(p, 'a', OAUTHCC_STORE_MOVED_NODE + n);
        ngx_memcpy(text.data + text.len - 3, ":12", 3);

        rc = oauthcc_store_moved_read(&text, &server, node);

        oauthcc_unit_number(unit, rc, n ? NGX_ERROR : NGX_OK,
                            "a long name of a node");
    }

    /* node has the host of the first; the second is on the same machine */

    ngx_memzero(&server, sizeof(oauthcc_store_server_t));
    ngx_str_set(&server.host, "here");

    ngx_str_set(&text, "MOVED 1 10.0.0.5:6380");
    rc = oauthcc_store_moved_read(&text, &server, node);

    ngx_str_set(&text, "MOVED 1 :6381");
    rc |= oauthcc_store_moved_read(&text, &server, node);

    ngx_str_set(&text, "10.0.0.5");
    oauthcc_unit_ok(unit, rc == NGX_OK && server.port == 6381
                          && oauthcc_unit_equal(&server.host, &text),
                    "another node of the machine that was named");

    return NGX_OK;
}
