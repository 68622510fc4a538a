
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_WORKER_H_INCLUDED_
#define _OAUTHCC_WORKER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "token/oauthcc_token_types.h"


/* The background work of a worker. */


/* Prepares a provider, at configuration time. */
void oauthcc_worker_init(oauthcc_provider_t *provider);

/* Call it once in a worker, with the providers of its cycle. */
ngx_int_t oauthcc_worker_start(ngx_cycle_t *cycle, ngx_array_t *providers);

/* Frees what it has of the providers; for the end of a worker. */
void oauthcc_worker_stop(ngx_array_t *providers);


#endif /* _OAUTHCC_WORKER_H_INCLUDED_ */
