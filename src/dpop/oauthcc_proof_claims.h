
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PROOF_CLAIMS_H_INCLUDED_
#define _OAUTHCC_PROOF_CLAIMS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* the claims of a proof (RFC 9449 section 4.2); empty ones are left out */

typedef struct {
    ngx_str_t  jti;
    ngx_str_t  htm;
    ngx_str_t  htu;
    ngx_str_t  ath;
    ngx_str_t  nonce;
    time_t     iat;
} oauthcc_proof_claims_t;


/*
 * Writes them as JSON, in the pool; bytes of others cannot become claims of
 * their own.  NGX_DECLINED: one is not UTF-8.  NGX_ERROR: out of memory.
 */
ngx_int_t oauthcc_proof_claims_write(ngx_pool_t *pool,
    oauthcc_proof_claims_t *claims, ngx_str_t *json);


#endif /* _OAUTHCC_PROOF_CLAIMS_H_INCLUDED_ */
