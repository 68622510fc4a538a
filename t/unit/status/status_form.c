
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "status/oauthcc_status_form.h"
#include "oauthcc_unit.h"


/* A body in a file may be longer than a size_t of 32 bits can say. */

ngx_int_t
oauthcc_unit_status_form(oauthcc_unit_t *unit)
{
    ngx_str_t                form;
    ngx_buf_t                buf;
    ngx_uint_t               i;
    ngx_chain_t              cl;
    ngx_http_request_t       r;
    ngx_http_request_body_t  body;

    static off_t  sizes[] = {
        OAUTHCC_STATUS_FORM_MAX + 1,
        (off_t) 1 << 31,
        (off_t) 1 << 32,
        ((off_t) 1 << 32) + 10,
        NGX_MAX_OFF_T_VALUE
    };

    ngx_memzero(&buf, sizeof(ngx_buf_t));
    ngx_memzero(&r, sizeof(ngx_http_request_t));
    ngx_memzero(&body, sizeof(ngx_http_request_body_t));

    buf.in_file = 1;

    cl.buf = &buf;
    cl.next = NULL;

    body.bufs = &cl;

    r.pool = unit->pool;
    r.request_body = &body;

    for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        buf.file_last = sizes[i];

        oauthcc_unit_ok(unit,
                        oauthcc_status_form_read(&r, &form)
                        == NGX_HTTP_REQUEST_ENTITY_TOO_LARGE,
                        "a body of %O bytes is too large", sizes[i]);
    }

    return NGX_OK;
}
