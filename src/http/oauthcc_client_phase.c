
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "http/oauthcc_client_phase.h"


typedef struct {
    char  *failure;
    char  *where;    /* what leads to the address */
} oauthcc_client_phase_text_t;


static void oauthcc_client_phase_where(oauthcc_client_phase_t *phase,
    ngx_pool_t *pool, char *text, ngx_str_t *host, ngx_str_t *where);


/* by phase */

static oauthcc_client_phase_text_t  oauthcc_client_phase_texts[] = {
    { "timed out", NULL },
    { "timed out while resolving", " " },
    { "timed out while connecting", " to " },
    { "timed out in the TLS handshake", " with " },
    { "timed out while sending the request", " to " },
    { "timed out while waiting for the response", " of " },
    { "timed out while reading the response", " of " }
};


void
oauthcc_client_phase_note(oauthcc_client_phase_t *phase, ngx_http_request_t *r)
{
    ngx_connection_t     *c;
    ngx_http_upstream_t  *u;

    u = r->upstream;
    c = u->peer.connection;

    if (u->state == NULL) {

        /* nginx has given up the question already */

        phase->phase = (u->resolved && u->resolved->sockaddr == NULL
                        && u->resolved->naddrs == 0)
                       ? OAUTHCC_CLIENT_PHASE_RESOLVE
                       : OAUTHCC_CLIENT_PHASE_NONE;
        return;
    }

    if (u->state->connect_time == (ngx_msec_t) -1
        || (!u->request_sent && !(c && c->ssl)))
    {
        phase->phase = (c && c->ssl) ? OAUTHCC_CLIENT_PHASE_HANDSHAKE
                                     : OAUTHCC_CLIENT_PHASE_CONNECT;

    } else if (!u->request_body_sent) {
        phase->phase = OAUTHCC_CLIENT_PHASE_SEND;

    } else {
        phase->phase = u->headers_in.status_n ? OAUTHCC_CLIENT_PHASE_READ
                                              : OAUTHCC_CLIENT_PHASE_WAIT;
    }

    if (u->state->peer) {
        phase->peer = *u->state->peer;
    }

    phase->timed_out = c && (c->read->timedout || c->write->timedout);
}


void
oauthcc_client_phase_explain(oauthcc_client_phase_t *phase, ngx_pool_t *pool,
    ngx_str_t *host, ngx_http_conf_ctx_t *conf_ctx,
    oauthcc_response_t *response)
{
    ngx_http_core_loc_conf_t     *clcf;
    oauthcc_client_phase_text_t  *text;

    if (response->failure == NULL || response->aborted) {
        return;
    }

    response->refused = !response->timed_out
                        && phase->phase == OAUTHCC_CLIENT_PHASE_CONNECT;
    response->handshake = (phase->phase == OAUTHCC_CLIENT_PHASE_HANDSHAKE);
    response->unreached = response->refused
                          || phase->phase == OAUTHCC_CLIENT_PHASE_RESOLVE;

    if (phase->phase == OAUTHCC_CLIENT_PHASE_RESOLVE && !response->timed_out) {

        /* what the resolver has said is not kept */

        clcf = conf_ctx->loc_conf[ngx_http_core_module.ctx_index];

        if (clcf->resolver_timeout == 0
            || ngx_current_msec - phase->start < clcf->resolver_timeout)
        {
            response->failure = "name could not be resolved";
            oauthcc_client_phase_where(phase, pool, ": ", host,
                                       &response->where);
            return;
        }

        response->timed_out = 1;
        response->unresolved = 1;
    }

    /* a body that does not come is an incomplete response to nginx */

    if (phase->phase == OAUTHCC_CLIENT_PHASE_READ && phase->timed_out) {
        response->timed_out = 1;
    }

    if (!response->timed_out) {
        return;
    }

    text = &oauthcc_client_phase_texts[phase->phase];

    response->failure = text->failure;

    if (text->where) {
        oauthcc_client_phase_where(phase, pool, text->where, host,
                                   &response->where);
    }
}


/* Without memory the message is a shorter one. */

static void
oauthcc_client_phase_where(oauthcc_client_phase_t *phase, ngx_pool_t *pool,
    char *text, ngx_str_t *host, ngx_str_t *where)
{
    size_t      len;
    u_char     *p;
    ngx_str_t  *peer;

    peer = &phase->peer;

    len = ngx_strlen(text) + peer->len + host->len + sizeof(" ()") - 1;

    p = ngx_pnalloc(pool, len);
    if (p == NULL) {
        return;
    }

    where->data = p;

    if (peer->len == 0) {
        p = ngx_sprintf(p, "%s%V", text, host);

    } else if (host->len
               && peer->len >= host->len
               && ngx_strncmp(peer->data, host->data, host->len) == 0)
    {
        p = ngx_sprintf(p, "%s%V", text, peer);

    } else {
        p = ngx_sprintf(p, "%s%V (%V)", text, peer, host);
    }

    where->len = p - where->data;
}
