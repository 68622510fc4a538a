
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_STATUS_JSON_H_INCLUDED_
#define _OAUTHCC_STATUS_JSON_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "status/oauthcc_snapshot.h"


/* changes when a field goes or means something else, not when one comes */
#define OAUTHCC_STATUS_JSON_VERSION  1


/*
 * The report in JSON, all of it ASCII.  Every field is always there; a time
 * that there is not is null, and so is an error.  *out lies in the pool,
 * NGX_ERROR when memory runs out.
 */
ngx_int_t oauthcc_status_json(ngx_pool_t *pool, oauthcc_snapshot_t *report,
    ngx_chain_t **out, off_t *size);


#endif /* _OAUTHCC_STATUS_JSON_H_INCLUDED_ */
