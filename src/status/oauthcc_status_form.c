
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "status/oauthcc_status_form.h"


/* Reads the body: from one buffer, from two, or from a file. */

ngx_int_t
oauthcc_status_form_read(ngx_http_request_t *r, ngx_str_t *form)
{
    u_char       *p;
    off_t         size;
    size_t        n;
    ssize_t       read;
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    p = ngx_pnalloc(r->pool, OAUTHCC_STATUS_FORM_MAX);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    form->data = p;
    form->len = 0;

    if (r->request_body == NULL) {
        return NGX_OK;
    }

    for (cl = r->request_body->bufs; cl; cl = cl->next) {
        b = cl->buf;
        size = ngx_buf_size(b);

        if (size > (off_t) (OAUTHCC_STATUS_FORM_MAX - form->len)) {
            return NGX_HTTP_REQUEST_ENTITY_TOO_LARGE;
        }

        n = (size_t) size;

        if (b->in_file) {
            read = ngx_read_file(b->file, p, n, b->file_pos);

            if (read != (ssize_t) n) {
                return NGX_HTTP_INTERNAL_SERVER_ERROR;
            }

        } else if (n) {
            ngx_memcpy(p, b->pos, n);
        }

        p += n;
        form->len += n;
    }

    return NGX_OK;
}


/*
 * A form is encoded as arguments are, and nginx parses those; find all of them
 * before the first one is changed.
 */

void
oauthcc_status_form_decode(ngx_http_request_t *r, ngx_str_t *form,
    oauthcc_status_form_field_t *fields)
{
    u_char                       *p, *dst, *src;
    ngx_str_t                     args;
    oauthcc_status_form_field_t  *field;

    args = r->args;
    r->args = *form;

    for (field = fields; field->value; field++) {

        if (ngx_http_arg(r, field->name.data, field->name.len, field->value)
            != NGX_OK)
        {
            ngx_str_null(field->value);
        }
    }

    r->args = args;

    for (field = fields; field->value; field++) {

        if (field->value->len == 0) {
            continue;
        }

        dst = field->value->data;
        src = dst;

        for (p = src; p < src + field->value->len; p++) {
            if (*p == '+') {
                *p = ' ';
            }
        }

        ngx_unescape_uri(&dst, &src, field->value->len, 0);

        field->value->len = dst - field->value->data;
    }
}
