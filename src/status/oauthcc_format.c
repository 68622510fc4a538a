
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "status/oauthcc_format.h"


typedef struct {
    ngx_str_t  error;
    char      *meaning;
} oauthcc_format_error_t;


/* RFC 6749 section 5.2, RFC 8707 section 2, and some that servers have */

static oauthcc_format_error_t  oauthcc_format_errors[] = {
    { ngx_string("invalid_client"),
      "The server does not know the client, or does not accept its secret." },
    { ngx_string("invalid_grant"),
      "The server does not accept the user name, password or assertion." },
    { ngx_string("invalid_request"),
      "The server misses something in the login request, or does not "
      "understand it." },
    { ngx_string("invalid_scope"),
      "The server does not give this scope to the client." },
    { ngx_string("invalid_target"),
      "The server does not give tokens for this resource or audience." },
    { ngx_string("unauthorized_client"),
      "The server does not let the client log in this way." },
    { ngx_string("unsupported_grant_type"),
      "The server has no logins of this grant type." },
    { ngx_string("access_denied"),
      "The server does not let the client in." },
    { ngx_string("server_error"),
      "The server has a fault of its own." },
    { ngx_string("temporarily_unavailable"),
      "The server is overloaded or being maintained." },
    { ngx_string("timed out"),
      "The server did not answer in time." },
    { ngx_string("no response"),
      "The server could not be reached; nginx's error log says why." },
    { ngx_string("incomplete response"),
      "The connection ended before the whole response was there." },
    { ngx_string("zone is full"),
      "There is no room for the token: increase oauthcc_zone." },
    { ngx_null_string, NULL }
};


void
oauthcc_format_duration(oauthcc_writer_t *w, ngx_msec_t msec)
{
    char       *unit, *part;
    ngx_msec_t  sec, n, rest;

    if (msec < 1000) {
        oauthcc_writer_print(w, "%M ms", msec);
        return;
    }

    sec = msec / 1000;

    if (sec < 10) {
        rest = msec % 1000 / 100;

        if (rest) {
            oauthcc_writer_print(w, "%M.%M s", sec, rest);
            return;
        }
    }

    if (sec < 60) {
        oauthcc_writer_print(w, "%M s", sec);
        return;
    }

    if (sec < 3600) {
        n = sec / 60;
        unit = "min";
        rest = sec % 60;
        part = "s";

    } else if (sec < 86400) {
        n = sec / 3600;
        unit = "h";
        rest = sec % 3600 / 60;
        part = "min";

    } else {
        n = sec / 86400;
        unit = "d";
        rest = sec % 86400 / 3600;
        part = "h";
    }

    oauthcc_writer_print(w, "%M %s", n, unit);

    if (rest) {
        oauthcc_writer_print(w, " %M %s", rest, part);
    }
}


void
oauthcc_format_number(oauthcc_writer_t *w, uint64_t n)
{
    u_char  *p, *last, digits[NGX_INT64_LEN];

    last = ngx_sprintf(digits, "%uL", n);

    for (p = digits; p < last; p++) {

        if (p != digits && (last - p) % 3 == 0) {
            oauthcc_writer_bytes(w, (u_char *) ",", 1);
        }

        oauthcc_writer_bytes(w, p, 1);
    }
}


void
oauthcc_format_size(oauthcc_writer_t *w, size_t size)
{
    size_t  tenths;

    if (size < 1024 * 1024) {
        oauthcc_writer_print(w, "%uz KiB", size / 1024);
        return;
    }

    tenths = size / 1024 * 10 / 1024;

    if (tenths % 10 == 0) {
        oauthcc_writer_print(w, "%uz MiB", tenths / 10);
        return;
    }

    oauthcc_writer_print(w, "%uz.%uz MiB", tenths / 10, tenths % 10);
}


char *
oauthcc_format_error(ngx_str_t *error)
{
    u_char                   c;
    oauthcc_format_error_t  *e;

    for (e = oauthcc_format_errors; e->meaning; e++) {

        if (error->len < e->error.len
            || ngx_strncmp(error->data, e->error.data, e->error.len) != 0)
        {
            continue;
        }

        if (error->len == e->error.len) {
            return e->meaning;
        }

        c = error->data[e->error.len];

        if (c == ' ' || c == ':' || c == ',') {
            return e->meaning;
        }
    }

    return NULL;
}
