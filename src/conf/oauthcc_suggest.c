
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "conf/oauthcc_suggest.h"


/* no directive has a longer name, in bytes */
#define OAUTHCC_SUGGEST_LEN  64

/* so many letters may be wrong, and one in three */
#define OAUTHCC_SUGGEST_WRONG  3


static ngx_uint_t oauthcc_suggest_part(ngx_str_t *name, ngx_str_t *part);
static ngx_uint_t oauthcc_suggest_distance(ngx_str_t *a, ngx_str_t *b);


void
oauthcc_suggest_add(oauthcc_suggest_t *suggest, ngx_str_t *candidate)
{
    ngx_str_t   *name;
    ngx_uint_t   distance;

    name = &suggest->name;

    if (name->len == 0 || name->len > OAUTHCC_SUGGEST_LEN
        || candidate->len > OAUTHCC_SUGGEST_LEN)
    {
        return;
    }

    if (oauthcc_suggest_part(candidate, name)
        || oauthcc_suggest_part(name, candidate))
    {
        /* "ssl_verify" for "proxy_ssl_verify" */

        distance = 1;

    } else {
        distance = oauthcc_suggest_distance(name, candidate);

        if (distance > ngx_min(OAUTHCC_SUGGEST_WRONG, name->len / 3)) {
            return;
        }
    }

    if (suggest->best.len == 0 || distance < suggest->distance) {
        suggest->best = *candidate;
        suggest->distance = distance;
    }
}


/* Whether a name ends with a part, after its first word. */

static ngx_uint_t
oauthcc_suggest_part(ngx_str_t *name, ngx_str_t *part)
{
    u_char  *p;

    if (name->len <= part->len + 1) {
        return 0;
    }

    p = name->data + name->len - part->len;

    return p[-1] == '_' && ngx_strncmp(p, part->data, part->len) == 0;
}


/* How many letters are wrong, missing, too much, or swapped. */

static ngx_uint_t
oauthcc_suggest_distance(ngx_str_t *a, ngx_str_t *b)
{
    ngx_uint_t  i, j, n, rows[3][OAUTHCC_SUGGEST_LEN + 1], *row, *up, *upper;

    for (j = 0; j <= b->len; j++) {
        rows[0][j] = j;
    }

    for (i = 1; i <= a->len; i++) {
        row = rows[i % 3];
        up = rows[(i + 2) % 3];
        upper = rows[(i + 1) % 3];

        row[0] = i;

        for (j = 1; j <= b->len; j++) {
            n = up[j - 1] + (a->data[i - 1] != b->data[j - 1]);
            n = ngx_min(n, up[j] + 1);
            n = ngx_min(n, row[j - 1] + 1);

            if (i > 1 && j > 1
                && a->data[i - 1] == b->data[j - 2]
                && a->data[i - 2] == b->data[j - 1])
            {
                n = ngx_min(n, upper[j - 2] + 1);
            }

            row[j] = n;
        }
    }

    return rows[a->len % 3][b->len];
}
