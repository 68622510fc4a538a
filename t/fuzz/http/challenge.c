
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/*
 * Values of WWW-Authenticate, "line, record separator, line, ...": who says
 * that it is not about the token has the word in it, says the same in one
 * line, and does not once an error of a token or what cannot be read follows.
 */


#include "oauthcc_fuzz.h"
#include "http/oauthcc_challenge.h"


char  *oauthcc_fuzz_providers = "";


static oauthcc_challenge_e oauthcc_fuzz_with(oauthcc_challenge_t *challenge,
    char *text);
static void oauthcc_fuzz_dpop(oauthcc_challenge_t *challenge, ngx_str_t *all);
static ngx_uint_t oauthcc_fuzz_has(ngx_str_t *text, char *word);


void
oauthcc_fuzz_run(oauthcc_fuzz_t *fuzz)
{
    u_char              *p;
    ngx_str_t            line, own, all;
    oauthcc_challenge_e  says;
    oauthcc_challenge_t  challenge, one, dpop;

    ngx_memzero(&challenge, sizeof(oauthcc_challenge_t));
    ngx_memzero(&one, sizeof(oauthcc_challenge_t));
    ngx_memzero(&dpop, sizeof(oauthcc_challenge_t));

    dpop.dpop = 1;

    all.len = 0;
    all.data = ngx_pnalloc(fuzz->pool, fuzz->last - fuzz->pos + 1);
    oauthcc_fuzz_check(all.data != NULL);

    p = all.data;

    while (fuzz->pos < fuzz->last) {
        oauthcc_fuzz_record(fuzz, &line);

        /* of its own, without a byte behind it */

        own.len = line.len;
        own.data = ngx_alloc(line.len, fuzz->log);
        oauthcc_fuzz_check(own.data != NULL);

        if (line.len) {
            ngx_memcpy(own.data, line.data, line.len);
        }

        oauthcc_challenge_read(&challenge, &own);
        oauthcc_challenge_read(&dpop, &own);
        ngx_free(own.data);

        if (line.len) {
            p = ngx_cpymem(p, line.data, line.len);
        }

        *p++ = ',';
    }

    all.len = p - all.data;

    oauthcc_fuzz_dpop(&dpop, &all);

    says = oauthcc_challenge_says(&challenge);

    oauthcc_fuzz_check(says != OAUTHCC_CHALLENGE_PROOF
                       && says != OAUTHCC_CHALLENGE_NONCE);

    if (says == OAUTHCC_CHALLENGE_TOKEN) {
        return;
    }

    oauthcc_challenge_read(&one, &all);
    oauthcc_fuzz_check(oauthcc_challenge_says(&one) == says);

    oauthcc_fuzz_check(oauthcc_fuzz_has(&all, "bearer"));
    oauthcc_fuzz_check(oauthcc_fuzz_has(&all, "error"));
    oauthcc_fuzz_check(oauthcc_fuzz_has(&all, "insufficient_scope")
                       || oauthcc_fuzz_has(&all, "invalid_request"));

    oauthcc_fuzz_check(oauthcc_fuzz_with(&challenge, "Basic realm=\"x\"")
                       == says);
    oauthcc_fuzz_check(oauthcc_fuzz_with(&challenge,
                                         "Bearer error=invalid_token")
                       == OAUTHCC_CHALLENGE_TOKEN);
    oauthcc_fuzz_check(oauthcc_fuzz_with(&challenge, "x=\"")
                       == OAUTHCC_CHALLENGE_TOKEN);
}


/* What they say to a request with a proof. */

static void
oauthcc_fuzz_dpop(oauthcc_challenge_t *challenge, ngx_str_t *all)
{
    oauthcc_challenge_e  says;

    says = oauthcc_challenge_says(challenge);

    if (says == OAUTHCC_CHALLENGE_TOKEN) {
        return;
    }

    oauthcc_fuzz_check(oauthcc_fuzz_has(all, "dpop"));
    oauthcc_fuzz_check(oauthcc_fuzz_has(all, "error"));

    oauthcc_fuzz_check(oauthcc_fuzz_with(challenge,
                                         "Bearer error=invalid_token")
                       == says);

    if (says == OAUTHCC_CHALLENGE_NONCE) {
        oauthcc_fuzz_check(oauthcc_fuzz_has(all, "use_dpop_nonce"));
        oauthcc_fuzz_check(oauthcc_fuzz_with(challenge, "x=\"") == says);
        return;
    }

    oauthcc_fuzz_check(oauthcc_fuzz_with(challenge, "DPoP error=invalid_token")
                       == OAUTHCC_CHALLENGE_TOKEN);

    if (says == OAUTHCC_CHALLENGE_PROOF) {
        oauthcc_fuzz_check(oauthcc_fuzz_has(all, "invalid_dpop_proof"));
    }
}


/* What they say with one more line. */

static oauthcc_challenge_e
oauthcc_fuzz_with(oauthcc_challenge_t *challenge, char *text)
{
    ngx_str_t            line;
    oauthcc_challenge_t  more;

    more = *challenge;

    line.data = (u_char *) text;
    line.len = ngx_strlen(text);

    oauthcc_challenge_read(&more, &line);

    return oauthcc_challenge_says(&more);
}


/* Whether a word of small letters is in a text, whatever is escaped there. */

static ngx_uint_t
oauthcc_fuzz_has(ngx_str_t *text, char *word)
{
    size_t  i, k, len;

    len = ngx_strlen(word);

    for (i = 0; i < text->len; i++) {
        k = 0;

        while (k < len && i + k < text->len
               && ngx_tolower(text->data[i + k]) == (u_char) word[k])
        {
            k++;
        }

        if (k == len) {
            return 1;
        }

        /* an escaped word is none of those that are looked for in one piece */

        if (text->data[i] == '\\') {
            return 1;
        }
    }

    return 0;
}
