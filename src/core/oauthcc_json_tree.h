
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_JSON_TREE_H_INCLUDED_
#define _OAUTHCC_JSON_TREE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <jansson.h>


/* JSON trees that may contain secrets. */


/*
 * As json_loadb(), which without memory may leave out a byte of what it reads,
 * or abort.  NGX_DECLINED: it is no valid JSON, error says why.  NGX_ERROR: an
 * allocation has failed.  Without NGX_OK the root is NULL.
 */
ngx_int_t oauthcc_json_tree_load(json_t **root, u_char *text, size_t len,
    size_t flags, json_error_t *error);

/*
 * The same, but integers of more than 64 bits are no error: all integers are
 * reals then.
 */
ngx_int_t oauthcc_json_tree_load_wide(json_t **root, u_char *text, size_t len,
    size_t flags, json_error_t *error);

/*
 * How many digits (from "digits" to 17) the reals of a tree need to read back
 * as the same values, so that 0.1 is written as 0.1; 0: no memory.  Each is
 * tried alone: a parser leaves in memory what it reads.
 */
ngx_uint_t oauthcc_json_tree_digits(json_t *value, ngx_uint_t digits);

/*
 * Why a body is no valid JSON.  jansson's own message would quote the text
 * near the error.
 */
char *oauthcc_json_tree_reason(json_error_t *error);

/* Frees a tree and wipes its strings. */
void oauthcc_json_tree_free(json_t *root);


#endif /* _OAUTHCC_JSON_TREE_H_INCLUDED_ */
