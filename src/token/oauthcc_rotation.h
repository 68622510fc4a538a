
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_ROTATION_H_INCLUDED_
#define _OAUTHCC_ROTATION_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_provider_conf.h"


/*
 * The rotation of secrets: files of values that change while nginx runs.
 * They are looked at by logins, and during a backoff; never by requests.
 */

/* Prepares a provider, at configuration time. */
void oauthcc_rotation_init(oauthcc_provider_t *provider);

/* Reads files of the provider's that have changed; 1 if any has. */
ngx_uint_t oauthcc_rotation_read(oauthcc_provider_t *provider);

/*
 * No login of the provider, or of an entry of it, is tried for so many
 * milliseconds: until then, its files are looked at once a second, and if one
 * changes no entry has to wait any longer.
 */
void oauthcc_rotation_watch(oauthcc_provider_t *provider, ngx_msec_t wait);


#endif /* _OAUTHCC_ROTATION_H_INCLUDED_ */
