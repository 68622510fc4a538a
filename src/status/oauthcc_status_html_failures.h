
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_STATUS_HTML_FAILURES_H_INCLUDED_
#define _OAUTHCC_STATUS_HTML_FAILURES_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_writer.h"
#include "status/oauthcc_snapshot_types.h"


/* The failed logins of late as a section of the page; nothing without any. */
void oauthcc_status_html_failures(oauthcc_writer_t *w,
    oauthcc_snapshot_t *report);


#endif /* _OAUTHCC_STATUS_HTML_FAILURES_H_INCLUDED_ */
