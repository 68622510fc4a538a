
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_STATUS_HTML_STYLE_H_INCLUDED_
#define _OAUTHCC_STATUS_HTML_STYLE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* The style sheet of the status page. */
extern char  oauthcc_status_html_style[];


#endif /* _OAUTHCC_STATUS_HTML_STYLE_H_INCLUDED_ */
