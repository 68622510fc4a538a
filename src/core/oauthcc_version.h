
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_VERSION_H_INCLUDED_
#define _OAUTHCC_VERSION_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


#define OAUTHCC_VERSION        "1.0.0"


#endif /* _OAUTHCC_VERSION_H_INCLUDED_ */
