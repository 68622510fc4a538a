
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PROVIDER_VALUES_H_INCLUDED_
#define _OAUTHCC_PROVIDER_VALUES_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_types.h"


/* what a value is for; values_reread() returns them or'ed */

#define OAUTHCC_PROVIDER_VALUES_SENT   1   /* logins are made of it */
#define OAUTHCC_PROVIDER_VALUES_KEY    2   /* a key is made of it first */
#define OAUTHCC_PROVIDER_VALUES_FRESH  4   /* it changes all the time */


/*
 * The n-th of all the values that a provider's directives have, and what it
 * is for; NULL after the last.  Who does something with all of them has no
 * list of his own.
 */
oauthcc_value_t *oauthcc_provider_values_get(oauthcc_provider_t *provider,
    ngx_uint_t n, ngx_uint_t *use);

/* Whether any of them is a file. */
ngx_uint_t oauthcc_provider_values_files(oauthcc_provider_t *provider);

/* Reads files that have changed; returns what the changed values are for. */
ngx_uint_t oauthcc_provider_values_reread(oauthcc_provider_t *provider,
    ngx_log_t *log);

/* Gives back what was read again: the worker ends. */
void oauthcc_provider_values_free(oauthcc_provider_t *provider);


#endif /* _OAUTHCC_PROVIDER_VALUES_H_INCLUDED_ */
