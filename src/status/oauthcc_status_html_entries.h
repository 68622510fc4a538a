
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _NGX_HTTP_OAUTHCC_STATUS_TABLE_H_INCLUDED_
#define _NGX_HTTP_OAUTHCC_STATUS_TABLE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "status/oauthcc_snapshot.h"
#include "core/oauthcc_writer.h"


/* The table in HTML of the entries of a provider that are listed. */

void ngx_http_oauthcc_status_table(ngx_http_oauthcc_writer_t *w,
    ngx_http_oauthcc_report_provider_t *provider);

/* A bar that is filled up to n of all, with a mark; 0: without one. */

void ngx_http_oauthcc_status_table_bar(ngx_http_oauthcc_writer_t *w,
    uint64_t n, uint64_t all, uint64_t mark);


#endif /* _NGX_HTTP_OAUTHCC_STATUS_TABLE_H_INCLUDED_ */
