
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_TOKEN_LIFETIME_H_INCLUDED_
#define _OAUTHCC_TOKEN_LIFETIME_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <jansson.h>


/* a longer life is taken as this one: 24 days fit into 32 bits of ms */
#define OAUTHCC_TOKEN_LIFETIME_MAX  (24 * 24 * 3600 * (ngx_msec_t) 1000)


/*
 * How long a token is good, in milliseconds; 0: the server says that it has
 * ended.  date is the Date of the response in seconds since the epoch, 0 if it
 * has none.  NGX_ERROR: no memory.
 */

/*
 * By an "expires_in" (RFC 6749 section 5.1): seconds, or what some servers
 * have there, the point of time.  NGX_DECLINED: it says neither.
 */
ngx_int_t oauthcc_token_lifetime_expires(json_t *value, time_t date,
    ngx_msec_t *life);

/*
 * By the token itself, if that is a JWT (RFC 7519 section 4.1.4): until
 * "exp", from Date or "iat" or, without both, now on.  NGX_DECLINED: it is
 * none, or does not say it.
 */
ngx_int_t oauthcc_token_lifetime_jwt(ngx_pool_t *pool, ngx_str_t *token,
    time_t date, ngx_msec_t *life);

/* Of so many seconds. */
ngx_msec_t oauthcc_token_lifetime_seconds(double seconds);

/*
 * Whether a number is a time stamp, of seconds or milliseconds, and then the
 * seconds that are left until there.
 */
ngx_uint_t oauthcc_token_lifetime_stamp(double number, time_t date,
    double *left);


#endif /* _OAUTHCC_TOKEN_LIFETIME_H_INCLUDED_ */
