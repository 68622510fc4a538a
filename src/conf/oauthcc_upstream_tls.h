
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_UPSTREAM_TLS_H_INCLUDED_
#define _OAUTHCC_UPSTREAM_TLS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_context.h"


/*
 * Where a token would go to another machine in clear text, or over TLS to a
 * server whose certificate is not verified: oauthcc_insecure_upstream.
 */

typedef enum {
    OAUTHCC_UPSTREAM_TLS_WARN = 0,
    OAUTHCC_UPSTREAM_TLS_ALLOW,
    OAUTHCC_UPSTREAM_TLS_DENY
} oauthcc_upstream_tls_e;


/* The oauthcc_insecure_upstream directive. */
char *oauthcc_upstream_tls_directive(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/*
 * Records what proxy_pass and its like are told, while http{} is read, until
 * end() is called.
 */
ngx_int_t oauthcc_upstream_tls_record(ngx_conf_t *cf);
void oauthcc_upstream_tls_end(void *data);

/*
 * The location of cf->ctx, whose handler has this gate.  NGX_ERROR: it is not
 * to be.
 */
ngx_int_t oauthcc_upstream_tls_check(ngx_conf_t *cf,
    ngx_http_oauthcc_loc_conf_t *olcf, ngx_uint_t gate);


#endif /* _OAUTHCC_UPSTREAM_TLS_H_INCLUDED_ */
