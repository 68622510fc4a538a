
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _NGX_HTTP_OAUTHCC_FETCH_H_INCLUDED_
#define _NGX_HTTP_OAUTHCC_FETCH_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_types.h"
#include "http/oauthcc_response.h"


typedef struct ngx_http_oauthcc_fetch_s  ngx_http_oauthcc_fetch_t;


/*
 * Called exactly once for a fetch that was started.  It runs while the fetch
 * is being taken down: it may not start a fetch nor run a client's request,
 * only post events.
 */
typedef void (*ngx_http_oauthcc_fetch_done_pt)(ngx_http_oauthcc_fetch_t *fetch,
    ngx_http_oauthcc_response_t *response);


/*
 * One login over the wire: a request of no client, in memory from end to end,
 * through the hidden server of a provider.  Lives in its own pool until done
 * has returned.
 */

struct ngx_http_oauthcc_fetch_s {
    ngx_pool_t                         *pool;
    ngx_log_t                          *log;
    void                               *data;         /* the caller's */
    ngx_http_oauthcc_request_t          request;
};


/*
 * Makes a fetch at the server with this configuration; name is the
 * provider's, for the log.  NULL if memory runs out.
 */
ngx_http_oauthcc_fetch_t *ngx_http_oauthcc_fetch_create(
    ngx_http_conf_ctx_t *ctx, ngx_str_t *name);

/*
 * Sends fetch->request.  The whole must end within timeout milliseconds.
 * NGX_ERROR: it was not started (the log says why), done will not be called
 * and the fetch is gone.
 */
ngx_int_t ngx_http_oauthcc_fetch_start(ngx_http_oauthcc_fetch_t *fetch,
    ngx_msec_t timeout, ngx_http_oauthcc_fetch_done_pt done);

/* Gives up a fetch that was not started. */
void ngx_http_oauthcc_fetch_destroy(ngx_http_oauthcc_fetch_t *fetch);

/* what the directives of a hidden server read of the request, as variables */

typedef enum {
    NGX_HTTP_OAUTHCC_FETCH_URL = 0,
    NGX_HTTP_OAUTHCC_FETCH_METHOD,
    NGX_HTTP_OAUTHCC_FETCH_AUTHORITY,
    NGX_HTTP_OAUTHCC_FETCH_HOST,
    NGX_HTTP_OAUTHCC_FETCH_LENGTH        /* of the body; GET has none */
} ngx_http_oauthcc_fetch_variable_e;


/* One of them: data says which; absent in any other request. */
ngx_int_t ngx_http_oauthcc_fetch_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);

/*
 * Ends a login that was started, as if the worker ended: done() is called
 * with a response that is aborted.
 */
void ngx_http_oauthcc_fetch_cancel(ngx_http_oauthcc_fetch_t *fetch);

/* A cleanup handler: wipes the secrets of a request, data. */
void ngx_http_oauthcc_request_wipe(void *data);


#endif /* _NGX_HTTP_OAUTHCC_FETCH_H_INCLUDED_ */
