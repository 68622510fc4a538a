
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_redact_url.h"
#include "oauthcc_unit.h"


/* what is shown of a text: as one, as a URL, and as NAME=VALUE */

typedef struct {
    ngx_str_t  text;
    ngx_str_t  as_text;
    ngx_str_t  as_url;
    ngx_str_t  as_value;
} oauthcc_unit_redact_url_t;


static oauthcc_unit_redact_url_t  oauthcc_unit_redact_urls[] = {

    { ngx_string("https://idp/token"), ngx_string("https://idp/token"),
      ngx_string("https://idp/token"), ngx_string("https://idp/token") },

    { ngx_string("https://u:p@idp/token?x=y"),
      ngx_string("https://...@idp/token?..."),
      ngx_string("https://...@idp/token?..."),
      ngx_string("https://...@idp/token?...") },

    { ngx_string("https://u:p?q@idp/token?x=y"),
      ngx_string("https://..."), ngx_string("https://..."),
      ngx_string("https://...") },

    { ngx_string("u:p@idp/token"), ngx_string("u:p@idp/token"),
      ngx_string("...@idp/token"), ngx_string("u:p@idp/token") },

    /* "://" may be that of another URL, which comes later */

    { ngx_string("u:p@idp/token/http://a"),
      ngx_string("...@idp/token/http://a"),
      ngx_string("...@idp/token/http://a"),
      ngx_string("...@idp/token/http://a") },

    { ngx_string("u:p@idp/token?to=http://a"),
      ngx_string("...@idp/token?..."), ngx_string("...@idp/token?..."),
      ngx_string("u:p@idp/token?to=...") },

    { ngx_string("idp/token?key=s3cret&to=http://a"),
      ngx_string("idp/token?..."), ngx_string("idp/token?..."),
      ngx_string("idp/token?key=...") },

    { ngx_string("u:p@idp://a@b"), ngx_string("...@b"), ngx_string("...@b"),
      ngx_string("...@b") },

    { ngx_string("audience=https://u:p@api"),
      ngx_string("audience=https://...@api"),
      ngx_string("audience=https://...@api"),
      ngx_string("audience=...") },

    { ngx_string("audience=pa@ss://word"),
      ngx_string("...@ss://word"), ngx_string("...@ss://word"),
      ngx_string("audience=...") }
};


ngx_int_t
oauthcc_unit_redact_url(oauthcc_unit_t *unit)
{
    ngx_uint_t                  i, n;
    oauthcc_unit_redact_url_t  *test;

    test = oauthcc_unit_redact_urls;
    n = sizeof(oauthcc_unit_redact_urls) / sizeof(*test);

    for (i = 0; i < n; i++) {
        oauthcc_unit_string(unit, oauthcc_redact_url_text(unit->pool,
                                                          &test[i].text),
                            &test[i].as_text, "what is shown of a text");
        oauthcc_unit_string(unit, oauthcc_redact_url(unit->pool,
                                                     &test[i].text),
                            &test[i].as_url, "what is shown of a URL");
        oauthcc_unit_string(unit, oauthcc_redact_url_value(unit->pool,
                                                           &test[i].text),
                            &test[i].as_value, "what is shown of NAME=VALUE");
    }

    return NGX_OK;
}
