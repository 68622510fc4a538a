
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "http/oauthcc_tunnel_response.h"
#include "core/oauthcc_text.h"


/* of the header */
#define OAUTHCC_TUNNEL_RESPONSE_SIZE  8192

/* of a text that is shown */
#define OAUTHCC_TUNNEL_RESPONSE_TEXT  120


static void oauthcc_tunnel_response_header(
    oauthcc_tunnel_response_t *response);
static void oauthcc_tunnel_response_text(ngx_str_t *text, u_char *start,
    u_char *end);


ngx_int_t
oauthcc_tunnel_response_init(ngx_pool_t *pool,
    oauthcc_tunnel_response_t *response)
{
    u_char  *p;

    ngx_memzero(response, sizeof(oauthcc_tunnel_response_t));

    response->state = ngx_pcalloc(pool, sizeof(ngx_http_request_t));
    p = ngx_palloc(pool, OAUTHCC_TUNNEL_RESPONSE_SIZE);

    if (response->state == NULL || p == NULL) {
        return NGX_ERROR;
    }

    response->in.start = p;
    response->in.pos = p;
    response->in.last = p;
    response->in.end = p + OAUTHCC_TUNNEL_RESPONSE_SIZE;

    return NGX_OK;
}


ngx_int_t
oauthcc_tunnel_response_read(oauthcc_tunnel_response_t *response,
    char **reason)
{
    ngx_int_t   rc;
    ngx_buf_t  *in;

    in = &response->in;

    for ( ;; ) {

        if (response->headers) {
            rc = ngx_http_parse_header_line(response->state, in, 1);

        } else {
            rc = ngx_http_parse_status_line(response->state, in,
                                            &response->status);
        }

        if (rc == NGX_AGAIN) {

            if (in->last == in->end) {
                *reason = "a header that is too large";
                return NGX_DECLINED;
            }

            return NGX_AGAIN;
        }

        if (rc == NGX_OK) {

            if (response->headers) {
                oauthcc_tunnel_response_header(response);

            } else {
                response->headers = 1;
                response->code = response->status.code;

                oauthcc_tunnel_response_text(&response->line,
                                             response->status.start,
                                             response->status.end);
            }

            continue;
        }

        if (rc != NGX_HTTP_PARSE_HEADER_DONE) {
            *reason = "an invalid HTTP response";
            return NGX_DECLINED;
        }

        if (response->code / 100 != 1) {
            return NGX_OK;
        }

        /* RFC 9110 section 15.2: another one follows */

        response->headers = 0;
        response->code = 0;
        ngx_str_null(&response->line);
        ngx_str_null(&response->challenge);
        ngx_memzero(&response->status, sizeof(ngx_http_status_t));
    }
}


/* One line: the first of those that say how to authenticate is kept. */

static void
oauthcc_tunnel_response_header(oauthcc_tunnel_response_t *response)
{
    ngx_str_t            name;
    ngx_http_request_t  *r;

    r = response->state;

    name.data = r->header_name_start;
    name.len = r->header_name_end - r->header_name_start;

    if (response->challenge.len == 0
        && oauthcc_text_iis(&name, "Proxy-Authenticate"))
    {
        oauthcc_tunnel_response_text(&response->challenge, r->header_start,
                                     r->header_end);
    }
}


/* For the log: in place, what cannot be printed is replaced. */

static void
oauthcc_tunnel_response_text(ngx_str_t *text, u_char *start, u_char *end)
{
    u_char  *p;

    text->data = start;
    text->len = ngx_min(end - start, OAUTHCC_TUNNEL_RESPONSE_TEXT);

    for (p = start; p < start + text->len; p++) {
        if (*p < ' ' || *p > '~') {
            *p = '?';
        }
    }
}
