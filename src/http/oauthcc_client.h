
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_CLIENT_H_INCLUDED_
#define _OAUTHCC_CLIENT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "http/oauthcc_http_request.h"
#include "http/oauthcc_response.h"
#include "http/oauthcc_tunnel.h"


typedef struct oauthcc_client_s  oauthcc_client_t;


/*
 * Called exactly once for a fetch that was started.  It runs while the fetch
 * is being taken down: it may not start a fetch nor run a client's request,
 * only post events.
 */
typedef void (*oauthcc_client_done_pt)(oauthcc_client_t *fetch,
    oauthcc_response_t *response);


/*
 * One login over the wire: a request of no client, in memory from end to end,
 * through the hidden server of a provider.  Lives in its own pool until done
 * has returned.
 */

struct oauthcc_client_s {
    ngx_pool_t             *pool;
    ngx_log_t              *log;
    void                   *data;  /* the caller's */
    oauthcc_http_request_t  request;
    oauthcc_tunnel_t       *tunnel;  /* that it goes through, or NULL */
};


/*
 * Makes a fetch at the server with this configuration; name is the
 * provider's, for the log.  NULL if memory runs out.
 */
oauthcc_client_t *oauthcc_client_create(ngx_http_conf_ctx_t *ctx,
    ngx_str_t *name);

/*
 * Sends fetch->request.  The whole must end within timeout milliseconds.
 * NGX_ERROR: it was not started (the log says why), done will not be called
 * and the fetch is gone.
 */
ngx_int_t oauthcc_client_start(oauthcc_client_t *fetch, ngx_msec_t timeout,
    oauthcc_client_done_pt done);

/* Gives up a fetch that was not started. */
void oauthcc_client_destroy(oauthcc_client_t *fetch);

/* The login that r is sent for; NULL: r is none of a login. */
oauthcc_client_t *oauthcc_client_of(ngx_http_request_t *r);

/*
 * Ends a login that was started, as if the worker ended: done() is called
 * with a response that is aborted.
 */
void oauthcc_client_cancel(oauthcc_client_t *fetch);


#endif /* _OAUTHCC_CLIENT_H_INCLUDED_ */
