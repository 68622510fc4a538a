
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PROVIDER_VALUES_H_INCLUDED_
#define _OAUTHCC_PROVIDER_VALUES_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_provider_conf.h"
#include "core/oauthcc_directive.h"


/* a value of a provider's directives; the provider keeps a list of them */

typedef struct {
    oauthcc_value_t  *value;
    ngx_str_t        *name;   /* of the directive */
    ngx_uint_t        flags;  /* of the directive, OAUTHCC_DIRECTIVE_* */
} oauthcc_provider_value_t;


/*
 * uses of values, as a bit set; values_reread() returns those of changed
 * values
 */

#define OAUTHCC_PROVIDER_VALUES_SENT   1   /* part of each login */
#define OAUTHCC_PROVIDER_VALUES_KEY    2   /* parsed as a key first */
#define OAUTHCC_PROVIDER_VALUES_FRESH  4   /* changes with each login */

#define oauthcc_provider_values_use(flags)                                    \
    (((flags) & OAUTHCC_DIRECTIVE_SIGNING) ? OAUTHCC_PROVIDER_VALUES_KEY      \
     : ((flags) & OAUTHCC_DIRECTIVE_FRESH) ? OAUTHCC_PROVIDER_VALUES_FRESH    \
     : OAUTHCC_PROVIDER_VALUES_SENT)

/* Whether a server that repeats this value repeats a secret. */
#define oauthcc_provider_values_secret(flags)                                 \
    (((flags) & (OAUTHCC_DIRECTIVE_PUBLIC|OAUTHCC_DIRECTIVE_SIGNING)) == 0)


/* Whether any of them is a file. */
ngx_uint_t oauthcc_provider_values_files(oauthcc_provider_t *provider);

/* Reads files that have changed; returns the uses of the changed values. */
ngx_uint_t oauthcc_provider_values_reread(oauthcc_provider_t *provider,
    ngx_log_t *log);

/* Whether a file has changed and cannot be read, by the last look at it. */
ngx_uint_t oauthcc_provider_values_stale(oauthcc_provider_t *provider);

/*
 * Looks again how many have and cannot; each is an error in the log, unless
 * that is NULL.  The pool is for a while.
 */
ngx_uint_t oauthcc_provider_values_tell(oauthcc_provider_t *provider,
    ngx_pool_t *pool, ngx_log_t *log);

/* Frees values that were read again; for the end of a worker. */
void oauthcc_provider_values_free(oauthcc_provider_t *provider);


#endif /* _OAUTHCC_PROVIDER_VALUES_H_INCLUDED_ */
