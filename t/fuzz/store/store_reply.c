
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/*
 * What a store sends, in two pieces: it is read alike in one, its elements are
 * there, and as a message of the channel or the place of a key it is read
 * within its bytes.
 */


#include "oauthcc_fuzz.h"
#include "store/oauthcc_store_hello.h"
#include "store/oauthcc_store_moved.h"
#include "store/oauthcc_store_reply.h"
#include "store/oauthcc_store_watch.h"


char  *oauthcc_fuzz_providers = "";


static ngx_int_t oauthcc_fuzz_replies(oauthcc_fuzz_t *fuzz, size_t first,
    uint64_t *sum);
static void oauthcc_fuzz_reply(oauthcc_store_reply_t *reply, uint64_t *sum);


void
oauthcc_fuzz_run(oauthcc_fuzz_t *fuzz)
{
    uint64_t   one, two;
    ngx_int_t  n, m;

    n = oauthcc_fuzz_replies(fuzz, fuzz->last - fuzz->pos, &one);
    m = oauthcc_fuzz_replies(fuzz, (fuzz->last - fuzz->pos) / 2, &two);

    if (n != NGX_ERROR && m != NGX_ERROR) {
        oauthcc_fuzz_check(n == m && one == two);
    }
}


/* How many there are; NGX_ERROR: memory has run out. */

static ngx_int_t
oauthcc_fuzz_replies(oauthcc_fuzz_t *fuzz, size_t first, uint64_t *sum)
{
    u_char                 *pos;
    void                   *reader;
    size_t                  len;
    ngx_int_t               rc;
    ngx_uint_t              n, failed;
    oauthcc_store_reply_t  *reply;

    oauthcc_fuzz_starve();
    reader = oauthcc_store_reply_reader();

    if (oauthcc_fuzz_starved() && reader == NULL) {
        return NGX_ERROR;
    }

    oauthcc_fuzz_check(reader != NULL);

    failed = 0;

    n = 0;
    *sum = 0;
    pos = fuzz->pos;
    len = first;

    for ( ;; ) {
        oauthcc_fuzz_starve();
        rc = oauthcc_store_reply_feed(reader, pos, len);
        failed |= oauthcc_fuzz_starved();

        while (rc == NGX_OK) {
            oauthcc_fuzz_starve();
            rc = oauthcc_store_reply_next(reader, &reply);
            failed |= oauthcc_fuzz_starved();

            if (rc == NGX_OK) {
                n++;
                oauthcc_fuzz_reply(reply, sum);
                oauthcc_store_reply_free(reply);
            }
        }

        pos += len;
        len = fuzz->last - pos;

        if (rc == NGX_ERROR || len == 0) {
            break;
        }
    }

    /* of what is too long nothing is read */

    oauthcc_fuzz_check(oauthcc_store_reply_feed(reader, fuzz->pos,
                                                OAUTHCC_STORE_REPLY_MAX + 1)
                       == NGX_ERROR);

    oauthcc_store_reply_reader_free(reader);

    return failed ? NGX_ERROR : (ngx_int_t) n;
}


static void
oauthcc_fuzz_reply(oauthcc_store_reply_t *reply, uint64_t *sum)
{
    u_char                   node[OAUTHCC_STORE_MOVED_NODE];
    int64_t                  time;
    ngx_str_t                text;
    ngx_uint_t               i;
    oauthcc_store_news_t     news;
    oauthcc_store_server_t   server;

    *sum = *sum * 31 + reply->type + reply->number + reply->text.len;

    for (i = 0; i < reply->text.len; i++) {
        *sum = *sum * 31 + reply->text.data[i];
    }

    oauthcc_fuzz_check(reply->nelements <= OAUTHCC_STORE_REPLY_ELEMENTS);

    for (i = 0; i < 16; i++) {
        (void) oauthcc_store_hello_check(i, reply, &time);

        if (oauthcc_store_reply_text(reply, i, &text)) {
            (void) oauthcc_store_watch_read(&text, 1, &news);
        }

        (void) oauthcc_store_reply_number(reply, i, &time);
    }

    if (reply->type == OAUTHCC_STORE_REPLY_ERROR) {
        ngx_memzero(&server, sizeof(oauthcc_store_server_t));

        if (oauthcc_store_moved_read(&reply->text, &server, node) == NGX_OK) {
            oauthcc_fuzz_check(server.port != 0);
            oauthcc_fuzz_check(oauthcc_fuzz_word(&server.host));
        }
    }

    for (i = 0; i < reply->nelements; i++) {
        oauthcc_fuzz_check(reply->elements[i] != NULL);
        oauthcc_fuzz_reply(reply->elements[i], sum);
    }
}
