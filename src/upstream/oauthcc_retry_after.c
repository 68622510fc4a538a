
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_retry_after.h"
#include "core/oauthcc_text.h"


static ngx_uint_t oauthcc_retry_after_stays(ngx_http_request_t *r,
    ngx_uint_t status);
static ngx_int_t oauthcc_retry_after_header_filter(ngx_http_request_t *r);
static ngx_uint_t oauthcc_retry_after_ours(ngx_table_elt_t *h);


static ngx_http_output_header_filter_pt  ngx_http_next_header_filter;


/* headers of ours are recognized by the address of this name */

static u_char  oauthcc_retry_after_name[] = "Retry-After";


ngx_int_t
oauthcc_retry_after_add(ngx_http_request_t *r, ngx_uint_t status,
    ngx_msec_t after)
{
    u_char           *p;
    ngx_table_elt_t  *h;

    if (!oauthcc_retry_after_stays(r, status)) {
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, NGX_INT_T_LEN);
    if (p == NULL) {
        return NGX_ERROR;
    }

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(h, sizeof(ngx_table_elt_t));

    /* nginx sends a header with any hash but 0; the filter reads the status */

    h->hash = status;
    h->key.data = oauthcc_retry_after_name;
    h->key.len = sizeof(oauthcc_retry_after_name) - 1;
    h->value.data = p;
    h->value.len = ngx_sprintf(p, "%M", (after + 999) / 1000) - p;

    return NGX_OK;
}


/*
 * Whether ngx_http_special_response_handler() will keep the status: error_page
 * may replace it with the one behind "=", which may be the same.
 */

static ngx_uint_t
oauthcc_retry_after_stays(ngx_http_request_t *r, ngx_uint_t status)
{
    ngx_uint_t                 i;
    ngx_http_err_page_t       *page;
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    if (r->error_page || clcf->error_pages == NULL || r->uri_changes == 0) {
        return 1;
    }

    page = clcf->error_pages->elts;

    for (i = 0; i < clcf->error_pages->nelts; i++) {

        if ((ngx_uint_t) page[i].status == status) {
            return page[i].overwrite == -1
                   || (ngx_uint_t) page[i].overwrite == status;
        }
    }

    return 1;
}


void
oauthcc_retry_after_init(void)
{
    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = oauthcc_retry_after_header_filter;
}


static ngx_int_t
oauthcc_retry_after_header_filter(ngx_http_request_t *r)
{
    /* most responses come neither from an error nor from a redirect */

    if (r->err_status || r->internal) {
        oauthcc_retry_after_settle(r);
    }

    return ngx_http_next_header_filter(r);
}


void
oauthcc_retry_after_settle(ngx_http_request_t *r)
{
    ngx_uint_t        i, theirs;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *header, *ours;

    ours = NULL;
    theirs = 0;

    part = &r->headers_out.headers.part;
    header = part->elts;

    for (i = 0; /* void */ ; i++) {

        if (i >= part->nelts) {

            if (part->next == NULL) {
                break;
            }

            part = part->next;
            header = part->elts;
            i = 0;
        }

        if (header[i].hash == 0) {
            continue;
        }

        if (oauthcc_retry_after_ours(&header[i])) {

            /* the error page was refused as well: keep the newest header */

            if (ours) {
                ours->hash = 0;
            }

            ours = &header[i];

        } else if (oauthcc_text_iis(&header[i].key,
                                    (char *) oauthcc_retry_after_name))
        {
            theirs = 1;
        }
    }

    if (ours && (theirs || r->err_status != ours->hash)) {
        ours->hash = 0;
    }
}


/* Another module may have changed the value and the hash. */

static ngx_uint_t
oauthcc_retry_after_ours(ngx_table_elt_t *h)
{
    return h->key.data == oauthcc_retry_after_name
           && h->hash >= NGX_HTTP_BAD_REQUEST
           && h->hash <= NGX_HTTP_INSUFFICIENT_STORAGE;
}
