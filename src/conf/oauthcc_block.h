
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_BLOCK_H_INCLUDED_
#define _OAUTHCC_BLOCK_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_provider_conf.h"
#include "conf/oauthcc_provider_directives.h"
#include "core/oauthcc_directive.h"


/*
 * Operations on all directives of an oauthcc_provider block, driven by the
 * table in provider_directives.
 */


/* The rank of directives of nginx: behind all others, in their order. */
#define OAUTHCC_BLOCK_LAST  ((ngx_uint_t) -1)


/* Initializes the fields of a zeroed provider. */
ngx_int_t oauthcc_block_init(ngx_conf_t *cf, oauthcc_provider_t *provider);

/* The row of this directive; NULL if it is not one of the module. */
oauthcc_provider_directives_row_t *oauthcc_block_find(ngx_str_t *name);

/* Handles the directive in cf->args. */
char *oauthcc_block_set(ngx_conf_t *cf, oauthcc_provider_directives_row_t *row,
    oauthcc_provider_t *provider);

/*
 * Records the directive in cf->args as it was written, before its setter may
 * change it.  The order of directives with different ranks does not matter.
 */
ngx_int_t oauthcc_block_record(ngx_conf_t *cf, oauthcc_provider_t *provider,
    ngx_uint_t rank, ngx_uint_t flags);

/* Whether a directive of this name has been recorded. */
ngx_uint_t oauthcc_block_has(oauthcc_provider_t *provider, char *name);

/* The "param" with this name; NULL: there is none. */
oauthcc_named_t *oauthcc_block_param(oauthcc_provider_t *provider,
    ngx_str_t *name);

/*
 * At the end of the block: checks what is not allowed beside login_json, or
 * without it.
 */
char *oauthcc_block_document(ngx_conf_t *cf, oauthcc_provider_t *provider);

/* Sets fields that are not set to their defaults. */
char *oauthcc_block_presets(ngx_conf_t *cf, oauthcc_provider_t *provider);

/* Lists all values for core/provider_values; none may be added later. */
ngx_int_t oauthcc_block_values(oauthcc_provider_t *provider);


#endif /* _OAUTHCC_BLOCK_H_INCLUDED_ */
