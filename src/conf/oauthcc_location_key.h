
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_LOCATION_KEY_H_INCLUDED_
#define _OAUTHCC_LOCATION_KEY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/*
 * What stands in the zone for the location that is merged, given what stands
 * for the one around it.  It is made of its name and its server's and is the
 * same after a reload, wherever in the files it is by then.  Two that come out
 * alike share what is kept of them.
 */
uint32_t oauthcc_location_key(ngx_conf_t *cf, uint32_t parent);


#endif /* _OAUTHCC_LOCATION_KEY_H_INCLUDED_ */
