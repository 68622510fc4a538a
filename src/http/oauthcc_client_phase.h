
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_CLIENT_PHASE_H_INCLUDED_
#define _OAUTHCC_CLIENT_PHASE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "http/oauthcc_response.h"


typedef enum {
    OAUTHCC_CLIENT_PHASE_NONE = 0,   /* it was never asked for an address */
    OAUTHCC_CLIENT_PHASE_RESOLVE,
    OAUTHCC_CLIENT_PHASE_CONNECT,
    OAUTHCC_CLIENT_PHASE_HANDSHAKE,
    OAUTHCC_CLIENT_PHASE_SEND,
    OAUTHCC_CLIENT_PHASE_WAIT,
    OAUTHCC_CLIENT_PHASE_READ
} oauthcc_client_phase_e;


/* how far a request to an upstream has come; belongs to the caller */

typedef struct {
    oauthcc_client_phase_e  phase;
    ngx_msec_t              start;      /* of the whole */
    ngx_str_t               peer;       /* the last one, as text */
    ngx_uint_t              timed_out;  /* nginx's own timers say so */
} oauthcc_client_phase_t;


/*
 * Notes how far it has come: for an upstream that is about to be finalized,
 * while its connection is still there.
 */
void oauthcc_client_phase_note(oauthcc_client_phase_t *phase,
    ngx_http_request_t *r);

/*
 * Says in a response that is none in which phase it has failed, and of what
 * address and host, in memory of the pool.
 */
void oauthcc_client_phase_explain(oauthcc_client_phase_t *phase,
    ngx_pool_t *pool, ngx_str_t *host, ngx_http_conf_ctx_t *conf_ctx,
    oauthcc_response_t *response);


#endif /* _OAUTHCC_CLIENT_PHASE_H_INCLUDED_ */
