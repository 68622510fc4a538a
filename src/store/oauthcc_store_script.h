
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_STORE_SCRIPT_H_INCLUDED_
#define _OAUTHCC_STORE_SCRIPT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "store/oauthcc_store_types.h"


/* milliseconds a lease lives without being renewed, and between renewals */
#define OAUTHCC_STORE_SCRIPT_LEASE  3000
#define OAUTHCC_STORE_SCRIPT_RENEW  1000

/* arguments of a script at most */
#define OAUTHCC_STORE_SCRIPT_ARGS   8

/* words of its command: EVALSHA, SHA1, 3, three keys, arguments */
#define OAUTHCC_STORE_SCRIPT_WORDS  (6 + OAUTHCC_STORE_SCRIPT_ARGS)


/* the steps; each is one script, which the store runs at once */

typedef enum {
    OAUTHCC_STORE_SCRIPT_ASK = 0,
    OAUTHCC_STORE_SCRIPT_PUT,
    OAUTHCC_STORE_SCRIPT_FAIL,
    OAUTHCC_STORE_SCRIPT_RENEW_LEASE,
    OAUTHCC_STORE_SCRIPT_RELEASE,
    OAUTHCC_STORE_SCRIPT_PURGE,
    OAUTHCC_STORE_SCRIPTS
} oauthcc_store_script_e;


/* names of an entry in the store, with their memory */

typedef struct {
    ngx_str_t  token;
    ngx_str_t  lease;
    ngx_str_t  account;
    u_char    *memory;
} oauthcc_store_script_keys_t;


/* The text of a script. */
ngx_str_t *oauthcc_store_script_text(oauthcc_store_script_e script);

/*
 * The words of the command that runs a script with these keys, which live as
 * long as the keys and the arguments do; returns their number.  words has room
 * for OAUTHCC_STORE_SCRIPT_WORDS.
 */
ngx_uint_t oauthcc_store_script_words(oauthcc_store_script_e script,
    oauthcc_store_script_keys_t *keys, ngx_str_t *args, ngx_uint_t nargs,
    ngx_str_t *words);

/* Makes the names, memory of ngx_alloc() in keys->memory; NGX_ERROR: none. */
ngx_int_t oauthcc_store_script_keys(oauthcc_store_t *store, u_char *account,
    u_char *entry, oauthcc_store_script_keys_t *keys);

/* The name of the channel, in the pool. */
ngx_int_t oauthcc_store_script_channel(ngx_pool_t *pool, ngx_str_t *prefix,
    ngx_str_t *channel);


#endif /* _OAUTHCC_STORE_SCRIPT_H_INCLUDED_ */
