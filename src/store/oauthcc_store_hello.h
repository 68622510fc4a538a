
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_STORE_HELLO_H_INCLUDED_
#define _OAUTHCC_STORE_HELLO_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "store/oauthcc_store_reply.h"
#include "store/oauthcc_store_script.h"
#include "store/oauthcc_store_types.h"


/*
 * The first commands of a connection, sent in one flight, before it is used:
 * who we are, whether this server may be written to, its clock, the scripts,
 * and that they run.
 */

/* words of a command at most */
#define OAUTHCC_STORE_HELLO_WORDS  OAUTHCC_STORE_SCRIPT_WORDS


/*
 * The words of the command of a step, from 0.  Returns their number; 0: this
 * step is not needed; NGX_DONE: there are no more.  keys are those of the
 * probe.
 */
ngx_int_t oauthcc_store_hello_words(oauthcc_store_t *store,
    oauthcc_store_server_t *server, ngx_uint_t subscriber, ngx_uint_t step,
    oauthcc_store_script_keys_t *keys, ngx_str_t *words);

/*
 * Judges the reply of a step.  NULL: go on; else why the server cannot be
 * used.  *time becomes the store's in milliseconds by the step that asks for
 * it.
 */
char *oauthcc_store_hello_check(ngx_uint_t step,
    oauthcc_store_reply_t *reply, int64_t *time);

/*
 * Why the server cannot be used, if an error says so; NULL: it is an error of
 * this command.  No text of the server is shown: it may repeat what it was
 * sent.
 */
char *oauthcc_store_hello_reason(oauthcc_store_reply_t *reply);


#endif /* _OAUTHCC_STORE_HELLO_H_INCLUDED_ */
