
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _NGX_HTTP_OAUTHCC_STATUS_STYLE_H_INCLUDED_
#define _NGX_HTTP_OAUTHCC_STATUS_STYLE_H_INCLUDED_


/*
 * The style sheet of the status page.  Each color of text has a contrast of
 * 4.5 to 1 or more on what it stands on, in the light and in the dark.
 */

extern char  ngx_http_oauthcc_status_style[];


#endif /* _NGX_HTTP_OAUTHCC_STATUS_STYLE_H_INCLUDED_ */
