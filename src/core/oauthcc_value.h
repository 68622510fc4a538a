
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_VALUE_H_INCLUDED_
#define _OAUTHCC_VALUE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


typedef enum {
    OAUTHCC_VALUE_LITERAL = 0,
    OAUTHCC_VALUE_FILE,
    OAUTHCC_VALUE_ENV
} oauthcc_value_e;


/* a value of the configuration; lives as long as the pool it was read into */

typedef struct {
    oauthcc_value_e  type;
    ngx_str_t        text;    /* the bytes themselves */
    ngx_str_t        source;  /* the path, or the name */

    /* of a file: its identity when it was read, and the buffer of a worker */
    ngx_file_info_t  info;
    ngx_pool_t      *pool;
    ngx_uint_t       stale;   /* it is another one, and cannot be read */
    char            *odd;     /* what may have been left in it, or NULL */
    ngx_uint_t       line;    /* must not contain control characters */
} oauthcc_value_t;


/* a param or header directive; life of the provider */

typedef struct {
    ngx_str_t        name;
    oauthcc_value_t  value;
} oauthcc_named_t;


/* an assertion_claim directive; life of the provider */

typedef struct {
    ngx_str_t        name;
    oauthcc_value_t  value;
    ngx_uint_t       json;   /* no string */
} oauthcc_claim_t;


#define OAUTHCC_VALUE_MAX_FILE  65536


/*
 * Reads "literal", "literal:...", "file:PATH" or "env:NAME" from arg.  A
 * relative path is taken from prefix, the folder of the configuration file.
 * A file is opened without blocking, must be a regular one of at most 64 KiB,
 * and loses its last line end; what is left must not be empty.
 *
 * NGX_OK, or NGX_DECLINED with a text for the user in *err (pool memory: it
 * names the source and the system's error, never the value), or NGX_ERROR
 * when memory runs out.
 */
ngx_int_t oauthcc_value_read(ngx_pool_t *pool, ngx_log_t *log,
    ngx_str_t *prefix, ngx_str_t *arg, oauthcc_value_t *value, ngx_str_t *err);

/*
 * Reads the file of a value again if its device, inode, size or time has
 * changed.  Returns 1 if the value has changed.  If the file cannot be read,
 * the value stays, and is stale.
 */
ngx_uint_t oauthcc_value_reread(oauthcc_value_t *value, ngx_log_t *log);

/*
 * Whether the file of a value has changed and cannot be read, and why, as a
 * text in the pool.
 */
ngx_uint_t oauthcc_value_stale(oauthcc_value_t *value, ngx_pool_t *pool,
    ngx_str_t *err);

/*
 * Wipes a value that was read again, and leaves it without a text; for the end
 * of a worker.
 */
void oauthcc_value_free(oauthcc_value_t *value);


#endif /* _OAUTHCC_VALUE_H_INCLUDED_ */
