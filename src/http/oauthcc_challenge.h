
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_CHALLENGE_H_INCLUDED_
#define _OAUTHCC_CHALLENGE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/*
 * WWW-Authenticate (RFC 9110 section 11.6.1): what its challenges of the
 * scheme Bearer say of a token (RFC 6750 section 3.1).
 */


typedef enum {
    OAUTHCC_CHALLENGE_TOKEN = 0,  /* that it is no good, or nothing */
    OAUTHCC_CHALLENGE_SCOPE,      /* it is good, but not for this */
    OAUTHCC_CHALLENGE_REQUEST     /* nothing: the request is bad */
} oauthcc_challenge_e;


/* the header lines so far, which are read as one; zero at first */

typedef struct {
    unsigned  open:1;    /* there is a challenge */
    unsigned  bearer:1;  /* which is one of these */
    unsigned  token68:1; /* and has no parameters */
    unsigned  error:1;   /* it has one of them */
    unsigned  scope:1;   /* some said that, and */
    unsigned  request:1;
    unsigned  other:1;
    unsigned  broken:1;  /* this is not the syntax */
} oauthcc_challenge_t;


/* Reads the next line. */
void oauthcc_challenge_read(oauthcc_challenge_t *challenge, ngx_str_t *line);

/* What they say together; TOKEN if they do not agree or cannot be read. */
oauthcc_challenge_e oauthcc_challenge_says(oauthcc_challenge_t *challenge);


#endif /* _OAUTHCC_CHALLENGE_H_INCLUDED_ */
