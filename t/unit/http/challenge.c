
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "http/oauthcc_challenge.h"
#include "oauthcc_unit.h"


#define OAUTHCC_UNIT_LINES  3

#define TOKEN    OAUTHCC_CHALLENGE_TOKEN
#define SCOPE    OAUTHCC_CHALLENGE_SCOPE
#define REQUEST  OAUTHCC_CHALLENGE_REQUEST
#define PROOF    OAUTHCC_CHALLENGE_PROOF
#define NONCE    OAUTHCC_CHALLENGE_NONCE


typedef struct {
    char      *name;
    ngx_int_t  says;
    ngx_str_t  line[OAUTHCC_UNIT_LINES];
} oauthcc_unit_challenge_t;


static ngx_int_t oauthcc_unit_challenge_all(oauthcc_unit_t *unit,
    oauthcc_unit_challenge_t *test, ngx_uint_t dpop);


/* to a request with a proof of DPoP */

static oauthcc_unit_challenge_t  oauthcc_unit_dpop_challenges[] = {

    { "a nonce", NONCE, { ngx_string("DPoP error=\"use_dpop_nonce\"") } },
    { "a nonce and more", NONCE,
      { ngx_string("dpop realm=x, ERROR=use_dpop_nonce, algs=\"ES256 RS256\"")
      } },
    { "beside another scheme", NONCE,
      { ngx_string("Bearer error=\"invalid_token\", "
                   "DPoP error=\"use_dpop_nonce\", Basic realm=\"y\"") } },
    { "in another line", NONCE,
      { ngx_string("Bearer realm=\"x\""), ngx_string("DPoP algs=\"ES256\""),
        ngx_string("DPoP error=\"use_dpop_nonce\"") } },
    { "and a token", NONCE,
      { ngx_string("DPoP error=\"use_dpop_nonce\""),
        ngx_string("DPoP error=\"invalid_token\"") } },
    { "and what cannot be read", NONCE,
      { ngx_string("DPoP error=\"use_dpop_nonce\" x\"") } },
    { "a nonce of another scheme", TOKEN,
      { ngx_string("Bearer error=\"use_dpop_nonce\"") } },
    { "a nonce that is not read", TOKEN,
      { ngx_string("DPoP error=\"use_dpop_nonce") } },
    { "a longer word", TOKEN,
      { ngx_string("DPoP error=\"use_dpop_nonces\"") } },

    { "a proof", PROOF, { ngx_string("DPoP error=\"invalid_dpop_proof\"") } },
    { "a proof and a token", TOKEN,
      { ngx_string("DPoP error=\"invalid_dpop_proof\""),
        ngx_string("DPoP error=\"invalid_token\"") } },
    { "a proof, then what cannot be read", TOKEN,
      { ngx_string("DPoP error=\"invalid_dpop_proof\", x=\"") } },
    { "a token", TOKEN, { ngx_string("DPoP error=\"invalid_token\"") } },
    { "a scope", SCOPE, { ngx_string("DPoP error=\"insufficient_scope\"") } },
    { "a request", REQUEST, { ngx_string("DPoP error=invalid_request") } },
    { "a scope of bearers", TOKEN,
      { ngx_string("Bearer error=\"insufficient_scope\"") } },

    { NULL, 0, { ngx_null_string } }
};


