
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_CACHE_KEY_H_INCLUDED_
#define _OAUTHCC_CACHE_KEY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_provider_conf.h"


/*
 * The key of a provider's entry: a digest of all that shapes its login, which
 * is each directive of its block, as it was written, that does not say that it
 * does not.  Secrets in files count by their path, in variables of the
 * environment by their value.  digest has room for
 * OAUTHCC_DIGEST_LEN bytes.  NGX_ERROR if memory runs out.
 */
ngx_int_t oauthcc_cache_key_provider(oauthcc_provider_t *provider,
    u_char *digest);

/* The same for a provider with these parameters of a request's. */
ngx_int_t oauthcc_cache_key_variant(u_char *base, ngx_str_t *parameters,
    u_char *digest);

/*
 * A digest of what the provider's files hold, as they were read last; 0 if it
 * has none, and what it was if memory runs out.
 */
uint64_t oauthcc_cache_key_content(oauthcc_provider_t *provider);


#endif /* _OAUTHCC_CACHE_KEY_H_INCLUDED_ */
