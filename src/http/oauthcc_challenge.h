
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_CHALLENGE_H_INCLUDED_
#define _OAUTHCC_CHALLENGE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/*
 * WWW-Authenticate (RFC 9110 section 11.6.1): what its Bearer challenges say
 * of the token (RFC 6750 section 3.1), or its DPoP challenges (RFC 9449
 * section 7.1), as the request was sent.
 */


typedef enum {
    OAUTHCC_CHALLENGE_TOKEN = 0,  /* not valid, or unsaid */
    OAUTHCC_CHALLENGE_SCOPE,      /* the token is valid, but not sufficient */
    OAUTHCC_CHALLENGE_REQUEST,    /* the request is not valid */
    OAUTHCC_CHALLENGE_PROOF,      /* nor is its proof, of DPoP alone */
    OAUTHCC_CHALLENGE_NONCE       /* it wants another nonce: likewise */
} oauthcc_challenge_e;


/*
 * the state over all header lines, which are read as one; zeroed at first, but
 * for dpop
 */

typedef struct {
    unsigned  dpop:1;    /* the scheme of the request is DPoP */
    unsigned  open:1;    /* a challenge was read */
    unsigned  same:1;    /* it is of the scheme of the request */
    unsigned  token68:1; /* and it has no parameters */
    unsigned  error:1;   /* it has an error parameter */
    unsigned  scope:1;   /* errors of all challenges so far */
    unsigned  request:1;
    unsigned  proof:1;
    unsigned  nonce:1;
    unsigned  other:1;
    unsigned  broken:1;  /* a syntax error */
} oauthcc_challenge_t;


/* Reads the next line. */
void oauthcc_challenge_read(oauthcc_challenge_t *challenge, ngx_str_t *line);

/*
 * The verdict of all challenges; TOKEN if they differ or cannot be parsed, but
 * NONCE if one of them says so: then the request can be sent as it is.
 */
oauthcc_challenge_e oauthcc_challenge_says(oauthcc_challenge_t *challenge);


#endif /* _OAUTHCC_CHALLENGE_H_INCLUDED_ */
