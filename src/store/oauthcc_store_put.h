
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_STORE_PUT_H_INCLUDED_
#define _OAUTHCC_STORE_PUT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "store/oauthcc_store.h"


/* store_put(), and what gateways tell each other besides; see store.h */


#endif /* _OAUTHCC_STORE_PUT_H_INCLUDED_ */
