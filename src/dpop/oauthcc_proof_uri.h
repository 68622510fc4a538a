
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PROOF_URI_H_INCLUDED_
#define _OAUTHCC_PROOF_URI_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* the URI of a request as a proof has it; lives in a pool */

typedef struct {
    ngx_str_t  htu;     /* without query and fragment */
    ngx_str_t  origin;  /* scheme, host and port, in small letters */
} oauthcc_proof_uri_t;


/*
 * Of the parts of a request: "https://", a host with its port, and a request
 * target, which is cut at "?" and "#".  They may have any bytes: those that
 * may not stand there (RFC 3986 sections 3.2.2 and 3.3) are percent-encoded,
 * all others stay, but for the letters of the scheme, which become small.
 * NGX_ERROR: out of memory.
 */
ngx_int_t oauthcc_proof_uri_join(ngx_pool_t *pool, ngx_str_t *scheme,
    ngx_str_t *host, ngx_str_t *target, oauthcc_proof_uri_t *uri);

/*
 * Of a URL, in the same way; if it has no path, that of the target follows.
 * NGX_DECLINED: it does not begin with http:// or https:// and a host.
 */
ngx_int_t oauthcc_proof_uri_read(ngx_pool_t *pool, ngx_str_t *url,
    ngx_str_t *target, oauthcc_proof_uri_t *uri);


#endif /* _OAUTHCC_PROOF_URI_H_INCLUDED_ */
