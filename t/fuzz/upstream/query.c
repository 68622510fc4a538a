
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/*
 * Clients' URIs, "name, record separator, value, record separator, URI": our
 * argument is put into it.  It is there once, and no other has its name.
 */


#include "oauthcc_fuzz.h"
#include "http/oauthcc_form.h"
#include "upstream/oauthcc_query.h"


char  *oauthcc_fuzz_providers = "";


static void oauthcc_fuzz_replace(oauthcc_fuzz_t *fuzz, ngx_str_t *uri,
    oauthcc_argument_t *argument, ngx_str_t *expected);
static ngx_uint_t oauthcc_fuzz_count(oauthcc_fuzz_t *fuzz, ngx_str_t *uri,
    oauthcc_argument_t *argument, ngx_uint_t *others);


void
oauthcc_fuzz_run(oauthcc_fuzz_t *fuzz)
{
    ngx_int_t           rc;
    ngx_str_t           name, value, uri, out, twice;
    ngx_uint_t          before, after;
    oauthcc_argument_t  argument;

    oauthcc_fuzz_record(fuzz, &name);
    oauthcc_fuzz_record(fuzz, &value);
    oauthcc_fuzz_rest(fuzz, &uri);

    /* nginx has no URI without a byte, nor a name of ours without one */

    if (uri.len == 0 || name.len == 0) {
        ngx_free(uri.data);
        return;
    }

    oauthcc_fuzz_starve();

    rc = oauthcc_form_argument(fuzz->pool, &name, &value,
                               &argument);

    if (oauthcc_fuzz_starved() && rc == NGX_ERROR) {
        ngx_free(uri.data);
        return;
    }

    oauthcc_fuzz_check(rc == NGX_OK);
    oauthcc_fuzz_check(oauthcc_fuzz_printable(&argument.text));

    oauthcc_fuzz_starve();
    rc = oauthcc_query_uri(fuzz->pool, &uri, &argument, 1, &out);

    if (oauthcc_fuzz_starved() && rc == NGX_ERROR) {
        ngx_free(uri.data);
        return;
    }

    oauthcc_fuzz_check(rc == NGX_OK);

    oauthcc_fuzz_replace(fuzz, &uri, &argument, &out);

    (void) oauthcc_fuzz_count(fuzz, &uri, &argument, &before);

    oauthcc_fuzz_check(oauthcc_fuzz_count(fuzz, &out, &argument, &after) == 1);
    oauthcc_fuzz_check(before == after);

    /* it is there once when it is done again */

    rc = oauthcc_query_uri(fuzz->pool, &out, &argument, 1, &twice);

    oauthcc_fuzz_check(rc == NGX_OK);
    oauthcc_fuzz_check(
        oauthcc_fuzz_count(fuzz, &twice, &argument, &after) == 1);
    oauthcc_fuzz_check(before == after);

    /* and it goes when it is only kept away */

    argument.text.len = 0;

    rc = oauthcc_query_uri(fuzz->pool, &out, &argument, 1, &twice);

    oauthcc_fuzz_check(rc == NGX_OK);
    oauthcc_fuzz_check(
        oauthcc_fuzz_count(fuzz, &twice, &argument, &after) == 0);
    oauthcc_fuzz_check(before == after);

    ngx_free(uri.data);
}


/* The same for a request, which is what it was afterwards. */

static void
oauthcc_fuzz_replace(oauthcc_fuzz_t *fuzz, ngx_str_t *uri,
    oauthcc_argument_t *argument, ngx_str_t *expected)
{
    u_char                 *p;
    ngx_int_t               rc;
    ngx_str_t               args;
    ngx_http_request_t     *r;
    oauthcc_query_saved_t   saved;

    r = oauthcc_fuzz_http_request(fuzz);

    r->unparsed_uri = *uri;
    p = ngx_strlchr(uri->data, uri->data + uri->len, '?');

    if (p) {
        r->args.data = p + 1;
        r->args.len = uri->data + uri->len - r->args.data;
    }

    args = r->args;

    oauthcc_fuzz_starve();
    rc = oauthcc_query_replace(r, argument, 1, &saved);

    if (oauthcc_fuzz_starved() && rc == NGX_ERROR) {
        oauthcc_fuzz_check(r->args.data == args.data);
        return;
    }

    oauthcc_fuzz_check(rc == NGX_OK);
    oauthcc_fuzz_check(oauthcc_fuzz_equal(&r->unparsed_uri, expected));

    oauthcc_query_restore(r, &saved);

    oauthcc_fuzz_check(r->args.data == args.data && r->args.len == args.len);
    oauthcc_fuzz_check(r->unparsed_uri.data == uri->data);
}


/*
 * How many arguments of the URI have the name, once it is decoded, and how
 * many bytes the others have.
 */

static ngx_uint_t
oauthcc_fuzz_count(oauthcc_fuzz_t *fuzz, ngx_str_t *uri,
    oauthcc_argument_t *argument, ngx_uint_t *others)
{
    u_char     *p, *start, *end, *last;
    ngx_str_t   key;
    ngx_uint_t  n;

    last = ngx_strlchr(uri->data, uri->data + uri->len, '#');

    if (last == NULL) {
        last = uri->data + uri->len;
    }

    p = ngx_strlchr(uri->data, last, '?');
    n = 0;
    *others = 0;

    while (p && p < last) {
        start = ++p;
        end = p;

        while (end < last && *end != '&' && *end != ';') {
            end++;
        }

        if (p < end
            && oauthcc_fuzz_decode(fuzz->pool, &p, end, 1, &key) == NGX_OK
            && oauthcc_fuzz_equal(&key, &argument->name))
        {
            n++;

        } else {
            *others += end - start;
        }

        p = end;
    }

    return n;
}
