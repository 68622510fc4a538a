
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_STATUS_QUERY_H_INCLUDED_
#define _OAUTHCC_STATUS_QUERY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_writer.h"
#include "status/oauthcc_snapshot_types.h"


/* What the arguments of the status page say. */


/* the state "error": failing or backing off */
#define OAUTHCC_STATUS_QUERY_ERROR  "error"


struct oauthcc_status_query_s {
    oauthcc_snapshot_filter_t  filter;
    char                      *state;    /* NULL: all */
    ngx_uint_t                 paused;   /* the page is not reloaded */
    ngx_uint_t                 limited;  /* a limit was given */
    ngx_uint_t                 format;   /* so was the format */
};


/*
 * Reads the arguments of a request.  NGX_DECLINED: a value is not valid.
 * NGX_ERROR: no memory.
 */
ngx_int_t oauthcc_status_query_read(ngx_http_request_t *r,
    oauthcc_status_query_t *query);

/* Whether not all entries are to be shown. */
ngx_uint_t oauthcc_status_query_filters(oauthcc_status_query_t *query);

/* Writes a reference to the page with this query, for an attribute. */
void oauthcc_status_query_link(oauthcc_writer_t *w,
    oauthcc_status_query_t *query);


#endif /* _OAUTHCC_STATUS_QUERY_H_INCLUDED_ */
