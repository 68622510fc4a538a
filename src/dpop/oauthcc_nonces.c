
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "dpop/oauthcc_nonces.h"
#include "core/oauthcc_text.h"


typedef struct {
    ngx_queue_t  queue;
    ngx_str_t    origin;
    ngx_str_t    nonce;
    u_char       data[OAUTHCC_NONCES_MAX_NONCE + OAUTHCC_NONCES_MAX_ORIGIN];
} oauthcc_nonce_t;


static oauthcc_nonce_t *oauthcc_nonces_find(oauthcc_nonces_t *nonces,
    ngx_str_t *origin);
static oauthcc_nonce_t *oauthcc_nonces_create(oauthcc_nonces_t *nonces,
    ngx_log_t *log);


void
oauthcc_nonces_init(oauthcc_nonces_t *nonces)
{
    ngx_queue_init(&nonces->queue);
    nonces->n = 0;
}


void
oauthcc_nonces_get(oauthcc_nonces_t *nonces, ngx_str_t *origin,
    ngx_str_t *nonce)
{
    oauthcc_nonce_t  *found;

    found = oauthcc_nonces_find(nonces, origin);

    if (found) {
        *nonce = found->nonce;

    } else {
        ngx_str_null(nonce);
    }
}


ngx_uint_t
oauthcc_nonces_set(oauthcc_nonces_t *nonces, ngx_str_t *origin,
    ngx_str_t *nonce, ngx_log_t *log)
{
    oauthcc_nonce_t  *found;

    if (!oauthcc_nonces_valid(nonce)
        || origin->len == 0 || origin->len > OAUTHCC_NONCES_MAX_ORIGIN)
    {
        return 0;
    }

    found = oauthcc_nonces_find(nonces, origin);

    if (found == NULL) {
        found = oauthcc_nonces_create(nonces, log);
        if (found == NULL) {
            return 0;
        }

        found->nonce.data = found->data;
        found->origin.data = found->data + OAUTHCC_NONCES_MAX_NONCE;
        found->origin.len = origin->len;
        ngx_memcpy(found->origin.data, origin->data, origin->len);
    }

    found->nonce.len = nonce->len;
    ngx_memcpy(found->nonce.data, nonce->data, nonce->len);

    return 1;
}


/* RFC 9449 section 8.1: NQCHAR of RFC 6749 */

ngx_uint_t
oauthcc_nonces_valid(ngx_str_t *nonce)
{
    u_char      c;
    ngx_uint_t  i;

    if (nonce->len == 0 || nonce->len > OAUTHCC_NONCES_MAX_NONCE) {
        return 0;
    }

    for (i = 0; i < nonce->len; i++) {
        c = nonce->data[i];

        if (c < 0x21 || c > 0x7e || c == '"' || c == '\\') {
            return 0;
        }
    }

    return 1;
}


void
oauthcc_nonces_free(oauthcc_nonces_t *nonces)
{
    ngx_queue_t  *q;

    while (!ngx_queue_empty(&nonces->queue)) {
        q = ngx_queue_head(&nonces->queue);
        ngx_queue_remove(q);
        ngx_free(ngx_queue_data(q, oauthcc_nonce_t, queue));
    }

    nonces->n = 0;
}


static oauthcc_nonce_t *
oauthcc_nonces_find(oauthcc_nonces_t *nonces, ngx_str_t *origin)
{
    ngx_queue_t      *q;
    oauthcc_nonce_t  *found;

    for (q = ngx_queue_head(&nonces->queue);
         q != ngx_queue_sentinel(&nonces->queue);
         q = ngx_queue_next(q))
    {
        found = ngx_queue_data(q, oauthcc_nonce_t, queue);

        if (oauthcc_text_eq(&found->origin, origin)) {

            if (q != ngx_queue_head(&nonces->queue)) {
                ngx_queue_remove(q);
                ngx_queue_insert_head(&nonces->queue, q);
            }

            return found;
        }
    }

    return NULL;
}


/* Memory, or the place of the one that was not used for the longest time. */

static oauthcc_nonce_t *
oauthcc_nonces_create(oauthcc_nonces_t *nonces, ngx_log_t *log)
{
    oauthcc_nonce_t  *nonce;

    if (nonces->n == OAUTHCC_NONCES_MAX) {
        nonce = ngx_queue_data(ngx_queue_last(&nonces->queue),
                               oauthcc_nonce_t, queue);
        ngx_queue_remove(&nonce->queue);

    } else {
        nonce = ngx_alloc(sizeof(oauthcc_nonce_t), log);
        if (nonce == NULL) {
            return NULL;
        }

        nonces->n++;
    }

    ngx_queue_insert_head(&nonces->queue, &nonce->queue);

    return nonce;
}
