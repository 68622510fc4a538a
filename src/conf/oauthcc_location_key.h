
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_LOCATION_KEY_H_INCLUDED_
#define _OAUTHCC_LOCATION_KEY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/*
 * The key, in the zone, of the location that is being merged, given the key of
 * the enclosing one.  It is a hash of the names of the location and its
 * server, so that a reload or a move to another file does not change it.
 * Locations with the same key share their state.
 */
uint32_t oauthcc_location_key(ngx_conf_t *cf, uint32_t parent);


#endif /* _OAUTHCC_LOCATION_KEY_H_INCLUDED_ */
