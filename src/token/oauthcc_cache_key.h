
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_CACHE_KEY_H_INCLUDED_
#define _OAUTHCC_CACHE_KEY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_provider_conf.h"


/*
 * The key of a provider's entry: a digest of all directives of its block as
 * they were written, except for those that do not shape the login.  A secret
 * in a file counts by its path, one in the environment by its value.  digest
 * has room for OAUTHCC_DIGEST_LEN bytes.  NGX_ERROR: out of memory.
 */
ngx_int_t oauthcc_cache_key_provider(oauthcc_provider_t *provider,
    u_char *digest);

/*
 * The same for a provider with these parameters of a request, after its own
 * was computed.
 *
 * Where the provider has a store, the first half of both is computed apart, as
 * the name that all gateways have for the entry: of the provider's name, its
 * directives without secrets, paths of files and what only says how to get to
 * the server, and the thumbprint of its TLS certificate.
 */
ngx_int_t oauthcc_cache_key_variant(oauthcc_provider_t *provider,
    ngx_str_t *parameters, u_char *digest);

/*
 * A digest of the secrets that the name in a store leaves out, as last read.
 * Not to be shown: a secret could be guessed from it.  NGX_ERROR: out of
 * memory.
 */
ngx_int_t oauthcc_cache_key_secrets(oauthcc_provider_t *provider,
    uint64_t *content);

/* The SHA-256 of a text, as above. */
ngx_int_t oauthcc_cache_key_digest(ngx_str_t *text, u_char *digest);

/*
 * A digest of the content of the provider's files as last read; 0 without
 * files, and the previous digest if memory runs out.
 */
uint64_t oauthcc_cache_key_content(oauthcc_provider_t *provider);


#endif /* _OAUTHCC_CACHE_KEY_H_INCLUDED_ */
