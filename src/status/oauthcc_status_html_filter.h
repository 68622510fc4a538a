
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_STATUS_HTML_FILTER_H_INCLUDED_
#define _OAUTHCC_STATUS_HTML_FILTER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_writer.h"
#include "status/oauthcc_snapshot_types.h"


/*
 * What the page shows, and what else it may: states, providers, scopes, and
 * whether it is reloaded.
 */
void oauthcc_status_html_filter(oauthcc_writer_t *w,
    oauthcc_snapshot_t *report);


#endif /* _OAUTHCC_STATUS_HTML_FILTER_H_INCLUDED_ */
