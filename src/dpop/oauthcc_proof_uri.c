
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "dpop/oauthcc_proof_uri.h"
#include "core/oauthcc_text.h"


static u_char *oauthcc_proof_uri_encode(u_char *p, u_char *from, u_char *last,
    char *allowed);
static ngx_uint_t oauthcc_proof_uri_plain(u_char c, char *allowed);
static u_char *oauthcc_proof_uri_end(u_char *p, u_char *last, char *ends);


/* besides letters and digits: the frequent ones first */

static char  oauthcc_proof_uri_host[] = ".-:_~!$&'()*+,;=[]";
static char  oauthcc_proof_uri_path[] = "/-._~:@!$&'()*+,;=";


ngx_int_t
oauthcc_proof_uri_join(ngx_pool_t *pool, ngx_str_t *scheme, ngx_str_t *host,
    ngx_str_t *target, oauthcc_proof_uri_t *uri)
{
    size_t   len;
    u_char  *p, *end;

    end = target->len ? oauthcc_proof_uri_end(target->data,
                                              target->data + target->len, "?#")
                      : target->data;

    len = scheme->len + 3 * host->len;

    p = ngx_pnalloc(pool, len + 3 * (end - target->data) + len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    uri->htu.data = p;

    ngx_strlow(p, scheme->data, scheme->len);
    p += scheme->len;

    p = oauthcc_proof_uri_encode(p, host->data, host->data + host->len,
                                 oauthcc_proof_uri_host);

    uri->origin.len = p - uri->htu.data;

    p = oauthcc_proof_uri_encode(p, target->data, end,
                                 oauthcc_proof_uri_path);

    uri->htu.len = p - uri->htu.data;

    uri->origin.data = p;
    ngx_strlow(uri->origin.data, uri->htu.data, uri->origin.len);

    return NGX_OK;
}


ngx_int_t
oauthcc_proof_uri_read(ngx_pool_t *pool, ngx_str_t *url, ngx_str_t *target,
    oauthcc_proof_uri_t *uri)
{
    u_char     *p, *last;
    ngx_str_t   scheme, host, path;

    scheme.data = url->data;
    scheme.len = oauthcc_text_ibegins(url, "https://")
                 ? sizeof("https://") - 1
                 : oauthcc_text_ibegins(url, "http://")
                   ? sizeof("http://") - 1 : 0;

    if (scheme.len == 0) {
        return NGX_DECLINED;
    }

    last = url->data + url->len;
    p = url->data + scheme.len;

    host.data = p;
    p = oauthcc_proof_uri_end(p, last, "/?#");
    host.len = p - host.data;

    if (host.len == 0) {
        return NGX_DECLINED;
    }

    path.data = p;
    path.len = oauthcc_proof_uri_end(p, last, "?#") - p;

    return oauthcc_proof_uri_join(pool, &scheme, &host,
                                  path.len ? &path : target, uri);
}


static u_char *
oauthcc_proof_uri_encode(u_char *p, u_char *from, u_char *last, char *allowed)
{
    static u_char  hex[] = "0123456789ABCDEF";

    for ( /* void */ ; from < last; from++) {

        if (oauthcc_proof_uri_plain(*from, allowed)
            || (*from == '%' && last - from > 2
                && ngx_hextoi(from + 1, 2) != NGX_ERROR))
        {
            *p++ = *from;
            continue;
        }

        *p++ = '%';
        *p++ = hex[*from >> 4];
        *p++ = hex[*from & 0xf];
    }

    return p;
}


static ngx_uint_t
oauthcc_proof_uri_plain(u_char c, char *allowed)
{
    u_char  letter;

    letter = (u_char) (c | 0x20);

    return (letter >= 'a' && letter <= 'z') || (c >= '0' && c <= '9')
           || (c && ngx_strchr(allowed, c) != NULL);
}


static u_char *
oauthcc_proof_uri_end(u_char *p, u_char *last, char *ends)
{
    while (p < last && (*p == '\0' || ngx_strchr(ends, *p) == NULL)) {
        p++;
    }

    return p;
}
