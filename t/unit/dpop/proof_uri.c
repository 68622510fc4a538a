
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "dpop/oauthcc_proof_uri.h"
#include "oauthcc_unit.h"


typedef struct {
    char       *name;
    ngx_str_t   scheme;  /* empty: a URL */
    ngx_str_t   host;    /* the URL */
    ngx_str_t   target;
    ngx_str_t   htu;     /* empty: it is refused */
    ngx_str_t   origin;
} oauthcc_unit_proof_uri_t;


#define HTTP   ngx_string("http://")
#define HTTPS  ngx_string("https://")
#define NONE   ngx_null_string


static oauthcc_unit_proof_uri_t  oauthcc_unit_proof_uris[] = {

    { "plain", HTTPS, ngx_string("api.example.com"), ngx_string("/v1/a"),
      ngx_string("https://api.example.com/v1/a"),
      ngx_string("https://api.example.com") },
    { "a port", HTTP, ngx_string("127.0.0.1:8080"), ngx_string("/"),
      ngx_string("http://127.0.0.1:8080/"),
      ngx_string("http://127.0.0.1:8080") },
    { "IPv6", HTTP, ngx_string("[::1]:80"), ngx_string("/x"),
      ngx_string("http://[::1]:80/x"), ngx_string("http://[::1]:80") },
    { "as it was sent, but for the origin", HTTPS,
      ngx_string("Api.example.com"), ngx_string("/A//b/../c/./%2f"),
      ngx_string("https://Api.example.com/A//b/../c/./%2f"),
      ngx_string("https://api.example.com") },
    { "a query", HTTP, ngx_string("a"), ngx_string("/b?c=/d"),
      ngx_string("http://a/b"), ngx_string("http://a") },
    { "a fragment", HTTP, ngx_string("a"), ngx_string("/b#c?d"),
      ngx_string("http://a/b"), ngx_string("http://a") },
    { "no target", HTTP, ngx_string("a"), NONE, ngx_string("http://a"),
      ngx_string("http://a") },

    { "quotes", HTTP, ngx_string("a"),
      ngx_string("/a\",\"htu\":\"http://b"),
      ngx_string("http://a/a%22,%22htu%22:%22http://b"),
      ngx_string("http://a") },
    { "a backslash, controls, a space", HTTP, ngx_string("a"),
      ngx_string("/\\\x01\x1f\x7f \r\n\t\0x"),
      ngx_string("http://a/%5C%01%1F%7F%20%0D%0A%09%00x"),
      ngx_string("http://a") },
    { "what may not stand there", HTTP, ngx_string("a"),
      ngx_string("/<>^`{|}[]"),
      ngx_string("http://a/%3C%3E%5E%60%7B%7C%7D%5B%5D"),
      ngx_string("http://a") },
    { "what may", HTTP, ngx_string("a"),
      ngx_string("/-._~!$&'()*+,;=:@aZ09/"),
      ngx_string("http://a/-._~!$&'()*+,;=:@aZ09/"), ngx_string("http://a") },
    { "bytes above ASCII", HTTP, ngx_string("a"), ngx_string("/\xc3\xbc\xff"),
      ngx_string("http://a/%C3%BC%FF"), ngx_string("http://a") },
    { "escapes that are none", HTTP, ngx_string("a"),
      ngx_string("/%%41%4%zz%"),
      ngx_string("http://a/%25%41%254%25zz%25"), ngx_string("http://a") },
    { "a host with other bytes", HTTP, ngx_string("A\"/\\ @\xff%"),
      ngx_string("/"), ngx_string("http://A%22%2F%5C%20%40%FF%25/"),
      ngx_string("http://a%22%2f%5c%20%40%ff%25") },

    { "a URL alone", NONE, ngx_string("https://api.example.com"),
      ngx_string("/v1/a?b"), ngx_string("https://api.example.com/v1/a"),
      ngx_string("https://api.example.com") },
    { "with a path", NONE, ngx_string("https://api.example.com:444/x"),
      ngx_string("/v1/a?b"), ngx_string("https://api.example.com:444/x"),
      ngx_string("https://api.example.com:444") },
    { "with a slash", NONE, ngx_string("https://api.example.com/"),
      ngx_string("/v1/a"), ngx_string("https://api.example.com/"),
      ngx_string("https://api.example.com") },
    { "with a query", NONE, ngx_string("HTTP://a/x?p=y#z"),
      ngx_string("/v1/a"), ngx_string("http://a/x"), ngx_string("http://a") },
    { "with a query and no path", NONE, ngx_string("http://a?x"),
      ngx_string("/v1?p"), ngx_string("http://a/v1"), ngx_string("http://a") },
    { "a URL with IPv6", NONE, ngx_string("https://[::1]:443"),
      ngx_string("/a"), ngx_string("https://[::1]:443/a"),
      ngx_string("https://[::1]:443") },
    { "no scheme", NONE, ngx_string("api.example.com/x"), ngx_string("/"),
      NONE, NONE },
    { "another scheme", NONE, ngx_string("ftp://a/x"), ngx_string("/"),
      NONE, NONE },
    { "no host", NONE, ngx_string("https:///x"), ngx_string("/"),
      NONE, NONE },
    { "nothing", NONE, NONE, ngx_string("/"), NONE, NONE },

    { NULL, NONE, NONE, NONE, NONE, NONE }
};


ngx_int_t
oauthcc_unit_proof_uri(oauthcc_unit_t *unit)
{
    ngx_int_t                  rc;
    ngx_str_t                  host, target;
    oauthcc_proof_uri_t        uri;
    oauthcc_unit_proof_uri_t  *test;

    for (test = oauthcc_unit_proof_uris; test->name; test++) {

        if (oauthcc_unit_copy(unit, &test->host, &host) != NGX_OK
            || oauthcc_unit_copy(unit, &test->target, &target) != NGX_OK)
        {
            return NGX_ERROR;
        }

        ngx_memzero(&uri, sizeof(oauthcc_proof_uri_t));

        rc = test->scheme.len
             ? oauthcc_proof_uri_join(unit->pool, &test->scheme, &host,
                                      &target, &uri)
             : oauthcc_proof_uri_read(unit->pool, &host, &target, &uri);

        oauthcc_unit_number(unit, rc, test->htu.len ? NGX_OK : NGX_DECLINED,
                            test->name);
        oauthcc_unit_string(unit, &uri.htu, &test->htu, test->name);
        oauthcc_unit_string(unit, &uri.origin, &test->origin, test->name);

        ngx_free(host.data);
        ngx_free(target.data);
    }

    return NGX_OK;
}
