
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/*
 * URLs of token endpoints, "provider digit, URL", as metadata and variables
 * have them: what is taken has its parts in the URL, can stand in a request
 * line, and goes nowhere in clear text but to this machine; no user info or
 * argument of any text is left in what messages show of it.
 */


#include "oauthcc_fuzz.h"
#include "core/oauthcc_redact_url.h"
#include "http/oauthcc_http_request.h"
#include "http/oauthcc_url.h"


char  *oauthcc_fuzz_providers =
    "upstream inner { server 192.0.2.2; }\n"
    "oauthcc_provider plain {"
        " token_endpoint https://192.0.2.1/; client_id gateway;"
        " client_secret s3cret; }\n"
    "oauthcc_provider names {"
        " token_endpoint https://192.0.2.1/; client_id gateway;"
        " client_secret s3cret; resolver 192.0.2.3; }\n"
    "oauthcc_provider proxy {"
        " token_endpoint https://192.0.2.1/; client_id gateway;"
        " client_secret s3cret; forward_proxy http://192.0.2.4:3128; }\n";


static void oauthcc_fuzz_endpoint(oauthcc_fuzz_t *fuzz,
    oauthcc_provider_t *provider, oauthcc_url_t *endpoint);
static void oauthcc_fuzz_shown(oauthcc_fuzz_t *fuzz, ngx_str_t *text);
static u_char *oauthcc_fuzz_last(ngx_str_t *text, u_char c);


static char  *oauthcc_fuzz_names[] = { "plain", "names", "proxy" };


void
oauthcc_fuzz_run(oauthcc_fuzz_t *fuzz)
{
    char                *reason;
    ngx_str_t            url;
    ngx_uint_t           n;
    oauthcc_url_t        endpoint;
    oauthcc_provider_t  *provider;

    n = oauthcc_fuzz_pick(fuzz, 3);
    provider = oauthcc_fuzz_provider(oauthcc_fuzz_names[n]);

    oauthcc_fuzz_rest(fuzz, &url);

    oauthcc_fuzz_shown(fuzz, &url);

    oauthcc_fuzz_starve();
    reason = oauthcc_url_parse(fuzz->pool, &url, &endpoint);
    (void) oauthcc_fuzz_starved();

    oauthcc_fuzz_check(reason == NULL || reason[0]);

    if (reason == NULL) {
        oauthcc_fuzz_endpoint(fuzz, provider, &endpoint);
    }

    ngx_free(url.data);
}


static void
oauthcc_fuzz_endpoint(oauthcc_fuzz_t *fuzz, oauthcc_provider_t *provider,
    oauthcc_url_t *endpoint)
{
    char                    *refused;
    ngx_int_t                rc;
    ngx_str_t                url;
    ngx_uint_t               failed, proxy;
    oauthcc_http_request_t   request;

    proxy = (provider->endpoint.forward_proxy.host.len != 0);

    oauthcc_fuzz_check(endpoint->host.len > 0 && endpoint->port > 0);
    oauthcc_fuzz_check(endpoint->uri.len > 0 && endpoint->uri.data[0] == '/');
    oauthcc_fuzz_check(oauthcc_fuzz_word(&endpoint->uri));
    oauthcc_fuzz_check(oauthcc_fuzz_word(&endpoint->authority));
    oauthcc_fuzz_check(oauthcc_fuzz_word(&endpoint->name));
    oauthcc_fuzz_check(ngx_strlchr(endpoint->authority.data,
                                   endpoint->authority.data
                                   + endpoint->authority.len, '@')
                       == NULL);

    refused = oauthcc_url_refused(provider, endpoint);

    if (refused == NULL) {
        oauthcc_fuzz_check(endpoint->https
                           || (endpoint->loopback && !proxy));
        oauthcc_fuzz_check(!proxy || !endpoint->local);
    }

    oauthcc_fuzz_starve();
    rc = oauthcc_url_target(fuzz->pool, provider, endpoint, &url);
    failed = oauthcc_fuzz_starved();

    oauthcc_fuzz_check(rc != NGX_ERROR || failed);

    if (rc == NGX_OK) {
        oauthcc_fuzz_check(oauthcc_fuzz_word(&url));
        oauthcc_fuzz_check(ngx_strncmp(url.data, "http", 4) == 0);
        oauthcc_fuzz_check(url.len >= endpoint->uri.len);
        oauthcc_fuzz_check(ngx_memcmp(url.data + url.len - endpoint->uri.len,
                                      endpoint->uri.data, endpoint->uri.len)
                           == 0);
    }

    ngx_memzero(&request, sizeof(oauthcc_http_request_t));
    oauthcc_url_server(endpoint, &request);

    oauthcc_fuzz_check(oauthcc_fuzz_word(&request.authority));
    oauthcc_fuzz_check(oauthcc_fuzz_word(&request.host));
}


static void
oauthcc_fuzz_shown(oauthcc_fuzz_t *fuzz, ngx_str_t *text)
{
    u_char     *p;
    ngx_str_t  *shown;

    /* what a message shows of a text that has a URL in it, or is one */

    oauthcc_fuzz_starve();
    shown = oauthcc_redact_url_value(fuzz->pool, text);
    oauthcc_fuzz_check(shown != NULL);
    shown = oauthcc_redact_url_text(fuzz->pool, text);
    oauthcc_fuzz_check(shown != NULL);
    shown = oauthcc_redact_url(fuzz->pool, text);
    (void) oauthcc_fuzz_starved();

    oauthcc_fuzz_check(shown != NULL);
    oauthcc_fuzz_check(shown->len <= text->len + 2 * (sizeof("...") - 1));

    /* nothing is left behind "?", nor in front of "@" */

    p = shown->len ? ngx_strlchr(shown->data, shown->data + shown->len, '?')
                   : NULL;

    oauthcc_fuzz_check(p == NULL
                       || (shown->data + shown->len - p == 4
                           && ngx_memcmp(p, "?...", 4) == 0)
                       || oauthcc_fuzz_last(shown, '@') == NULL
                       || p < oauthcc_fuzz_last(shown, '@'));

    p = oauthcc_fuzz_last(shown, '@');

    oauthcc_fuzz_check(p == NULL
                       || (p - shown->data >= 3
                           && ngx_memcmp(p - 3, "...", 3) == 0));
}


static u_char *
oauthcc_fuzz_last(ngx_str_t *text, u_char c)
{
    size_t  i;

    for (i = text->len; i; i--) {
        if (text->data[i - 1] == c) {
            return &text->data[i - 1];
        }
    }

    return NULL;
}
