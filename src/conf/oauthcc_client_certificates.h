
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_CLIENT_CERTIFICATES_H_INCLUDED_
#define _OAUTHCC_CLIENT_CERTIFICATES_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_main_conf.h"


/*
 * Records the location that is being merged; its configuration is not final.
 */
ngx_int_t oauthcc_client_certificates_note(ngx_conf_t *cf);

/*
 * After the merge: warns of locations that connect to the same upstream with
 * different client certificates, or one without, where one of them has oauthcc
 * and nginx may reuse the TLS session or the connection of one for the other.
 */
ngx_int_t oauthcc_client_certificates_check(ngx_conf_t *cf,
    ngx_http_oauthcc_main_conf_t *omcf);


#endif /* _OAUTHCC_CLIENT_CERTIFICATES_H_INCLUDED_ */
