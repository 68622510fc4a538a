
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "http/oauthcc_tunnel_response.h"
#include "oauthcc_unit.h"


typedef struct {
    char       *name;
    ngx_str_t   sent;
    ngx_int_t   rc;
    ngx_uint_t  code;
    ngx_str_t   line;
    ngx_str_t   challenge;
    size_t      rest;       /* bytes behind the header */
} oauthcc_unit_tunnel_response_t;


static ngx_int_t oauthcc_unit_tunnel_response_pieces(oauthcc_unit_t *unit,
    oauthcc_unit_tunnel_response_t *test, size_t step);


static oauthcc_unit_tunnel_response_t  oauthcc_unit_tunnel_responses[] = {

    { "open", ngx_string("HTTP/1.1 200 Connection established\r\n\r\n"),
      NGX_OK, 200, ngx_string("200 Connection established"),
      ngx_null_string, 0 },
    { "HTTP/1.0", ngx_string("HTTP/1.0 200 OK\r\nVia: x\r\n\r\n"),
      NGX_OK, 200, ngx_string("200 OK"), ngx_null_string, 0 },
    { "no reason", ngx_string("HTTP/1.1 200\r\n\r\n"),
      NGX_OK, 200, ngx_string("200"), ngx_null_string, 0 },
    { "lines without CR", ngx_string("HTTP/1.1 200 OK\nA: b\n\n"),
      NGX_OK, 200, ngx_string("200 OK"), ngx_null_string, 0 },
    { "more behind it", ngx_string("HTTP/1.1 200 OK\r\n\r\nbody"),
      NGX_OK, 200, ngx_string("200 OK"), ngx_null_string, 4 },
    { "after others", ngx_string("HTTP/1.1 100 Continue\r\n\r\n"
                                 "HTTP/1.1 103 x\r\nLink: a\r\n\r\n"
                                 "HTTP/1.1 200 OK\r\n\r\n"),
      NGX_OK, 200, ngx_string("200 OK"), ngx_null_string, 0 },
    { "another one first, and no end",
      ngx_string("HTTP/1.1 100 Continue\r\n\r\n"),
      NGX_AGAIN, 0, ngx_null_string, ngx_null_string, 0 },

    { "who asks", ngx_string("HTTP/1.1 407 Who\r\nServer: squid\r\n"
                             "PROXY-authenticate: Basic realm=\"a\"\r\n"
                             "Proxy-Authenticate: NTLM\r\n\r\n"),
      NGX_OK, 407, ngx_string("407 Who"), ngx_string("Basic realm=\"a\""), 0 },
    { "nothing to ask", ngx_string("HTTP/1.1 407 Who\r\n"
                                   "Proxy-Authenticate:\r\n\r\n"),
      NGX_OK, 407, ngx_string("407 Who"), ngx_null_string, 0 },
    { "what cannot be printed",
      ngx_string("HTTP/1.1 403 \x1b[1m\xc3\xbc\t\r\n\r\n"),
      NGX_OK, 403, ngx_string("403 ?[1m???"), ngx_null_string, 0 },

    { "not all of it", ngx_string("HTTP/1.1 200 OK\r\nA: b\r\n"),
      NGX_AGAIN, 200, ngx_string("200 OK"), ngx_null_string, 0 },
    { "nothing", ngx_null_string,
      NGX_AGAIN, 0, ngx_null_string, ngx_null_string, 0 },
    { "another protocol", ngx_string("220 mail.example ESMTP\r\n"),
      NGX_DECLINED, 0, ngx_null_string, ngx_null_string, 0 },
    { "a status of letters", ngx_string("HTTP/1.1 OK\r\n\r\n"),
      NGX_DECLINED, 0, ngx_null_string, ngx_null_string, 0 },
    { "a status of two digits", ngx_string("HTTP/1.1 20 OK\r\n\r\n"),
      NGX_DECLINED, 0, ngx_null_string, ngx_null_string, 0 },

    { NULL, ngx_null_string, 0, 0, ngx_null_string, ngx_null_string, 0 }
};


ngx_int_t
oauthcc_unit_tunnel_response(oauthcc_unit_t *unit)
{
    oauthcc_unit_tunnel_response_t  *test;

    for (test = oauthcc_unit_tunnel_responses; test->name; test++) {

        if (oauthcc_unit_tunnel_response_pieces(unit, test, 1) != NGX_OK
            || oauthcc_unit_tunnel_response_pieces(unit, test,
                                                   test->sent.len)
               != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* So many bytes at a time, until there is no more to read, or to come. */

static ngx_int_t
oauthcc_unit_tunnel_response_pieces(oauthcc_unit_t *unit,
    oauthcc_unit_tunnel_response_t *test, size_t step)
{
    char                       *reason;
    size_t                      i, n;
    ngx_int_t                   rc;
    oauthcc_tunnel_response_t   response;

    if (oauthcc_tunnel_response_init(unit->pool, &response) != NGX_OK) {
        return NGX_ERROR;
    }

    rc = NGX_AGAIN;
    reason = NULL;

    for (i = 0; i < test->sent.len && rc == NGX_AGAIN; i += n) {

        n = ngx_min(step, test->sent.len - i);

        response.in.last = ngx_cpymem(response.in.last, &test->sent.data[i],
                                      n);

        rc = oauthcc_tunnel_response_read(&response, &reason);
    }

    n = (response.in.last - response.in.pos) + (test->sent.len - i);

    oauthcc_unit_number(unit, rc, test->rc, test->name);
    oauthcc_unit_number(unit, response.code, test->code, test->name);
    oauthcc_unit_string(unit, &response.line, &test->line, test->name);
    oauthcc_unit_string(unit, &response.challenge, &test->challenge,
                        test->name);
    oauthcc_unit_ok(unit, rc != NGX_DECLINED || reason, "%s: reason",
                    test->name);

    if (rc == NGX_OK) {
        oauthcc_unit_number(unit, n, test->rest, test->name);
    }

    return NGX_OK;
}
