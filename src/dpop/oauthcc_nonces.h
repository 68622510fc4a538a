
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_NONCES_H_INCLUDED_
#define _OAUTHCC_NONCES_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/*
 * The last nonce of each server (RFC 9449 section 8), by its origin, of those
 * that were used last.  Belongs to a worker.
 */

#define OAUTHCC_NONCES_MAX         64
#define OAUTHCC_NONCES_MAX_ORIGIN  512
#define OAUTHCC_NONCES_MAX_NONCE   512


typedef struct {
    ngx_queue_t  queue;  /* least recent last */
    ngx_uint_t   n;
} oauthcc_nonces_t;


void oauthcc_nonces_init(oauthcc_nonces_t *nonces);

/* That of a server, until the next call; empty: none is known. */
void oauthcc_nonces_get(oauthcc_nonces_t *nonces, ngx_str_t *origin,
    ngx_str_t *nonce);

/*
 * Keeps one; returns whether it is kept.  What is not the syntax of a nonce,
 * or too long, is dropped, and the old one stays, as it does without memory.
 */
ngx_uint_t oauthcc_nonces_set(oauthcc_nonces_t *nonces, ngx_str_t *origin,
    ngx_str_t *nonce, ngx_log_t *log);

/* Whether a text has the syntax of a nonce that can be kept. */
ngx_uint_t oauthcc_nonces_valid(ngx_str_t *nonce);

void oauthcc_nonces_free(oauthcc_nonces_t *nonces);


#endif /* _OAUTHCC_NONCES_H_INCLUDED_ */
