
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_LOGIN_BASIC_H_INCLUDED_
#define _OAUTHCC_LOGIN_BASIC_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_basic_form.h"
#include "core/oauthcc_provider_conf.h"


/*
 * "basic_encoding auto": RFC 6749 first, and then raw, which most servers
 * want.  A login that finds out sends both, one after the other.
 */

typedef struct {
    oauthcc_basic_form_e  form;    /* as it was known when it was sent */
    uint64_t              content; /* of the files that it was sent with */
    ngx_uint_t            second;  /* the first was refused */
} oauthcc_login_basic_t;


/*
 * Whether the next login of this provider has to find out: others wait then,
 * so that one refused login is enough.
 */
ngx_uint_t oauthcc_login_basic_pending(oauthcc_provider_t *provider);

/* Whether the request that is built now has the raw form. */
ngx_uint_t oauthcc_login_basic_raw(oauthcc_provider_t *provider,
    oauthcc_login_basic_t *basic);

/* It has given a token. */
void oauthcc_login_basic_taken(oauthcc_provider_t *provider,
    oauthcc_login_basic_t *basic, ngx_log_t *log);

/*
 * It was refused; 1: the login is to be sent once more, in the other form, if
 * it may.
 */
ngx_uint_t oauthcc_login_basic_refused(oauthcc_provider_t *provider,
    oauthcc_login_basic_t *basic, ngx_uint_t status, ngx_str_t *error,
    ngx_log_t *log);


#endif /* _OAUTHCC_LOGIN_BASIC_H_INCLUDED_ */
