
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "http/oauthcc_response.h"
#include "core/oauthcc_text.h"


static ngx_uint_t oauthcc_response_reached(ngx_http_request_t *sr,
    ngx_uint_t *begun);
static ngx_uint_t oauthcc_response_sized(ngx_http_upstream_t *u);
static ngx_uint_t oauthcc_response_compressed(oauthcc_response_t *response);


/* content codings that are no plain text, RFC 9110 section 8.4.1 and later */

static char  *oauthcc_response_codings[] = {
    "gzip", "deflate", "compress", "br", "zstd", "dcb", "dcz", NULL
};


void
oauthcc_response_read(ngx_http_request_t *sr, ngx_int_t rc,
    oauthcc_response_t *response)
{
    time_t                date;
    ngx_buf_t            *b;
    ngx_msec_t            timeout;
    ngx_table_elt_t      *header;
    ngx_http_upstream_t  *u;

    ngx_memzero(response, sizeof(oauthcc_response_t));

    response->reached = oauthcc_response_reached(sr, &response->begun);

    u = sr->upstream;

    /* without memory the handler leaves one that has no configuration */

    if (u && u->conf) {
        timeout = u->conf->next_upstream_timeout;

        response->again = u->request_sent
                          && !(timeout
                               && ngx_current_msec - u->peer.start_time
                                  >= timeout);
        response->kept = u->peer.cached;
        response->tries = u->peer.tries;
    }

    if (u == NULL || u->headers_in.status_n == 0) {

        if (rc == NGX_HTTP_GATEWAY_TIME_OUT) {
            response->timed_out = 1;
            response->failure = "timed out";
            return;
        }

        response->failure = "no response";
        return;
    }

    response->status = u->headers_in.status_n;
    response->headers = &u->headers_in.headers;

    header = oauthcc_text_header(&u->headers_in.headers, "Date", 0);

    if (header) {
        date = ngx_parse_http_time(header->value.data, header->value.len);

        /* a year may have few digits, and then it is no date of today */

        response->date = ngx_max(date, 0);
    }

    header = oauthcc_text_header(&u->headers_in.headers, "Retry-After", 0);

    if (header) {
        response->retry_after = header->value;
    }

    if (!oauthcc_response_sized(u)) {
        response->failure = "invalid Content-Length";
        return;
    }

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
        response->reset = (u->pipe && u->pipe->upstream_error);
        response->failure = "incomplete response";
        return;
    }

    if (sr->out && sr->out->buf) {
        b = sr->out->buf;
        response->body.data = b->pos;
        response->body.len = b->last - b->pos;
    }

    if (oauthcc_response_compressed(response)) {
        response->failure = "the response is compressed";
    }
}


/*
 * Nobody has asked for that.  By its header, of which there may be more, if
 * the body is not JSON all the same, or by what gzip begins with.
 */

static ngx_uint_t
oauthcc_response_compressed(oauthcc_response_t *response)
{
    u_char            *p, *last;
    char             **coding;
    ngx_uint_t         n;
    ngx_table_elt_t   *header;

    if (response->body.len == 0) {
        return 0;
    }

    p = response->body.data;
    last = p + response->body.len;

    if (last - p > 1 && p[0] == 0x1f && p[1] == 0x8b) {
        return 1;
    }

    while (p < last && ngx_strchr(" \t\r\n\xef\xbb\xbf", *p)) {
        p++;
    }

    if (p == last || *p == '{' || *p == '[') {
        return 0;
    }

    for (n = 0; /* void */ ; n++) {

        header = oauthcc_text_header(response->headers, "Content-Encoding", n);

        if (header == NULL) {
            return 0;
        }

        for (coding = oauthcc_response_codings; *coding; coding++) {

            if (ngx_strlcasestrn(header->value.data,
                                 header->value.data + header->value.len,
                                 (u_char *) *coding, ngx_strlen(*coding) - 1))
            {
                return 1;
            }
        }
    }
}


static ngx_uint_t
oauthcc_response_reached(ngx_http_request_t *sr, ngx_uint_t *begun)
{
    ngx_uint_t                  i, n;
    ngx_http_upstream_state_t  *state;

    if (sr->upstream_states == NULL) {
        return 0;
    }

    n = 0;
    state = sr->upstream_states->elts;

    for (i = 0; i < sr->upstream_states->nelts; i++) {
        if (state[i].bytes_sent) {
            n++;
        }

        *begun = (state[i].bytes_received != 0);
    }

    return n;
}


/*
 * nginx before 1.23 takes a length that it cannot read for none: a response
 * that was cut would be a whole one.
 */

static ngx_uint_t
oauthcc_response_sized(ngx_http_upstream_t *u)
{
    ngx_table_elt_t  *header;

    header = oauthcc_text_header(&u->headers_in.headers, "Content-Length", 0);

    if (header == NULL) {
        return 1;
    }

    return ngx_atoof(header->value.data, header->value.len) != NGX_ERROR
           && oauthcc_text_header(&u->headers_in.headers, "Content-Length", 1)
              == NULL;
}
