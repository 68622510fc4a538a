
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_STATUS_HTML_ENTRIES_H_INCLUDED_
#define _OAUTHCC_STATUS_HTML_ENTRIES_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "status/oauthcc_snapshot.h"
#include "core/oauthcc_writer.h"


/* The table in HTML of the entries of a provider that are listed. */

void oauthcc_status_html_entries(oauthcc_writer_t *w,
    oauthcc_snapshot_t *report, oauthcc_snapshot_provider_t *provider);

/* A bar that is filled up to n of all, with a mark; 0: without one. */

void oauthcc_status_html_entries_bar(oauthcc_writer_t *w, uint64_t n,
    uint64_t all, uint64_t mark);


#endif /* _OAUTHCC_STATUS_HTML_ENTRIES_H_INCLUDED_ */
