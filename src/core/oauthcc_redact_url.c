
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_redact_url.h"


/* a shorter value is not secret, see redact */
#define OAUTHCC_REDACT_URL_SHORT  4


static u_char *oauthcc_redact_url_start(ngx_str_t *text);
static u_char *oauthcc_redact_url_authority(ngx_str_t *text);
static ngx_str_t *oauthcc_redact_url_from(ngx_pool_t *pool, ngx_str_t *text,
    u_char *start);
static ngx_str_t *oauthcc_redact_url_join(ngx_pool_t *pool, ngx_str_t *head,
    ngx_str_t *rest, ngx_uint_t args);


static ngx_str_t  oauthcc_redact_url_all = ngx_string("...");


ngx_str_t *
oauthcc_redact_url_text(ngx_pool_t *pool, ngx_str_t *text)
{
    u_char  *start;

    start = oauthcc_redact_url_start(text);

    return start ? oauthcc_redact_url_from(pool, text, start) : text;
}


ngx_str_t *
oauthcc_redact_url(ngx_pool_t *pool, ngx_str_t *url)
{
    u_char  *start;

    start = oauthcc_redact_url_start(url);

    return oauthcc_redact_url_from(pool, url, start ? start : url->data);
}


ngx_str_t *
oauthcc_redact_url_value(ngx_pool_t *pool, ngx_str_t *text)
{
    u_char    *p, *start, *last;
    ngx_str_t  name, none;

    last = text->data + text->len;
    p = ngx_strlchr(text->data, last, '=');
    start = oauthcc_redact_url_authority(text);

    /* an "=" within a URL is not the one of NAME=VALUE */

    if (p == NULL
        || last - p <= OAUTHCC_REDACT_URL_SHORT
        || (start && start <= p))
    {
        return oauthcc_redact_url_text(pool, text);
    }

    name.data = text->data;
    name.len = p + 1 - text->data;

    ngx_str_set(&none, "");

    return oauthcc_redact_url_join(pool, &name, &none, 0);
}


/*
 * Where user info may begin; NULL if there is no "://".  Behind an "@" or a
 * "?" that is not of the URL itself, which has no scheme then.
 */

static u_char *
oauthcc_redact_url_start(ngx_str_t *text)
{
    u_char  *start;

    start = oauthcc_redact_url_authority(text);

    if (start && (ngx_strlchr(text->data, start, '@')
                  || ngx_strlchr(text->data, start, '?')))
    {
        return text->data;
    }

    return start;
}


/* The text after the first "://"; NULL if there is none. */

static u_char *
oauthcc_redact_url_authority(ngx_str_t *text)
{
    size_t  i;

    for (i = 0; i + sizeof("://") - 1 <= text->len; i++) {

        if (ngx_strncmp(text->data + i, "://", sizeof("://") - 1) == 0) {
            return text->data + i + sizeof("://") - 1;
        }
    }

    return NULL;
}


/*
 * A password may contain any character: user info ends at the last "@".  If
 * that is behind a "?", the start of the arguments is unknown.
 */

static ngx_str_t *
oauthcc_redact_url_from(ngx_pool_t *pool, ngx_str_t *text, u_char *start)
{
    u_char    *p, *at, *args, *last;
    ngx_str_t  head, rest;

    last = text->data + text->len;
    args = ngx_strlchr(start, last, '?');
    at = NULL;

    for (p = start; p < last; p++) {
        if (*p == '@') {
            at = p;
        }
    }

    if (at == NULL && args == NULL) {
        return text;
    }

    head.data = text->data;

    if (at == NULL) {
        head.len = args - text->data;
        return oauthcc_redact_url_join(pool, &head, NULL, 1);
    }

    head.len = start - text->data;

    rest.data = at;
    rest.len = 0;

    if (args && args < at) {
        return oauthcc_redact_url_join(pool, &head, &rest, 0);
    }

    rest.len = (args ? args : last) - at;

    return oauthcc_redact_url_join(pool, &head, &rest, args != NULL);
}


/* Replaces the hidden parts by "...". */

static ngx_str_t *
oauthcc_redact_url_join(ngx_pool_t *pool, ngx_str_t *head, ngx_str_t *rest,
    ngx_uint_t args)
{
    u_char     *p;
    ngx_str_t  *shown;

    shown = ngx_palloc(pool, sizeof(ngx_str_t));
    p = ngx_pnalloc(pool, head->len + (rest ? rest->len : 0)
                          + 2 * sizeof("..."));

    if (shown == NULL || p == NULL) {
        return &oauthcc_redact_url_all;
    }

    shown->data = p;

    /* nothing precedes the hidden part: memcpy() must not be given NULL */

    if (head->len) {
        p = ngx_cpymem(p, head->data, head->len);
    }

    if (rest) {
        p = ngx_cpymem(p, "...", sizeof("...") - 1);

        if (rest->len) {
            p = ngx_cpymem(p, rest->data, rest->len);
        }
    }

    if (args) {
        *p++ = '?';
        p = ngx_cpymem(p, "...", sizeof("...") - 1);
    }

    shown->len = p - shown->data;

    return shown;
}
