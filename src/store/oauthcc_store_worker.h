
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_STORE_WORKER_H_INCLUDED_
#define _OAUTHCC_STORE_WORKER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "store/oauthcc_store.h"
#include "store/oauthcc_store_connection.h"
#include "store/oauthcc_store_script.h"


/* what a worker has of a store */

struct oauthcc_store_worker_s {
    oauthcc_store_connection_t  commands;
    oauthcc_store_connection_t  messages;  /* of worker 0 only */
    ngx_queue_t                 asks;      /* for the first connection */
    ngx_queue_t                 watches;
    ngx_uint_t                  backs;
};


/* Whether a command may be sent now. */
ngx_uint_t oauthcc_store_worker_up(oauthcc_store_t *store);

/*
 * Runs a script of the names of a key.  NULL: it cannot be sent, and
 * the handler is not called.
 */
oauthcc_store_command_t *oauthcc_store_worker_run(oauthcc_store_t *store,
    oauthcc_store_script_e script, oauthcc_store_key_t *key, ngx_str_t *args,
    ngx_uint_t nargs, oauthcc_store_command_pt handler, void *data);

/* A handler that does nothing. */
void oauthcc_store_worker_ignore(void *data, oauthcc_store_reply_t *reply);

/* The name of a gateway, 16 hexadecimal digits, written to p. */
u_char *oauthcc_store_worker_gateway(u_char *p, oauthcc_store_t *store);

/* Microseconds of a monotonic clock, to measure with. */
uint64_t oauthcc_store_worker_usec(void);


#endif /* _OAUTHCC_STORE_WORKER_H_INCLUDED_ */
