
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_STORE_LEASE_H_INCLUDED_
#define _OAUTHCC_STORE_LEASE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "store/oauthcc_store_worker.h"


/* The name of the owner of a lease of this gateway; returns its length. */
size_t oauthcc_store_lease_owner(oauthcc_store_t *store, uint64_t number,
    u_char *owner);

/*
 * Begins a lease that was given: key and owner are set; "now" and "epoch" are
 * of the reply, which has just come.
 */
void oauthcc_store_lease_begin(oauthcc_store_lease_t *lease,
    oauthcc_store_t *store, int64_t now, uint32_t *epoch, ngx_uint_t count);

/* Ends it here, after the store was told. */
void oauthcc_store_lease_end(oauthcc_store_lease_t *lease);

/*
 * Gives back what nobody is there for any more: command is that of the ask,
 * whose handler is replaced.
 */
void oauthcc_store_lease_orphan(oauthcc_store_t *store,
    oauthcc_store_key_t *key, uint64_t number,
    oauthcc_store_command_t *command);


#endif /* _OAUTHCC_STORE_LEASE_H_INCLUDED_ */