static oauthcc_unit_challenge_t
    oauthcc_unit_challenges[] =
{

    { "a nonce is no word of Bearer", TOKEN,
      { ngx_string("Bearer error=\"use_dpop_nonce\"") } },
    { "nor is a proof", TOKEN,
      { ngx_string("Bearer error=\"invalid_dpop_proof\"") } },
    { "DPoP is another scheme", TOKEN,
      { ngx_string("DPoP error=\"use_dpop_nonce\"") } },

    { "no line", TOKEN, { ngx_null_string } },
    { "an empty line", TOKEN, { ngx_string("") } },
    { "blanks and commas", TOKEN, { ngx_string(" ,\t, ,") } },

    { "insufficient_scope", SCOPE,
      { ngx_string("Bearer error=\"insufficient_scope\"") } },
    { "invalid_request", REQUEST,
      { ngx_string("Bearer error=\"invalid_request\"") } },
    { "invalid_token", TOKEN,
      { ngx_string("Bearer error=\"invalid_token\"") } },
    { "an error of no meaning", TOKEN, { ngx_string("Bearer error=\"\"") } },
    { "no error", TOKEN, { ngx_string("Bearer realm=\"api\"") } },
    { "a scheme alone", TOKEN, { ngx_string("Bearer") } },

    { "a token in place of a string", SCOPE,
      { ngx_string("Bearer error=insufficient_scope") } },
    { "names in other letters", SCOPE,
      { ngx_string("bEaReR eRRor=\"insufficient_scope\"") } },
    { "a value in other letters", TOKEN,
      { ngx_string("Bearer error=\"Insufficient_scope\"") } },
    { "a longer value", TOKEN,
      { ngx_string("Bearer error=\"insufficient_scope \"") } },
    { "a shorter value", TOKEN,
      { ngx_string("Bearer error=\"insufficient_scop\"") } },
    { "a very long value", TOKEN,
      { ngx_string("Bearer error=\"invalid_requestinvalid_requestinvalid_"
                   "requestinvalid_requestinvalid_request\"") } },
    { "a zero byte in it", TOKEN,
      { ngx_string("Bearer error=\"invalid_request\0\"") } },
    { "escapes", REQUEST,
      { ngx_string("Bearer error=\"\\inv\\alid_reques\\t\"") } },
    { "an escape that is not ended", TOKEN,
      { ngx_string("Bearer error=\"invalid_request\\") } },
    { "a string that is not ended", TOKEN,
      { ngx_string("Bearer error=\"invalid_request") } },
    { "an escaped quote for its end", TOKEN,
      { ngx_string("Bearer error=\"invalid_request\\\"") } },
    { "something behind a string", TOKEN,
      { ngx_string("Bearer error=\"invalid_request\"x") } },
    { "a value without a name", TOKEN,
      { ngx_string("Bearer =invalid_request") } },
    { "a name without a value", TOKEN,
      { ngx_string("Bearer realm=, error=invalid_request") } },

    { "blanks around it", REQUEST,
      { ngx_string("  Bearer \t error \t= \t\"invalid_request\"\t ") } },
    { "more blanks behind the scheme", REQUEST,
      { ngx_string("Bearer    error=invalid_request") } },
    { "a tab behind the scheme", TOKEN,
      { ngx_string("Bearer\terror=invalid_request") } },
    { "nothing behind the scheme", TOKEN,
      { ngx_string("Bearererror=invalid_request") } },
    { "a byte that may not be in a name", TOKEN,
      { ngx_string("B\xe4r error=x, Bearer error=invalid_request") } },
    { "a control character in a string", TOKEN,
      { ngx_string("Bearer realm=\"\x01\", error=invalid_request") } },
    { "bytes above 127 and a tab", REQUEST,
      { ngx_string("Bearer realm=\"\xc3\xa4\t\", error=invalid_request") } },

    { "the last parameter", SCOPE,
      { ngx_string("Bearer realm=\"a\",scope=\"b c\",error=insufficient_scope"
                   ) } },
    { "the first parameter", SCOPE,
      { ngx_string("Bearer error=insufficient_scope, scope=\"b c\"") } },
    { "empty elements", SCOPE,
      { ngx_string(",, Bearer ,, realm=a , , error=insufficient_scope ,,") } },
    { "no comma", TOKEN,
      { ngx_string("Bearer realm=\"a\" error=insufficient_scope") } },
    { "a comma in a string", SCOPE,
      { ngx_string("Bearer realm=\"a, Basic b=c\", error=insufficient_scope"
                   ) } },
    { "a challenge in a string", TOKEN,
      { ngx_string("Bearer realm=\"a\\\", error=insufficient_scope\"") } },
    { "another parameter", TOKEN,
      { ngx_string("Bearer error_uri=invalid_request, x_error=invalid_request,"
                   " error*=invalid_request") } },
    { "an error twice", TOKEN,
      { ngx_string("Bearer error=invalid_request, error=invalid_request") } },

    { "another scheme", TOKEN,
      { ngx_string("DPoP error=\"insufficient_scope\"") } },
    { "a longer scheme", TOKEN,
      { ngx_string("Bearers error=\"insufficient_scope\"") } },
    { "behind another scheme", SCOPE,
      { ngx_string("Basic realm=\"a\", Bearer error=insufficient_scope") } },
    { "before another scheme", SCOPE,
      { ngx_string("Bearer error=insufficient_scope, Basic realm=\"a\"") } },
    { "before an error of another scheme", SCOPE,
      { ngx_string("Bearer error=insufficient_scope, DPoP error=invalid_token"
                   ) } },
    { "another scheme's error", TOKEN,
      { ngx_string("Bearer realm=a, DPoP error=insufficient_scope") } },
    { "behind schemes alone", SCOPE,
      { ngx_string("Negotiate, NTLM , Bearer error=insufficient_scope") } },
    { "behind a token68", SCOPE,
      { ngx_string("Negotiate a87421000000000000==, "
                   "Bearer error=insufficient_scope") } },
    { "behind one of all its bytes", SCOPE,
      { ngx_string("Negotiate aZ09-._~+/= , Bearer error=insufficient_scope"
                   ) } },
    { "a token68 that looks like a name", TOKEN,
      { ngx_string("Bearer error=, error=invalid_request") } },
    { "a parameter behind a token68", TOKEN,
      { ngx_string("Bearer abc=, error=invalid_request") } },
    { "a token68 and more", TOKEN,
      { ngx_string("Bearer abc error=invalid_request") } },
    { "a parameter of none", TOKEN,
      { ngx_string("error=invalid_request") } },

    { "two that agree", SCOPE,
      { ngx_string("Bearer error=insufficient_scope, "
                   "Bearer error=insufficient_scope") } },
    { "two that say different things", REQUEST,
      { ngx_string("Bearer error=insufficient_scope, "
                   "Bearer error=invalid_request") } },
    { "two that do not agree", TOKEN,
      { ngx_string("Bearer error=insufficient_scope, "
                   "Bearer error=invalid_token") } },
    { "one that says nothing", SCOPE,
      { ngx_string("Bearer realm=a, Bearer error=insufficient_scope") } },

    { "the second line", SCOPE,
      { ngx_string("Basic realm=\"a\""),
        ngx_string("Bearer error=insufficient_scope") } },
    { "the first line", SCOPE,
      { ngx_string("Bearer error=insufficient_scope"),
        ngx_string("Basic realm=\"a\""), ngx_string("NTLM") } },
    { "one that goes on", SCOPE,
      { ngx_string("Bearer realm=\"a\""), ngx_string(""),
        ngx_string("error=insufficient_scope") } },
    { "lines that do not agree", TOKEN,
      { ngx_string("Bearer error=insufficient_scope"),
        ngx_string("Bearer error=invalid_token") } },
    { "a line that cannot be read", TOKEN,
      { ngx_string("Bearer error=insufficient_scope"), ngx_string("\"") } },
    { "a string over two lines", TOKEN,
      { ngx_string("Bearer error=\"insufficient_scope"), ngx_string("\"") } },

    { NULL, 0, { ngx_null_string } }
};


ngx_int_t
oauthcc_unit_challenge(oauthcc_unit_t *unit)
{
    if (oauthcc_unit_challenge_all(unit, oauthcc_unit_challenges, 0)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return oauthcc_unit_challenge_all(unit, oauthcc_unit_dpop_challenges, 1);
}


static ngx_int_t
oauthcc_unit_challenge_all(oauthcc_unit_t *unit,
    oauthcc_unit_challenge_t *test, ngx_uint_t dpop)
{
    ngx_str_t            line;
    ngx_uint_t           i;
    oauthcc_challenge_t  challenge;

    for ( /* void */ ; test->name; test++) {
        ngx_memzero(&challenge, sizeof(oauthcc_challenge_t));

        challenge.dpop = dpop;

        for (i = 0; i < OAUTHCC_UNIT_LINES; i++) {

            if (test->line[i].data == NULL) {
                continue;
            }

            if (oauthcc_unit_copy(unit, &test->line[i], &line) != NGX_OK)
            {
                return NGX_ERROR;
            }

            oauthcc_challenge_read(&challenge, &line);
            ngx_free(line.data);
        }

        oauthcc_unit_number(unit, oauthcc_challenge_says(&challenge),
                            test->says, test->name);
    }

    return NGX_OK;
}
