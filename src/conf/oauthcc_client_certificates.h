
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_CLIENT_CERTIFICATES_H_INCLUDED_
#define _OAUTHCC_CLIENT_CERTIFICATES_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_main_conf.h"


/* Remembers the location that is being merged; nothing of it is final yet. */
ngx_int_t oauthcc_client_certificates_note(ngx_conf_t *cf);

/*
 * When all is merged: warns of locations that reach one upstream with
 * different client certificates, or one without any, where one of them has
 * oauthcc and nginx may use for the one what it keeps of a connection that it
 * has made for the other: its TLS session, or the connection itself.
 */
ngx_int_t oauthcc_client_certificates_check(ngx_conf_t *cf,
    ngx_http_oauthcc_main_conf_t *omcf);


#endif /* _OAUTHCC_CLIENT_CERTIFICATES_H_INCLUDED_ */
