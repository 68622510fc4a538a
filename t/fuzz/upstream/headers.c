
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/*
 * Headers of clients, "kind digit, name, separator, name...": a request to an
 * upstream has ours, and none of the client's with the name of one of ours,
 * however it is written, nor as a variable of CGI; all others are there, in
 * their order, and the request is afterwards what it was.
 */


#include "oauthcc_fuzz.h"
#include "cache/oauthcc_credential.h"
#include "upstream/oauthcc_headers.h"


char  *oauthcc_fuzz_providers = "";


static ngx_uint_t oauthcc_fuzz_ours(ngx_str_t *name, ngx_uint_t cgi);
static u_char oauthcc_fuzz_fold(u_char c, ngx_uint_t cgi);


static ngx_str_t  oauthcc_fuzz_names[] = {
    ngx_string("Authorization"), ngx_string("X-Api-Key"),
    ngx_string("DPoP")
};


void
oauthcc_fuzz_run(oauthcc_fuzz_t *fuzz)
{
    ngx_int_t                 rc;
    ngx_str_t                 name, value;
    ngx_uint_t                i, k, n, added, cgi, failed, others;
    ngx_list_t                before;
    ngx_list_part_t          *part;
    ngx_table_elt_t           headers[3], *header;
    oauthcc_fields_t          fields;
    ngx_http_request_t       *r;
    oauthcc_headers_saved_t   saved;

    cgi = oauthcc_fuzz_pick(fuzz, 2);
    added = oauthcc_fuzz_pick(fuzz, 4);

    r = oauthcc_fuzz_http_request(fuzz);
    n = 0;
    others = 0;

    while (fuzz->pos < fuzz->last) {
        oauthcc_fuzz_record(fuzz, &name);

        others += !oauthcc_fuzz_ours(&name, cgi);

        value.data = (u_char *) &oauthcc_fuzz_names;
        value.len = ++n;

        (void) oauthcc_fuzz_header(&r->headers_in.headers, &name, &value);
    }

    ngx_memzero(&fields, sizeof(oauthcc_fields_t));
    ngx_memzero(headers, sizeof(headers));

    for (i = 0; i < 3; i++) {
        headers[i].hash = 1;
        headers[i].key = oauthcc_fuzz_names[i];
        ngx_str_set(&headers[i].value, "ours");
    }

    fields.headers = headers;
    fields.nheaders = 3;
    fields.added = added;

    before = r->headers_in.headers;

    oauthcc_fuzz_starve();
    rc = oauthcc_headers_replace(r, &fields, cgi, &saved);
    failed = oauthcc_fuzz_starved();

    if (rc == NGX_ERROR) {
        oauthcc_fuzz_check(failed);
        oauthcc_fuzz_check(ngx_memcmp(&before, &r->headers_in.headers,
                                      sizeof(ngx_list_t))
                           == 0);
        return;
    }

    i = 0;
    n = 0;

    /* the value of the client's are their numbers */

    for (part = &r->headers_in.headers.part; part; part = part->next) {
        header = part->elts;

        for (k = 0; k < part->nelts; k++) {

            if (i < added) {
                oauthcc_fuzz_check(&header[k] == &headers[i]);
                i++;
                continue;
            }

            oauthcc_fuzz_check(header[k].value.len > n);
            n = header[k].value.len;

            oauthcc_fuzz_check(!oauthcc_fuzz_ours(&header[k].key, cgi));
            others--;
        }

        oauthcc_fuzz_check(part->nelts
                           || part == &r->headers_in.headers.part);
        oauthcc_fuzz_check(part->next
                           || part == r->headers_in.headers.last);
    }

    oauthcc_fuzz_check(i == added && others == 0);

    oauthcc_headers_restore(r, &saved);

    oauthcc_fuzz_check(ngx_memcmp(&before, &r->headers_in.headers,
                                  sizeof(ngx_list_t))
                       == 0);
}


static ngx_uint_t
oauthcc_fuzz_ours(ngx_str_t *name, ngx_uint_t cgi)
{
    size_t      k;
    ngx_str_t  *ours;
    ngx_uint_t  i;

    for (i = 0; i < 3; i++) {
        ours = &oauthcc_fuzz_names[i];

        if (name->len != ours->len) {
            continue;
        }

        for (k = 0; k < name->len; k++) {
            if (oauthcc_fuzz_fold(name->data[k], cgi)
                != oauthcc_fuzz_fold(ours->data[k], cgi))
            {
                break;
            }
        }

        if (k == name->len) {
            return 1;
        }
    }

    return 0;
}


/* As the server of an upstream reads it, or a script its environment. */

static u_char
oauthcc_fuzz_fold(u_char c, ngx_uint_t cgi)
{
    return (cgi && c == '-') ? '_' : ngx_tolower(c);
}
