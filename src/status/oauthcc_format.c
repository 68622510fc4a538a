
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "status/oauthcc_format.h"
#include "status/oauthcc_escape.h"
#include "core/oauthcc_histogram.h"


typedef struct {
    ngx_str_t  error;
    char      *meaning;
} oauthcc_format_error_t;


typedef struct {
    ngx_msec_t  sec;
    char       *name;
} oauthcc_format_unit_t;


/* RFC 6749 section 5.2, RFC 8707, RFC 9449, and common extensions */

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
    { ngx_string("invalid_dpop_proof"),
      "The server rejects the DPoP proof, or misses it: check dpop, dpop_uri "
      "and the clocks." },
    { ngx_string("use_dpop_nonce"),
      "The server wants a DPoP proof that has a nonce of its own." },
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


/* no smaller unit below a second */

static oauthcc_format_unit_t  oauthcc_format_units[] = {
    { 86400, "d" },
    { 3600, "h" },
    { 60, "min" },
    { 1, "s" },
    { 1, "" }
};


void
oauthcc_format_html(oauthcc_writer_t *w, char *fmt, ...)
{
    char    *p;
    va_list  args;

    va_start(args, fmt);

    for ( ;; ) {
        for (p = fmt; *p && *p != '%'; p++) { /* void */ }

        oauthcc_writer_bytes(w, (u_char *) fmt, p - fmt);

        if (*p++ == '\0') {
            break;
        }

        fmt = p + 1;

        switch (*p) {

        case 's':
            oauthcc_writer_put(w, va_arg(args, char *));
            break;

        case 'V':
            oauthcc_escape_html(w, va_arg(args, ngx_str_t *), OAUTHCC_TEXT);
            break;

        case 'L':
            oauthcc_format_number(w, va_arg(args, uint64_t));
            break;

        case 'M':
            oauthcc_format_duration(w, va_arg(args, ngx_msec_t));
            break;

        case 'z':
            oauthcc_format_size(w, va_arg(args, size_t));
            break;

        default:
            oauthcc_writer_bytes(w, (u_char *) p, 1);
        }
    }

    va_end(args);
}


void
oauthcc_format_duration(oauthcc_writer_t *w, ngx_msec_t msec)
{
    ngx_msec_t              sec, rest;
    oauthcc_format_unit_t  *unit;

    sec = msec / 1000;
    rest = msec % 1000 / 100;

    if (sec == 0) {
        oauthcc_writer_print(w, "%M ms", msec);
        return;
    }

    if (sec < 10 && rest) {
        oauthcc_writer_print(w, "%M.%M s", sec, rest);
        return;
    }

    for (unit = oauthcc_format_units; sec < unit->sec; unit++) { /* void */ }

    oauthcc_writer_print(w, "%M %s", sec / unit->sec, unit->name);

    rest = sec % unit->sec / unit[1].sec;

    if (rest) {
        oauthcc_writer_print(w, " %M %s", rest, unit[1].name);
    }
}


void
oauthcc_format_time(oauthcc_writer_t *w, time_t time, time_t now)
{
    ngx_tm_t  tm, today;

    ngx_gmtime(time, &tm);
    ngx_gmtime(now, &today);

    oauthcc_writer_print(w,
                         "<time datetime=\"%4d-%02d-%02dT%02d:%02d:%02dZ\">",
                         tm.ngx_tm_year, tm.ngx_tm_mon, tm.ngx_tm_mday,
                         tm.ngx_tm_hour, tm.ngx_tm_min, tm.ngx_tm_sec);

    if (tm.ngx_tm_mday != today.ngx_tm_mday
        || tm.ngx_tm_mon != today.ngx_tm_mon
        || tm.ngx_tm_year != today.ngx_tm_year)
    {
        oauthcc_writer_print(w, "%4d-%02d-%02d ", tm.ngx_tm_year,
                             tm.ngx_tm_mon, tm.ngx_tm_mday);
    }

    oauthcc_writer_print(w, "%02d:%02d:%02d</time>", tm.ngx_tm_hour,
                         tm.ngx_tm_min, tm.ngx_tm_sec);
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
    size_t                   len;
    oauthcc_format_error_t  *e;

    for (e = oauthcc_format_errors; e->meaning; e++) {
        len = e->error.len;

        if (error->len < len
            || ngx_strncmp(error->data, e->error.data, len) != 0)
        {
            continue;
        }

        c = error->len > len ? error->data[len] : ' ';

        if (c == ' ' || c == ':' || c == ',') {
            return e->meaning;
        }
    }

    return NULL;
}
