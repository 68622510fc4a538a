
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "http/oauthcc_response.h"


static void oauthcc_response_retry_after(ngx_http_upstream_t *u,
    ngx_str_t *value);


void
oauthcc_response_read(ngx_http_request_t *sr, ngx_int_t rc,
    oauthcc_response_t *response)
{
    ngx_buf_t            *b;
    ngx_msec_t            timeout;
    ngx_http_upstream_t  *u;

    ngx_memzero(response, sizeof(oauthcc_response_t));

    u = sr->upstream;

    if (u == NULL || u->headers_in.status_n == 0) {

        if (u) {
            timeout = u->conf->next_upstream_timeout;

            response->lost = u->request_sent
                             && !(timeout
                                  && ngx_current_msec - u->peer.start_time
                                     >= timeout);
            response->kept = u->peer.cached;
            response->tries = u->peer.tries;
        }

        if (rc == NGX_HTTP_GATEWAY_TIME_OUT) {
            response->timed_out = 1;
            response->failure = "timed out";
            return;
        }

        response->failure = "no response";
        return;
    }

    response->status = u->headers_in.status_n;

    oauthcc_response_retry_after(u, &response->retry_after);

    if (sr->connection->error) {
        response->failure = "response is larger than \"max_response\"";
        return;
    }

    /*
     * A response that was cut, by whatever, is finalized like a whole one:
     * only the pipe knows.
     */

    if (u->pipe == NULL
        || !(u->pipe->upstream_done
             || u->pipe->length == 0
             || (u->pipe->upstream_eof && u->pipe->length == -1)))
    {
        response->failure = "incomplete response";
        return;
    }

    if (sr->out && sr->out->buf) {
        b = sr->out->buf;
        response->body.data = b->pos;
        response->body.len = b->last - b->pos;
    }
}


static void
oauthcc_response_retry_after(ngx_http_upstream_t *u, ngx_str_t *value)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *header;

    for (part = &u->headers_in.headers.part; part; part = part->next) {
        header = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (header[i].key.len == sizeof("Retry-After") - 1
                && ngx_strncasecmp(header[i].key.data,
                                   (u_char *) "Retry-After",
                                   sizeof("Retry-After") - 1)
                   == 0)
            {
                *value = header[i].value;
                return;
            }
        }
    }
}
