
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_STATUS_HTML_FORM_H_INCLUDED_
#define _OAUTHCC_STATUS_HTML_FORM_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_writer.h"
#include "status/oauthcc_snapshot_types.h"


/*
 * The buttons of a provider, or of one of its entries; nothing where the page
 * has none.
 */
void oauthcc_status_html_form(oauthcc_writer_t *w, oauthcc_snapshot_t *report,
    oauthcc_snapshot_provider_t *provider, oauthcc_snapshot_entry_t *entry);


#endif /* _OAUTHCC_STATUS_HTML_FORM_H_INCLUDED_ */
