
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PROOF_H_INCLUDED_
#define _OAUTHCC_PROOF_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_provider_conf.h"
#include "dpop/oauthcc_proof_uri.h"


/*
 * DPoP proofs (RFC 9449 section 4) of a provider with "dpop on", and what is
 * kept for them in a worker: the key, and the nonces that servers want.
 */


/* what a proof is for; the texts belong to the caller */

typedef struct {
    ngx_str_t            method;
    oauthcc_proof_uri_t  uri;
    ngx_str_t            token;   /* empty: a token request */
    uint64_t             serial;  /* of the token */
} oauthcc_proof_request_t;


/*
 * Makes a proof, with another identifier each time; *proof and *nonce, the
 * server's that it has, may be empty, lie in the pool.  NGX_DECLINED: the
 * method is not UTF-8, or OpenSSL has failed, which was logged.  NGX_ERROR:
 * out of memory.
 */
ngx_int_t oauthcc_proof_make(oauthcc_provider_t *provider, ngx_pool_t *pool,
    oauthcc_proof_request_t *from, ngx_str_t *nonce, ngx_str_t *proof);

/*
 * Keeps the nonce in the headers of a response to a request with that used
 * nonce, if it is another one; there has to be one DPoP-Nonce.  Returns
 * whether another one is kept: then a request that was rejected for want of it
 * may be sent again.
 */
ngx_uint_t oauthcc_proof_learn(oauthcc_provider_t *provider,
    ngx_list_t *headers, ngx_str_t *origin, ngx_str_t *used, ngx_log_t *log);

/*
 * The generation of the zone that the key is of, 0: it is that of a file.  A
 * token that a login of another generation gave is bound to a lost key.
 */
uint64_t oauthcc_proof_generation(oauthcc_provider_t *provider);

/*
 * The name of the algorithm, and the thumbprint (RFC 7638) of the key, in the
 * pool.  NGX_ERROR: no memory, or OpenSSL has failed.
 */
ngx_int_t oauthcc_proof_describe(oauthcc_provider_t *provider,
    ngx_pool_t *pool, ngx_str_t *alg, ngx_str_t *thumbprint);

/* For the end of a worker. */
void oauthcc_proof_free(oauthcc_provider_t *provider);


#endif /* _OAUTHCC_PROOF_H_INCLUDED_ */
