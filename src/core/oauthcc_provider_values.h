
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PROVIDER_VALUES_H_INCLUDED_
#define _OAUTHCC_PROVIDER_VALUES_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_provider_conf.h"
#include "core/oauthcc_directive.h"


/* a value of a provider's directives; the provider has a list of them all */

typedef struct {
    oauthcc_value_t  *value;
    ngx_uint_t        flags;  /* of the directive, OAUTHCC_DIRECTIVE_* */
} oauthcc_provider_value_t;


/* what values are for; values_reread() returns it or'ed */

#define OAUTHCC_PROVIDER_VALUES_SENT   1   /* logins are made of it */
#define OAUTHCC_PROVIDER_VALUES_KEY    2   /* a key is made of it first */
#define OAUTHCC_PROVIDER_VALUES_FRESH  4   /* it changes all the time */

#define oauthcc_provider_values_use(flags)                                    \
    (((flags) & OAUTHCC_DIRECTIVE_SIGNING) ? OAUTHCC_PROVIDER_VALUES_KEY      \
     : ((flags) & OAUTHCC_DIRECTIVE_FRESH) ? OAUTHCC_PROVIDER_VALUES_FRESH    \
     : OAUTHCC_PROVIDER_VALUES_SENT)

/* Whether a server that repeats it repeats a secret that it knows. */
#define oauthcc_provider_values_secret(flags)                                 \
    (((flags) & (OAUTHCC_DIRECTIVE_PUBLIC|OAUTHCC_DIRECTIVE_SIGNING)) == 0)


/* Whether any of them is a file. */
ngx_uint_t oauthcc_provider_values_files(oauthcc_provider_t *provider);

/* Reads files that have changed; returns what the changed values are for. */
ngx_uint_t oauthcc_provider_values_reread(oauthcc_provider_t *provider,
    ngx_log_t *log);

/* Gives back what was read again: the worker ends. */
void oauthcc_provider_values_free(oauthcc_provider_t *provider);


#endif /* _OAUTHCC_PROVIDER_VALUES_H_INCLUDED_ */
