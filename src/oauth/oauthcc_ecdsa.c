
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <openssl/asn1.h>
#include "oauth/oauthcc_ecdsa.h"


static ngx_int_t oauthcc_ecdsa_integer(const u_char **pos, const u_char *last,
    u_char *bytes, size_t size);


/* Without ECDSA_SIG and its numbers, whose memory takes ten times as long. */

ngx_int_t
oauthcc_ecdsa_join(u_char *der, size_t len, size_t size, u_char *signature)
{
    int            tag, class;
    long           n;
    const u_char  *p, *last;

    p = der;
    last = der + len;

    if (ASN1_get_object(&p, &n, &tag, &class, (long) len)
        != V_ASN1_CONSTRUCTED
        || tag != V_ASN1_SEQUENCE || n != last - p)
    {
        return NGX_ERROR;
    }

    if (oauthcc_ecdsa_integer(&p, last, signature, size) != NGX_OK
        || oauthcc_ecdsa_integer(&p, last, signature + size, size) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return (p == last) ? NGX_OK : NGX_ERROR;
}


/* Reads one that is not negative, into so many bytes. */

static ngx_int_t
oauthcc_ecdsa_integer(const u_char **pos, const u_char *last, u_char *bytes,
    size_t size)
{
    int            tag, class;
    long           n;
    const u_char  *p;

    p = *pos;

    if (ASN1_get_object(&p, &n, &tag, &class, (long) (last - p)) != 0
        || tag != V_ASN1_INTEGER || n < 1 || *p >= 0x80)
    {
        return NGX_ERROR;
    }

    *pos = p + n;

    /* there is a zero in front of what would be negative without it */

    if (*p == 0) {
        p++;
        n--;
    }

    if ((size_t) n > size) {
        return NGX_ERROR;
    }

    ngx_memzero(bytes, size - n);
    ngx_memcpy(bytes + size - n, p, n);

    return NGX_OK;
}
