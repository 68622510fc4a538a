
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_ROTATION_H_INCLUDED_
#define _OAUTHCC_ROTATION_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_provider_conf.h"


/*
 * The rotation of secrets: files of values that change while nginx runs.  Only
 * logins look at them, and a timer during a backoff; requests never do.
 */

/* Prepares a provider, at configuration time. */
void oauthcc_rotation_init(oauthcc_provider_t *provider);

/* Reads files of the provider that have changed; 1 if there are any. */
ngx_uint_t oauthcc_rotation_read(oauthcc_provider_t *provider);

/*
 * No login of the provider, or of an entry of it, is tried for so many
 * milliseconds: check its files once a second until then, and end the backoff
 * when one changes.
 */
void oauthcc_rotation_watch(oauthcc_provider_t *provider, ngx_msec_t wait);


#endif /* _OAUTHCC_ROTATION_H_INCLUDED_ */
