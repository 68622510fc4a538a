
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_REDACT_REQUEST_H_INCLUDED_
#define _OAUTHCC_REDACT_REQUEST_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_provider_conf.h"
#include "http/oauthcc_http_request.h"


/*
 * Whether a text that the server of this login request has written repeats a
 * secret, as it was sent or decoded: a value of the request, unless its name
 * says that it is not secret, or a secret of its provider, of which the
 * request may contain a hash only.
 */
ngx_uint_t oauthcc_redact_request_repeats(oauthcc_provider_t *provider,
    oauthcc_http_request_t *request, ngx_str_t *text);

/*
 * A writer of a log whose wdata is the login request: where nginx quotes the
 * response, it masks whatever repeats a value of the request, in place.  It
 * writes nothing itself: the logs behind it write the same bytes.
 */
void oauthcc_redact_request_write(ngx_log_t *log, ngx_uint_t level,
    u_char *buf, size_t len);


#endif /* _OAUTHCC_REDACT_REQUEST_H_INCLUDED_ */
