
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_STORE_VALUE_H_INCLUDED_
#define _OAUTHCC_STORE_VALUE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "store/oauthcc_store.h"


/*
 * What is stored: a header of 68 ASCII bytes, which scripts read, and the
 * sealed payload.
 *
 *     offset len                           offset len
 *      0      1  format, "1"               41     13  made: store ms, decimal
 *      1      8  id of the key, hex        54     13  ends: store ms, decimal
 *      9     16  version, hex              67      1  "f": a forced login, "-"
 *     25     16  epochs of account, entry  68         sealed, see store_seal
 */

#define OAUTHCC_STORE_VALUE_HEADER  68


/* the parts of a header that a gateway does not use as they are */

typedef struct {
    uint32_t  epoch[2];
    int64_t   made;   /* store's time: begin of its login, */
    int64_t   ends;   /* and of its end */
} oauthcc_store_value_times_t;


/*
 * Makes the text that is stored under a name, in the pool.  NGX_DECLINED: it
 * is too long; NGX_ERROR: no memory, or OpenSSL has failed.
 */
ngx_int_t oauthcc_store_value_write(ngx_pool_t *pool, oauthcc_store_t *store,
    ngx_str_t *name, oauthcc_store_value_t *value,
    oauthcc_store_value_times_t *times, ngx_str_t *text);

/*
 * Reads it; of the value, the points in time are left to the caller.
 * NGX_DECLINED: none of our keys opens it, or it is not what write() makes.
 */
ngx_int_t oauthcc_store_value_read(ngx_pool_t *pool, oauthcc_store_t *store,
    ngx_str_t *name, ngx_str_t *text, oauthcc_store_value_t *value,
    oauthcc_store_value_times_t *times);


#endif /* _OAUTHCC_STORE_VALUE_H_INCLUDED_ */
