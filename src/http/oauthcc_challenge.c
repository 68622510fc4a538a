
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "http/oauthcc_challenge.h"
#include "core/oauthcc_text.h"


/* longer than any error that is looked for */
#define OAUTHCC_CHALLENGE_LEN  32


static ngx_int_t oauthcc_challenge_element(oauthcc_challenge_t *challenge,
    u_char **pos, u_char *last);
static ngx_int_t oauthcc_challenge_scheme(oauthcc_challenge_t *challenge,
    ngx_str_t *name, u_char **pos, u_char *last);
static ngx_int_t oauthcc_challenge_parameter(oauthcc_challenge_t *challenge,
    ngx_str_t *name, u_char **pos, u_char *last);
static ngx_int_t oauthcc_challenge_quoted(u_char **pos, u_char *last,
    u_char *buf, size_t *len);
static void oauthcc_challenge_error(oauthcc_challenge_t *challenge,
    u_char *text, size_t len);
static u_char *oauthcc_challenge_spaces(u_char *p, u_char *last);
static u_char *oauthcc_challenge_token(u_char *p, u_char *last);
static u_char *oauthcc_challenge_token68(u_char *p, u_char *last);
static ngx_uint_t oauthcc_challenge_alnum(u_char c);


/*
 * Header lines are joined by commas (RFC 9110 section 5.3): a line may begin
 * with parameters of the last challenge of the line before.
 */

void
oauthcc_challenge_read(oauthcc_challenge_t *challenge, ngx_str_t *line)
{
    u_char     *p, *last;
    ngx_uint_t  comma;

    p = line->data;
    last = p + line->len;
    comma = 1;

    for ( ;; ) {
        p = oauthcc_challenge_spaces(p, last);

        if (p == last) {
            return;
        }

        /* elements of a list may be empty */

        if (*p == ',') {
            comma = 1;
            p++;
            continue;
        }

        if (!comma
            || oauthcc_challenge_element(challenge, &p, last) != NGX_OK)
        {
            challenge->broken = 1;
            return;
        }

        comma = 0;
    }
}


oauthcc_challenge_e
oauthcc_challenge_says(oauthcc_challenge_t *challenge)
{
    if (challenge->nonce) {
        return OAUTHCC_CHALLENGE_NONCE;
    }

    if (challenge->broken || challenge->other) {
        return OAUTHCC_CHALLENGE_TOKEN;
    }

    if (challenge->proof) {
        return OAUTHCC_CHALLENGE_PROOF;
    }

    if (challenge->request) {
        return OAUTHCC_CHALLENGE_REQUEST;
    }

    return challenge->scope ? OAUTHCC_CHALLENGE_SCOPE
                            : OAUTHCC_CHALLENGE_TOKEN;
}


/* Reads a scheme with its first parameter, or a further parameter. */

static ngx_int_t
oauthcc_challenge_element(oauthcc_challenge_t *challenge, u_char **pos,
    u_char *last)
{
    u_char    *p;
    ngx_str_t  name;

    name.data = *pos;
    *pos = oauthcc_challenge_token(*pos, last);
    name.len = *pos - name.data;

    if (name.len == 0) {
        return NGX_DECLINED;
    }

    p = oauthcc_challenge_spaces(*pos, last);

    if (p < last && *p == '=') {
        *pos = p + 1;

        return oauthcc_challenge_parameter(challenge, &name, pos, last);
    }

    return oauthcc_challenge_scheme(challenge, &name, pos, last);
}


static ngx_int_t
oauthcc_challenge_scheme(oauthcc_challenge_t *challenge, ngx_str_t *name,
    u_char **pos, u_char *last)
{
    u_char    *p;
    ngx_str_t  parameter;

    challenge->open = 1;
    challenge->same = oauthcc_text_iis(name, challenge->dpop ? "dpop"
                                                             : "bearer");
    challenge->token68 = 0;
    challenge->error = 0;

    p = oauthcc_challenge_spaces(*pos, last);

    if (p == last || *p == ',') {
        *pos = p;
        return NGX_OK;
    }

    if (**pos != ' ') {
        return NGX_DECLINED;
    }

    /* a name before "=" is a token68, unless a value follows */

    *pos = oauthcc_challenge_token68(p, last);

    if (*pos > p) {
        *pos = oauthcc_challenge_spaces(*pos, last);

        if (*pos == last || **pos == ',') {
            challenge->token68 = 1;
            return NGX_OK;
        }
    }

    parameter.data = p;
    p = oauthcc_challenge_token(p, last);
    parameter.len = p - parameter.data;

    p = oauthcc_challenge_spaces(p, last);

    if (parameter.len == 0 || p == last || *p != '=') {
        return NGX_DECLINED;
    }

    *pos = p + 1;

    return oauthcc_challenge_parameter(challenge, &parameter, pos, last);
}


