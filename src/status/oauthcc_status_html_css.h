
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_STATUS_HTML_CSS_H_INCLUDED_
#define _OAUTHCC_STATUS_HTML_CSS_H_INCLUDED_


/*
 * The style sheet of the status page.  Each color of text has a contrast of
 * 4.5 to 1 or more on what it stands on, in the light and in the dark.
 */

extern char  oauthcc_status_html_css[];


#endif /* _OAUTHCC_STATUS_HTML_CSS_H_INCLUDED_ */
