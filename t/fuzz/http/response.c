
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/*
 * Responses of servers, "how it ended, digits, name, separator, value,
 * separator, ..., separator, body": what nginx has read of one is a whole
 * response or has a reason why not, and its headers say no time that is longer
 * than any may be.
 */


#include "oauthcc_fuzz.h"
#include "core/oauthcc_lifetime.h"
#include "http/oauthcc_response.h"


#define OAUTHCC_FUZZ_DATE     1700000000
#define OAUTHCC_FUZZ_LONGEST  (24 * 24 * 3600 * (ngx_msec_t) 1000)


char  *oauthcc_fuzz_providers = "";


static void oauthcc_fuzz_whole(oauthcc_response_t *response, ngx_str_t *body);
static void oauthcc_fuzz_times(oauthcc_response_t *response);


static ngx_str_t  oauthcc_fuzz_names[] = {
    ngx_string("Date"), ngx_string("Retry-After"),
    ngx_string("Content-Length"), ngx_string("Content-Encoding")
};


void
oauthcc_fuzz_run(oauthcc_fuzz_t *fuzz)
{
    ngx_int_t                   rc;
    ngx_str_t                   value, body;
    ngx_buf_t                   b;
    ngx_uint_t                  end, upstream, i;
    ngx_chain_t                 out;
    ngx_event_pipe_t            pipe;
    ngx_http_request_t         *sr;
    oauthcc_response_t          response;
    ngx_http_upstream_t         u;
    ngx_http_upstream_conf_t    conf;
    ngx_http_upstream_state_t  *state;

    ngx_memzero(&b, sizeof(ngx_buf_t));
    ngx_memzero(&u, sizeof(ngx_http_upstream_t));
    ngx_memzero(&conf, sizeof(ngx_http_upstream_conf_t));
    ngx_memzero(&pipe, sizeof(ngx_event_pipe_t));

    end = oauthcc_fuzz_pick(fuzz, 6);
    upstream = oauthcc_fuzz_pick(fuzz, 4);

    sr = oauthcc_fuzz_http_request(fuzz);
    rc = ngx_list_init(&u.headers_in.headers, fuzz->pool, 4,
                       sizeof(ngx_table_elt_t));
    oauthcc_fuzz_check(rc == NGX_OK);

    /* each as often as it has a value here */

    for (i = 0; i < 8; i++) {
        oauthcc_fuzz_record(fuzz, &value);

        if (value.len) {
            (void) oauthcc_fuzz_header(&u.headers_in.headers,
                                       &oauthcc_fuzz_names[i % 4], &value);
        }
    }

    oauthcc_fuzz_rest(fuzz, &body);

    b.pos = body.data;
    b.last = body.data + body.len;
    out.buf = &b;
    out.next = NULL;

    if (upstream) {
        sr->upstream = &u;
        sr->upstream_states = ngx_array_create(fuzz->pool, 1,
                                           sizeof(ngx_http_upstream_state_t));
        state = ngx_array_push(sr->upstream_states);
        ngx_memzero(state, sizeof(ngx_http_upstream_state_t));
        state->bytes_sent = 1;
        state->bytes_received = upstream - 1;

        u.headers_in.status_n = (upstream == 1) ? 0 : 200;
        u.conf = (upstream == 3) ? &conf : NULL;
        u.request_sent = 1;
        u.pipe = (end == 5) ? NULL : &pipe;
        sr->out = body.len ? &out : NULL;
    }

    pipe.length = (end == 1) ? 0 : (end == 2) ? -1 : 7;
    pipe.upstream_done = (end == 0);
    pipe.upstream_eof = (end == 2);
    pipe.upstream_error = (end == 3);
    sr->connection->error = (end == 4);

    oauthcc_response_read(sr, end == 3 ? NGX_HTTP_GATEWAY_TIME_OUT : NGX_OK,
                          &response);

    oauthcc_fuzz_check(response.failure == NULL || response.failure[0]);
    oauthcc_fuzz_check(response.reached == (upstream != 0));

    if (response.failure == NULL) {
        oauthcc_fuzz_check(upstream > 1 && end < 3);
        oauthcc_fuzz_whole(&response, &body);
    }

    oauthcc_fuzz_times(&response);

    ngx_free(body.data);
}


static void
oauthcc_fuzz_whole(oauthcc_response_t *response, ngx_str_t *body)
{
    oauthcc_fuzz_check(response->status == 200);
    oauthcc_fuzz_check(oauthcc_fuzz_equal(&response->body, body));
    oauthcc_fuzz_check(body->len < 2
                       || body->data[0] != 0x1f || body->data[1] != 0x8b);
}


static void
oauthcc_fuzz_times(oauthcc_response_t *response)
{
    ngx_msec_t  now, later;

    oauthcc_fuzz_check(response->date >= 0);

    if (response->retry_after.len == 0) {
        return;
    }

    now = oauthcc_lifetime_retry_after(&response->retry_after,
                                       OAUTHCC_FUZZ_DATE);
    later = oauthcc_lifetime_retry_after(&response->retry_after,
                                         OAUTHCC_FUZZ_DATE + 1);

    oauthcc_fuzz_check(now <= OAUTHCC_FUZZ_LONGEST);
    oauthcc_fuzz_check(later <= now);

    if (oauthcc_lifetime_beyond(&response->retry_after)) {
        oauthcc_fuzz_check(now == OAUTHCC_FUZZ_LONGEST);
    }
}