/* Reads the value after "=". */

static ngx_int_t
oauthcc_challenge_parameter(oauthcc_challenge_t *challenge, ngx_str_t *name,
    u_char **pos, u_char *last)
{
    u_char  *p, *text, buf[OAUTHCC_CHALLENGE_LEN];
    size_t   len;

    if (!challenge->open || challenge->token68) {
        return NGX_DECLINED;
    }

    p = oauthcc_challenge_spaces(*pos, last);

    if (p < last && *p == '"') {
        p++;
        text = buf;

        if (oauthcc_challenge_quoted(&p, last, buf, &len) != NGX_OK) {
            return NGX_DECLINED;
        }

    } else {
        text = p;
        p = oauthcc_challenge_token(p, last);
        len = p - text;

        if (len == 0) {
            return NGX_DECLINED;
        }
    }

    *pos = p;

    if (!challenge->same || !oauthcc_text_iis(name, "error")) {
        return NGX_OK;
    }

    /* a parameter may occur only once */

    if (challenge->error) {
        return NGX_DECLINED;
    }

    challenge->error = 1;

    oauthcc_challenge_error(challenge, text, len);

    return NGX_OK;
}


/* Reads a quoted string, after its first quote; len may exceed the buffer. */

static ngx_int_t
oauthcc_challenge_quoted(u_char **pos, u_char *last, u_char *buf, size_t *len)
{
    u_char     *p;
    size_t      n;
    ngx_uint_t  escaped;

    n = 0;
    escaped = 0;

    for (p = *pos; p < last; p++) {

        if ((*p < ' ' && *p != '\t') || *p == 0x7f) {
            return NGX_DECLINED;
        }

        if (!escaped && *p == '"') {
            *pos = p + 1;
            *len = n;
            return NGX_OK;
        }

        if (!escaped && *p == '\\') {
            escaped = 1;
            continue;
        }

        if (n < OAUTHCC_CHALLENGE_LEN) {
            buf[n++] = *p;
        }

        escaped = 0;
    }

    return NGX_DECLINED;
}


static void
oauthcc_challenge_error(oauthcc_challenge_t *challenge, u_char *text,
    size_t len)
{
    ngx_str_t  error;

    error.len = len;
    error.data = text;

    if (oauthcc_text_is(&error, "insufficient_scope")) {
        challenge->scope = 1;

    } else if (oauthcc_text_is(&error, "invalid_request")) {
        challenge->request = 1;

    } else if (challenge->dpop
               && oauthcc_text_is(&error, "invalid_dpop_proof"))
    {
        challenge->proof = 1;

    } else if (challenge->dpop && oauthcc_text_is(&error, "use_dpop_nonce")) {
        challenge->nonce = 1;

    } else {
        challenge->other = 1;
    }
}


static u_char *
oauthcc_challenge_spaces(u_char *p, u_char *last)
{
    while (p < last && (*p == ' ' || *p == '\t')) {
        p++;
    }

    return p;
}


static u_char *
oauthcc_challenge_token(u_char *p, u_char *last)
{
    while (p < last
           && (oauthcc_challenge_alnum(*p)
               || (*p && ngx_strchr("!#$%&'*+-.^_`|~", *p))))
    {
        p++;
    }

    return p;
}


static u_char *
oauthcc_challenge_token68(u_char *p, u_char *last)
{
    u_char  *first;

    first = p;

    while (p < last
           && (oauthcc_challenge_alnum(*p)
               || (*p && ngx_strchr("-._~+/", *p))))
    {
        p++;
    }

    if (p == first) {
        return p;
    }

    while (p < last && *p == '=') {
        p++;
    }

    return p;
}


static ngx_uint_t
oauthcc_challenge_alnum(u_char c)
{
    return (c >= '0' && c <= '9')
           || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}
