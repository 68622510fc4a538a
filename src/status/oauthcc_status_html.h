
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_STATUS_HTML_H_INCLUDED_
#define _OAUTHCC_STATUS_HTML_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_writer.h"
#include "status/oauthcc_snapshot.h"


/* what the page needs, and nothing else: it runs and loads nothing */
#define OAUTHCC_STATUS_HTML_POLICY                                            \
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "          \
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"


/*
 * The report as a page in HTML, in UTF-8, which needs nothing else and asks
 * for itself again every few seconds.
 */
void oauthcc_status_html(oauthcc_writer_t *w, oauthcc_snapshot_t *report);


#endif /* _OAUTHCC_STATUS_HTML_H_INCLUDED_ */
