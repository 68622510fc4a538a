
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_text.h"
#include "store/oauthcc_store_hello.h"


/* the last second whose milliseconds have 13 digits */
#define OAUTHCC_STORE_HELLO_LAST  9999999999


typedef enum {
    OAUTHCC_STORE_HELLO_AUTH = 0,
    OAUTHCC_STORE_HELLO_SELECT,
    OAUTHCC_STORE_HELLO_NAME,
    OAUTHCC_STORE_HELLO_ROLE,
    OAUTHCC_STORE_HELLO_SUBSCRIBE,
    OAUTHCC_STORE_HELLO_LOAD,
    OAUTHCC_STORE_HELLO_PROBE = OAUTHCC_STORE_HELLO_LOAD
                                + OAUTHCC_STORE_SCRIPTS,
    OAUTHCC_STORE_HELLO_TIME,
    OAUTHCC_STORE_HELLO_END
} oauthcc_store_hello_e;


/* what a server may say instead of a reply, and what that means */

typedef struct {
    char  *word;
    char  *reason;
} oauthcc_store_hello_error_t;


static char *oauthcc_store_hello_refused(oauthcc_store_reply_t *reply);
static char *oauthcc_store_hello_role(oauthcc_store_reply_t *reply);
static char *oauthcc_store_hello_time(oauthcc_store_reply_t *reply,
    int64_t *time);


static oauthcc_store_hello_error_t  oauthcc_store_hello_errors[] = {
    { "NOAUTH", "it wants a password" },
    { "WRONGPASS", "it rejects the password" },
    { "NOPERM", "its ACL does not permit a command, a key or the channel" },
    { "LOADING", "it is loading its data" },
    { "READONLY", "it is a replica" },
    { "MASTERDOWN", "it is a replica without its master" },
    { "CLUSTERDOWN", "its cluster is down" },
    { "BUSY", "it is busy with a script" },
    { "OOM", "its memory is full" },
    { "MISCONF", "it cannot save its data and accepts no writes" },
    { "NOREPLICAS", "it has too few replicas and accepts no writes" },
    { NULL, NULL }
};


ngx_int_t
oauthcc_store_hello_words(oauthcc_store_t *store,
    oauthcc_store_server_t *server, ngx_uint_t subscriber, ngx_uint_t step,
    oauthcc_store_script_keys_t *keys, ngx_str_t *words)
{
    ngx_str_t  args[2], *user;

    switch (step) {

    case OAUTHCC_STORE_HELLO_AUTH:

        if (store->password.text.len == 0) {
            return 0;
        }

        user = server->user.len ? &server->user : &store->user;

        ngx_str_set(&words[0], "AUTH");

        if (user->len == 0) {
            words[1] = store->password.text;
            return 2;
        }

        words[1] = *user;
        words[2] = store->password.text;

        return 3;

    case OAUTHCC_STORE_HELLO_SELECT:

        if (server->database.len == 0) {
            return 0;
        }

        ngx_str_set(&words[0], "SELECT");
        words[1] = server->database;

        return 2;

    case OAUTHCC_STORE_HELLO_NAME:
        ngx_str_set(&words[0], "CLIENT");
        ngx_str_set(&words[1], "SETNAME");
        ngx_str_set(&words[2], "oauthcc");

        return 3;

    case OAUTHCC_STORE_HELLO_ROLE:
        ngx_str_set(&words[0], "ROLE");

        return 1;

    case OAUTHCC_STORE_HELLO_SUBSCRIBE:

        if (!subscriber) {
            return 0;
        }

        ngx_str_set(&words[0], "SUBSCRIBE");
        words[1] = store->channel;

        return 2;

    case OAUTHCC_STORE_HELLO_END:
        return NGX_DONE;

    default:
        break;
    }

    if (subscriber) {
        return 0;
    }

    if (step == OAUTHCC_STORE_HELLO_TIME) {
        ngx_str_set(&words[0], "TIME");
        return 1;
    }

    if (step == OAUTHCC_STORE_HELLO_PROBE) {

        /* of a lease that nobody has; a node of a cluster says where it is */

        ngx_str_set(&args[0], "probe");
        ngx_str_set(&args[1], "1");

        return oauthcc_store_script_words(OAUTHCC_STORE_SCRIPT_RENEW_LEASE,
                                          keys, args, 2, words);
    }

    ngx_str_set(&words[0], "SCRIPT");
    ngx_str_set(&words[1], "LOAD");
    words[2] = *oauthcc_store_script_text(step - OAUTHCC_STORE_HELLO_LOAD);

    return 3;
}


char *
oauthcc_store_hello_check(ngx_uint_t step, oauthcc_store_reply_t *reply,
    int64_t *time)
{
    if (step == OAUTHCC_STORE_HELLO_NAME) {
        return NULL;
    }

    if (reply->type == OAUTHCC_STORE_REPLY_ERROR) {
        return step == OAUTHCC_STORE_HELLO_AUTH
               ? "it rejects the password"
               : oauthcc_store_hello_refused(reply);
    }

    switch (step) {

    case OAUTHCC_STORE_HELLO_ROLE:
        return oauthcc_store_hello_role(reply);

    case OAUTHCC_STORE_HELLO_TIME:
        return oauthcc_store_hello_time(reply, time);

    default:
        return NULL;
    }
}


/* A replica would answer with what it does not know to be outdated. */

static char *
oauthcc_store_hello_role(oauthcc_store_reply_t *reply)
{
    ngx_str_t  role;

    if (!oauthcc_store_reply_text(reply, 0, &role)) {
        return "it does not tell its role";
    }

    if (oauthcc_text_is(&role, "master")) {
        return NULL;
    }

    return oauthcc_text_is(&role, "slave") ? "it is a replica"
           : oauthcc_text_is(&role, "sentinel") ? "it is a Sentinel"
           : "it is no master";
}


static char *
oauthcc_store_hello_time(oauthcc_store_reply_t *reply, int64_t *time)
{
    off_t      sec, usec;
    ngx_str_t  text[2];

    if (!oauthcc_store_reply_text(reply, 0, &text[0])
        || !oauthcc_store_reply_text(reply, 1, &text[1]))
    {
        return "it does not tell its time";
    }

    sec = ngx_atoof(text[0].data, text[0].len);
    usec = ngx_atoof(text[1].data, text[1].len);

    if (sec < 0 || usec < 0 || usec > 999999
        || sec > OAUTHCC_STORE_HELLO_LAST)
    {
        return "it does not tell its time";
    }

    *time = (int64_t) sec * 1000 + usec / 1000;

    return NULL;
}


static char *
oauthcc_store_hello_refused(oauthcc_store_reply_t *reply)
{
    char  *reason;

    reason = oauthcc_store_hello_reason(reply);

    return reason ? reason : "it refuses a command";
}


char *
oauthcc_store_hello_reason(oauthcc_store_reply_t *reply)
{
    u_char                       *p;
    ngx_uint_t                    in;
    oauthcc_store_hello_error_t  *error;

    for (error = oauthcc_store_hello_errors; error->word; error++) {

        if (oauthcc_store_reply_error(reply, error->word)) {
            break;
        }

        /* before Redis 7, of a command in a script: "ERR Error ...: -OOM " */

        p = ngx_strstrn(reply->text.data, error->word,
                        ngx_strlen(error->word) - 1);
        in = (p && p >= reply->text.data + 2 && p[-1] == '-' && p[-2] == ' ');

        if (in && oauthcc_store_reply_error(reply, "ERR")) {
            break;
        }
    }

    return error->reason;
}
